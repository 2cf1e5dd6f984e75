"""Taking over from workers that died: found by their silence, whatever ended them."""

from sqlalchemy import text
from sqlmodel import Session

from pim.base.clock import Clock
from pim.base.database import Database
from pim.base.jobs import queue
from pim.base.jobs.model import CANCELLED, ENDED, FAILED, MOST_ATTEMPTS, QUEUED, RUNNING
from pim.base.jobs.store import change, locked_job

_LOCK = 0x6A6F62  # "job": the advisory lock of whoever looks after the dead


def recover_jobs(database: Database, silent_for: float, clock: Clock) -> int:
    """Puts back the jobs of workers silent for so many seconds; gives up those that were tried often enough. One worker
    at a time does it. Returns how many jobs changed."""
    with database.session() as session:
        if not session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            return 0
        dead = queue.stalled(session, silent_for)
        for job_id in dead:
            _put_back_or_end(session, job_id, clock)
        lost = queue.lost(session, [QUEUED, RUNNING])
        for job_id in lost:
            _end_lost(session, job_id, clock)
    return len(dead) + len(lost)


def _put_back_or_end(session: Session, job_id: int, clock: Clock) -> None:
    row = locked_job(session, job_id)
    if row is None or row.state in ENDED:
        queue.drop(session, job_id)
    elif row.cancel_requested:
        change(session, row, state=CANCELLED, finished=clock())
        queue.drop(session, job_id)
    elif row.attempts >= MOST_ATTEMPTS:
        error = f"given up: begun {row.attempts} times, and each time its worker died (the last: {row.worker})"
        change(session, row, state=FAILED, error=error, finished=clock())
        queue.drop(session, job_id)
    else:
        change(session, row, state=QUEUED, error=f"will be begun again: worker {row.worker} died")
        queue.put_back(session, job_id, row.queue)


def _end_lost(session: Session, job_id: int, clock: Clock) -> None:
    """It cannot be begun any more: somebody emptied the queue by hand, or it was cancelled while it was put back."""
    row = locked_job(session, job_id)
    if row is not None and row.state not in ENDED:
        state, error = (
            (CANCELLED, None) if row.cancel_requested else (FAILED, "it is no longer in the queue; ask again")
        )
        change(session, row, state=state, error=error, finished=clock())
