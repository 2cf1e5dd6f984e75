"""Followed schedules and due runs in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from pim.base.jobs.model import QUEUED
from pim.base.jobs.tables import JobRow
from pim.delivery.schedules.tables import DueRunRow, FollowedScheduleRow
from pim.intake import store as intake_store
from pim.intake.tables import ImportRow
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.store import head_revision

SLOT, IMPORT, RELEASE = "slot", "import", "release"

LOOK_BACK = timedelta(days=30)
"""How long ago an import may have ended to count still, and at least how long due runs are remembered."""


def followed(session: Session, export: str, at: datetime) -> FollowedScheduleRow:
    """Locked. A schedule that is new is followed from now on."""
    new = FollowedScheduleRow(export=export, slots_until=at, released_until=head_revision(session), imports_since=at)
    session.execute(insert(FollowedScheduleRow).values(new.model_dump()).on_conflict_do_nothing())
    query = select(FollowedScheduleRow).where(col(FollowedScheduleRow.export) == export).with_for_update()
    found: FollowedScheduleRow = session.execute(query).scalar_one()
    return found


def find_followed(session: Session, export: str) -> FollowedScheduleRow | None:
    return session.get(FollowedScheduleRow, export)


def add_due(session: Session, export: str, kind: str, subject: str, due_at: datetime) -> None:
    """Once, whoever finds it."""
    values = {"export": export, "kind": kind, "subject": subject, "due_at": due_at, "job_id": None}
    session.execute(insert(DueRunRow).values(values).on_conflict_do_nothing())


def released(session: Session, after: int, until: int) -> int | None:
    """The newest revision in (after, until] by which a draft was applied, or ended."""
    columns = (col(DraftRow.revision), col(DraftRow.ended_revision))
    among = [column.between(after + 1, until) for column in columns]
    query = select(*columns).where(or_(*among))
    found = [number for row in session.execute(query) for number in row if number and after < number <= until]
    return max(found, default=None)


def ended_imports(session: Session, since: datetime) -> Sequence[tuple[int, datetime]]:
    """(id, when) of imports that came to their end after `since`."""
    row = ImportRow
    query = select(col(row.id), col(row.finished_at))
    query = query.where(col(row.state) == intake_store.DONE, col(row.finished_at) > since).order_by(col(row.id))
    return [(found[0], found[1]) for found in session.execute(query)]


def waiting(session: Session, export: str | None = None) -> Sequence[DueRunRow]:
    """What no job runs yet."""
    query = select(DueRunRow).where(col(DueRunRow.job_id).is_(None))
    if export is not None:
        query = query.where(col(DueRunRow.export) == export)
    return session.execute(query.order_by(col(DueRunRow.export), col(DueRunRow.due_at))).scalars().all()


def drop_waiting(session: Session, export: str) -> None:
    session.execute(delete(DueRunRow).where(col(DueRunRow.export) == export, col(DueRunRow.job_id).is_(None)))


def paused_exports(session: Session) -> set[str]:
    query = select(col(FollowedScheduleRow.export)).where(col(FollowedScheduleRow.paused_by).is_not(None))
    return set(session.execute(query).scalars())


def drop_asked(session: Session, job_id: int, exports: Sequence[str]) -> None:
    """What the job was asked for is passed over."""
    asked = delete(DueRunRow).where(col(DueRunRow.job_id) == job_id, col(DueRunRow.export).in_(exports))
    session.execute(asked)


def waits_again(session: Session, job_id: int, exports: Sequence[str]) -> None:
    """What the job was asked for has not happened."""
    asked = update(DueRunRow).where(col(DueRunRow.job_id) == job_id, col(DueRunRow.export).in_(exports))
    session.execute(asked.values(job_id=None))


def jobs_to_begin(session: Session, kind: str) -> Sequence[JobRow]:
    """Those of this kind that no worker has begun yet, oldest first; locked, so that none begins meanwhile."""
    query = select(JobRow).where(col(JobRow.kind) == kind, col(JobRow.state) == QUEUED, col(JobRow.attempts) == 0)
    return session.execute(query.order_by(col(JobRow.id)).with_for_update()).scalars().all()


def last_due(session: Session, export: str) -> tuple[DueRunRow, JobRow | None] | None:
    """The newest that was given to a job, with the job while it is remembered."""
    query = select(DueRunRow, JobRow).outerjoin(JobRow, col(JobRow.id) == col(DueRunRow.job_id))
    query = query.where(col(DueRunRow.export) == export, col(DueRunRow.job_id).is_not(None))
    found = session.execute(query.order_by(col(DueRunRow.due_at).desc()).limit(1)).first()
    return (found[0], found[1]) if found else None


def sweep_due_runs(session: Session, at: datetime) -> None:
    """What is long over; the newest of each export stays."""
    newest = select(func.max(col(DueRunRow.due_at))).group_by(col(DueRunRow.export))
    old = (col(DueRunRow.due_at) < at - 2 * LOOK_BACK, col(DueRunRow.job_id).is_not(None))
    session.execute(delete(DueRunRow).where(*old, col(DueRunRow.due_at).not_in(newest)))
