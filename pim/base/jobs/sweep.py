"""Forgetting jobs that ended long ago."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from pim.base.jobs.model import DONE, QUICK
from pim.base.jobs.tables import JobRow

KEPT = timedelta(days=30)
QUICK_KEPT = timedelta(hours=1)
"""What catches up by itself, many times a day, interests nobody once it is done."""


def sweep_jobs(session: Session, at: datetime) -> None:
    session.execute(delete(JobRow).where(col(JobRow.finished) < at - KEPT))
    quick = (col(JobRow.queue) == QUICK, col(JobRow.state) == DONE)
    session.execute(delete(JobRow).where(*quick, col(JobRow.finished) < at - QUICK_KEPT))
