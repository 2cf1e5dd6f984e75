"""Taking back what was asked for."""

from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.errors import Conflict, NotFound
from pim.base.jobs import queue
from pim.base.jobs.model import CANCELLED, ENDED
from pim.base.jobs.store import change, locked_job
from pim.base.jobs.tables import JobRow


def cancel_job(session: Session, job_id: int, clock: Clock = now) -> JobRow:
    """One that waits never begins; one that runs stops where it may be left, which may take a moment.

    Raises NotFound, and Conflict for a job that has ended.
    """
    row = locked_job(session, job_id)
    if row is None:
        raise NotFound(f"job {job_id} does not exist")
    if row.state in ENDED:
        raise Conflict(f"job {job_id} has ended already ({row.state}); what it did cannot be cancelled")
    if queue.cancel(session, job_id):
        change(session, row, state=CANCELLED, cancel_requested=True, finished=clock())
    elif not row.cancel_requested:
        change(session, row, cancel_requested=True)
    return row
