"""Procrastinate's queue, used inside our own transactions."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from procrastinate import exceptions, sql
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy import text
from sqlmodel import Session

from pim.base.notifications import notify

TASK = "pim.perform_job"
"""The one task that procrastinate knows of: it looks up our row with the job's id."""

_connector = SyncPsycopgConnector()  # without a pool: every call is given its connection
_manager = JobManager(_connector)


def enqueue(
    session: Session, queue: str, lock: str | None, queueing_lock: str | None, at: datetime | None = None
) -> int:
    """The id of a new job, or of the one that waits under this queueing lock already."""
    while queueing_lock is not None:
        waiting = _waiting(session, queue, queueing_lock)
        if waiting is not None:
            return waiting
        try:
            with session.begin_nested():
                return _defer(session, queue, lock, queueing_lock, at)
        except exceptions.AlreadyEnqueued:
            continue  # by somebody who committed between the two
    return _defer(session, queue, lock, None, at)


def cancel(session: Session, job_id: int) -> bool:
    """Whether it waited and is gone. A running one is told to stop."""
    deleted = text("DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'todo' RETURNING id")
    if session.execute(deleted, {"id": job_id}).first():
        return True
    _manager.cancel_job_by_id(job_id, abort=True, connection=_raw(session))
    return False


def stalled(session: Session, silent_for: float) -> list[int]:
    """Jobs of workers that have not been heard of for so many seconds, locked."""
    rows = _ask(
        session, "select_stalled_jobs_by_heartbeat", seconds_since_heartbeat=silent_for, queue=None, task_name=None
    )
    query = text(
        "SELECT id FROM procrastinate_jobs WHERE id = ANY(:ids) AND status = 'doing' ORDER BY id FOR UPDATE SKIP LOCKED"
    )
    return list(session.execute(query, {"ids": [row["id"] for row in rows]}).scalars())


def living_lanes(session: Session, silent_for: float) -> int:
    """Lanes of workers that were heard of in the last so many seconds."""
    query = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :s)")
    return int(session.execute(query, {"s": silent_for}).scalar_one())


def put_back(session: Session, job_id: int, queue: str) -> None:
    unchanged = {"retry_at": None, "new_priority": None, "new_queue_name": None, "new_lock": None}
    _ask(session, "retry_job", job_id=job_id, **unchanged)
    wake(session, job_id, queue)


def drop(session: Session, job_id: int) -> None:
    _ask(session, "finish_job", job_id=job_id, status="failed", delete_job=True)


def wake(session: Session, job_id: int, queue: str) -> None:
    """Procrastinate tells of new jobs only; this tells of one that waits again."""
    payload = json.dumps({"type": "job_inserted", "job_id": job_id})
    notify(session, f"procrastinate_queue_v1#{queue}", payload)


def lost(session: Session, states: Sequence[str]) -> list[int]:
    """Our rows in these states that no worker will ever be given."""
    query = text(
        "SELECT job.id FROM job LEFT JOIN procrastinate_jobs AS queued"
        " ON queued.id = job.id AND queued.status IN ('todo', 'doing')"
        " WHERE job.state = ANY(:states) AND queued.id IS NULL"
    )
    return list(session.execute(query, {"states": list(states)}).scalars())


def _waiting(session: Session, queue: str, queueing_lock: str) -> int | None:
    """Locked: no worker takes it before what it shall see is committed; then a worker is woken, having passed it by."""
    query = text("SELECT id FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo' LIMIT 1 FOR SHARE")
    found: int | None = session.execute(query, {"lock": queueing_lock}).scalar_one_or_none()
    if found is not None:
        wake(session, found, queue)
    return found


def _defer(session: Session, queue: str, lock: str | None, queueing_lock: str | None, at: datetime | None) -> int:
    job = Job(queue=queue, lock=lock, queueing_lock=queueing_lock, task_name=TASK, scheduled_at=at)
    job_id = _manager.defer_job(job, connection=_raw(session)).id
    assert job_id is not None
    return job_id


def _ask(session: Session, query: str, **arguments: Any) -> list[dict[str, Any]]:
    return _connector.execute_query_all_with_connection(_raw(session), query=sql.queries[query], **arguments)


def _raw(session: Session) -> Any:
    """The psycopg connection of the session's transaction."""
    return session.connection().connection.driver_connection
