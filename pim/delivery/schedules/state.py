"""How it stands with an export's automatic runs, for people; and stopping and starting them."""

from datetime import datetime

import msgspec
from sqlmodel import Session

from pim.base.errors import Conflict, NotFound, known
from pim.base.jobs.tables import JobRow
from pim.base.settings import Settings
from pim.delivery.schedules import store
from pim.delivery.schedules.definitions import Scheduled, scheduled_export, scheduled_exports
from pim.delivery.schedules.tables import DueRunRow, FollowedScheduleRow
from pim.exports.schedule import next_slot
from pim.intake.store import open_imports
from pim.syndication.run_export import export_names
from pim.versioning.store import head_revision


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """`because`: slot, import or release, and which one. `state` is its job's; None when that is forgotten."""

    due: datetime
    because: str
    subject: str
    job: int | None
    state: str | None
    finished: datetime | None
    message: str | None


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    at: datetime
    comment: str | None


class ScheduleState(msgspec.Struct, frozen=True, kw_only=True):
    """`next_run` is the next slot; None while the export is paused, and where it only comes after something.
    `due_since` is when something fell due that no run has begun for; `waits_for` why it has not."""

    export: str
    cron: list[str]
    timezone: str
    after: list[str]
    next_run: datetime | None
    due_since: datetime | None
    waits_for: str | None
    last_run: LastRun | None
    paused: Pause | None


def schedule_states(session: Session, settings: Settings, at: datetime) -> list[ScheduleState]:
    """Of every export that has a schedule, by name."""
    exports, _ = scheduled_exports(settings.exports_folder)
    return [_state(session, export, at) for export in exports.values()]


def schedule_state(session: Session, settings: Settings, name: str, at: datetime) -> ScheduleState:
    """Raises NotFound for an export that does not exist, or has no schedule."""
    return _state(session, _require_scheduled(settings, name), at)


def pause(
    session: Session, settings: Settings, name: str, by: str, at: datetime, comment: str | None = None
) -> FollowedScheduleRow:
    """No automatic run begins until somebody resumes; what is due by now is passed over. Raises Conflict."""
    row = _followed(session, settings, name, at)
    if row.paused_by is not None and row.paused_at is not None:
        raise Conflict(f"export `{name}` is paused already, by {row.paused_by} since {row.paused_at.isoformat()}")
    row.paused_by, row.paused_at, row.pause_comment = by, at, comment
    store.drop_waiting(session, name)
    session.add(row)
    return row


def resume(session: Session, settings: Settings, name: str, at: datetime) -> FollowedScheduleRow:
    """Automatic runs begin with what falls due from now on. Raises Conflict for an export that is not paused."""
    row = _followed(session, settings, name, at)
    if row.paused_by is None:
        raise Conflict(f"export `{name}` is not paused")
    row.paused_by, row.paused_at, row.pause_comment = None, None, None
    row.slots_until, row.released_until, row.imports_since = at, head_revision(session), at
    session.add(row)
    return row


def _followed(session: Session, settings: Settings, name: str, at: datetime) -> FollowedScheduleRow:
    _require_scheduled(settings, name)
    return store.followed(session, name, at)


def _require_scheduled(settings: Settings, name: str) -> Scheduled:
    there = export_names(settings)
    if name not in there:
        raise NotFound(f"export `{name}` does not exist; {known(there)}")
    found = scheduled_export(settings.exports_folder / name)
    if found is None:
        raise NotFound(f"export `{name}` has no schedule; give it one in its export.yaml, or run it by hand")
    return found


def _state(session: Session, export: Scheduled, at: datetime) -> ScheduleState:
    row = store.find_followed(session, export.name)
    paused, last = _pause(row), store.last_due(session, export.name)
    due_since = min((due.due_at for due in store.waiting(session, export.name)), default=None)
    return ScheduleState(
        export=export.name,
        cron=export.schedule.cron,
        timezone=export.zone,
        after=list(export.schedule.after),
        next_run=None if paused else next_slot(export.schedule, export.zone, at),
        due_since=due_since,
        waits_for=_waits_for(session) if due_since else None,
        last_run=_last_run(last),
        paused=paused,
    )


def _pause(row: FollowedScheduleRow | None) -> Pause | None:
    if row is None or row.paused_by is None or row.paused_at is None:
        return None
    return Pause(by=row.paused_by, at=row.paused_at, comment=row.pause_comment)


def _waits_for(session: Session) -> str:
    opened = next(iter(open_imports(session)), None)
    if opened is None:
        return "a worker"
    return f"import {opened.id} of {opened.source}, open since {opened.started_at.isoformat()}"


def _last_run(last: tuple[DueRunRow, JobRow | None] | None) -> LastRun | None:
    if last is None:
        return None
    due, job = last
    return LastRun(
        due=due.due_at, because=due.kind, subject=due.subject, job=due.job_id, state=job.state if job else None,
        finished=job.finished if job else None, message=job.error if job else None,
    )  # fmt: skip
