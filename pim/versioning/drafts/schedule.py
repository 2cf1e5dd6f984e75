"""When a draft comes true by itself, and when it ends. Jobs wait for the times; whether they still may do what they are
for is in the draft."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session

from pim.base.errors import Conflict, InvalidInput, NotFound, Violation
from pim.base.jobs import QUICK, cancel_job, defer_job
from pim.versioning.drafts import store
from pim.versioning.drafts.model import APPLIED, APPROVED, ENDED, PARTLY_ENDED, SCHEDULED
from pim.versioning.drafts.tables import DraftRow

APPLY_DRAFT, END_DRAFT = "apply_draft", "end_draft"


def schedule_draft(
    session: Session,
    code: str,
    starts_at: datetime | None,
    exports: Sequence[str],
    by: str,
    at: datetime,
    ends_at: datetime | None = None,
) -> DraftRow:
    """An approved draft, or one that is scheduled otherwise, is applied at `starts_at` and taken back at `ends_at`; one
    that is applied already is only taken back. Raises Conflict for others, InvalidInput for times that cannot be."""
    draft = store.get_draft(session, code, lock=True)
    _check_times(draft, starts_at, ends_at, at)
    if draft.state == APPLIED:
        _cancel(session, draft.end_job_id)
        draft.ends_at, draft.exports = ends_at, sorted(set(exports)) or draft.exports
        await_end(session, draft, by)
        store.add_event(session, draft, by, at, "scheduled", _told_times(draft))
        return draft
    withdraw(session, draft)
    draft.state, draft.starts_at, draft.ends_at, draft.exports = SCHEDULED, starts_at, ends_at, sorted(set(exports))
    draft.job_id = defer_job(session, APPLY_DRAFT, {"draft": draft.id}, by=by, queue=QUICK, at=starts_at)
    store.add_event(session, draft, by, at, "scheduled", _told_times(draft))
    return draft


def unschedule_draft(session: Session, code: str, by: str, at: datetime) -> DraftRow:
    """One that was scheduled is approved, as it was; one that is applied has no end any more. Raises Conflict for one
    that has no times to come."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state in (ENDED, PARTLY_ENDED) or (draft.state != SCHEDULED and draft.ends_at is None):
        raise Conflict(f"draft `{code}` is {told_state(draft)}, not scheduled")
    if draft.state == SCHEDULED:
        withdraw(session, draft)
        draft.state = APPROVED
    _cancel(session, draft.end_job_id)
    draft.end_job_id, draft.ends_at = None, None
    store.add_event(session, draft, by, at, "unscheduled")
    return draft


def withdraw(session: Session, draft: DraftRow) -> None:
    """Takes the times and the job of a scheduled draft away; whoever does it says what state it is in then."""
    if draft.state == SCHEDULED:
        _cancel(session, draft.job_id)
        forget_times(draft)
        draft.job_id = None


def forget_times(draft: DraftRow) -> None:
    draft.starts_at, draft.ends_at, draft.exports = None, None, []


def await_end(session: Session, draft: DraftRow, by: str) -> None:
    """The job that takes an applied draft back, if it has an end."""
    if draft.ends_at is not None:
        draft.end_job_id = defer_job(session, END_DRAFT, {"draft": draft.id}, by=by, queue=QUICK, at=draft.ends_at)


def told_state(draft: DraftRow) -> str:
    return draft.state.replace("_", " ")


def _cancel(session: Session, job_id: int | None) -> None:
    if job_id is not None:
        with suppress(NotFound, Conflict):  # it is over, and found nothing to do
            cancel_job(session, job_id)


def _check_times(draft: DraftRow, starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> None:
    if draft.state not in (APPROVED, SCHEDULED, APPLIED):
        raise Conflict(f"draft `{draft.code}` is {told_state(draft)}; only an approved one can be scheduled")
    if draft.state == APPLIED and (starts_at is not None or ends_at is None):
        raise Conflict(f"draft `{draft.code}` is applied; only its end can be scheduled: name `until`, and no `at`")
    if draft.state != APPLIED and starts_at is None:
        raise _wrong("at", "required", f"name the time `at` which draft `{draft.code}` shall be applied")
    if starts_at is not None and starts_at <= at:
        raise _wrong("at", "past", f"{starts_at.isoformat()} is over; apply the draft, or name a time to come")
    if ends_at is not None and ends_at <= (starts_at or at):
        bound = f"{starts_at.isoformat()}, when the draft begins" if starts_at else "now"
        raise _wrong("until", "past", f"{ends_at.isoformat()} is not later than {bound}; name a later time")


def _told_times(draft: DraftRow) -> str:
    start = f"for {draft.starts_at.isoformat()}" if draft.starts_at else ""
    end = f"until {draft.ends_at.isoformat()}" if draft.ends_at else ""
    return " ".join(filter(None, ("" if draft.state == APPLIED else start, end)))


def parse_moment(text: str, zone: str, name: str = "at") -> datetime:
    """In UTC. A time without an offset is of `zone`. Raises InvalidInput, also for one that clocks leave out."""
    try:
        of_zone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        message = f"`{zone}` is no time zone; write one like Europe/Paris"
        raise _wrong("zone", "wrong_type", message) from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{text}` is no time; write one like 2026-12-01T00:00 or 2026-12-01T00:00+01:00"
        raise _wrong(name, "wrong_type", message) from None
    try:
        there = (moment if moment.tzinfo else moment.replace(tzinfo=of_zone)).astimezone(UTC)
    except OverflowError:
        raise _wrong(name, "wrong_type", f"`{text}` is too far away; name another time") from None
    if moment.tzinfo is None and there.astimezone(of_zone).replace(tzinfo=None) != moment:
        message = f"`{text}` is left out in {zone}, where clocks are put forward then; name another time"
        raise _wrong(name, "wrong_type", message)
    return there


def _wrong(name: str, rule: str, message: str) -> InvalidInput:
    return InvalidInput([Violation(name, rule, message)])
