"""Jobs in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, update
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.jobs.model import RUNNING, STATES
from pim.base.jobs.tables import JobRow
from pim.base.notifications import notify

JOBS = "pim_job"
"""Told the id of every job that changes, when the change is committed."""


def get_job(session: Session, job_id: int, author: str | None = None) -> JobRow:
    """Raises NotFound, also for the job of another author when one is given."""
    row = session.get(JobRow, job_id)
    if row is None or author not in (None, row.author):
        raise NotFound(f"job {job_id} does not exist")
    return row


def locked_job(session: Session, job_id: int) -> JobRow | None:
    query = select(JobRow).where(col(JobRow.id) == job_id).with_for_update()
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one_or_none()


def change(session: Session, row: JobRow, **values: Any) -> None:
    """Whoever changes a job holds its lock (`locked_job`), and everybody who watches it hears of it."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    session.add(row)
    tell(session, row.id)


def report(session: Session, job_id: int, attempt: int, **values: Any) -> bool | None:
    """What a running attempt says of itself; whether somebody wants it to stop, None when it is no longer the one."""
    own = (col(JobRow.id) == job_id, col(JobRow.attempts) == attempt, col(JobRow.state) == RUNNING)
    said = update(JobRow).where(*own).values(version=JobRow.version + 1, **values)
    stop: bool | None = session.execute(said.returning(col(JobRow.cancel_requested))).scalar_one_or_none()
    tell(session, job_id)
    return stop


def tell(session: Session, job_id: int) -> None:
    notify(session, JOBS, str(job_id))


def jobs_of(author: str | None = None, states: Sequence[str] = (), kinds: Sequence[str] = ()) -> Select[JobRow]:
    """Newest first, to be narrowed. Raises InvalidInput for a state that does not exist."""
    if unknown := [one for one in states if one not in STATES]:
        raise InvalidInput([Violation("state", "unknown", f"State `{unknown[0]}` does not exist; {known(STATES)}")])
    query = select(JobRow).order_by(col(JobRow.id).desc())
    if author is not None:
        query = query.where(col(JobRow.author) == author)
    if states:
        query = query.where(col(JobRow.state).in_(states))
    if kinds:
        query = query.where(col(JobRow.kind).in_(kinds))
    return query
