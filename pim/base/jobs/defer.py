"""Asking for background work, inside the transaction that makes it necessary."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.jobs import queue as waiting
from pim.base.jobs.model import LONG, QUEUED
from pim.base.jobs.store import tell
from pim.base.jobs.tables import JobRow


def defer_job(
    session: Session,
    kind: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    by: str,
    lock: str | None = None,
    queueing_lock: str | None = None,
    queue: str = LONG,
    at: datetime | None = None,
    clock: Clock = now,
) -> int:
    """The id of a job that exists exactly if the transaction commits, and is begun moments later or, with
    `at`, not before then.

    Of jobs with the same `lock` one runs at a time, in their order. Of those with the same `queueing_lock` one waits at
    a time: the id may be that of a job that waits already, which will then begin after this transaction.
    """
    job_id = waiting.enqueue(session, queue, lock, queueing_lock, at)
    if session.get(JobRow, job_id) is None:
        row = JobRow(
            id=job_id, kind=kind, queue=queue, arguments=dict(arguments or {}), author=by, state=QUEUED, created=clock()
        )
        session.add(row)
        session.flush()
        tell(session, job_id)
    return job_id
