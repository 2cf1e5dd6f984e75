"""When a draft comes true by itself. A job waits for the time; whether it still may apply the draft is in the draft."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session

from pim.base.errors import Conflict, InvalidInput, NotFound, Violation
from pim.base.jobs import QUICK, cancel_job, defer_job
from pim.versioning.drafts import store
from pim.versioning.drafts.model import APPROVED, SCHEDULED
from pim.versioning.drafts.tables import DraftRow

APPLY_DRAFT = "apply_draft"


def schedule_draft(
    session: Session, code: str, starts_at: datetime, exports: Sequence[str], by: str, at: datetime
) -> DraftRow:
    """An approved draft, or one that is scheduled otherwise. Raises Conflict for others, InvalidInput for the past."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state not in (APPROVED, SCHEDULED):
        state = draft.state.replace("_", " ")
        raise Conflict(f"draft `{code}` is {state}; only an approved one can be scheduled")
    if starts_at <= at:
        message = f"{starts_at.isoformat()} is over; apply the draft, or name a time to come"
        raise InvalidInput([Violation("at", "past", message)])
    withdraw(session, draft)
    draft.state, draft.starts_at, draft.exports = SCHEDULED, starts_at, sorted(set(exports))
    draft.job_id = defer_job(session, APPLY_DRAFT, {"draft": draft.id}, by=by, queue=QUICK, at=starts_at)
    store.add_event(session, draft, by, at, "scheduled", f"for {starts_at.isoformat()}")
    return draft


def unschedule_draft(session: Session, code: str, by: str, at: datetime) -> DraftRow:
    """It is approved, as it was. Raises Conflict for one that is not scheduled."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state != SCHEDULED:
        raise Conflict(f"draft `{code}` is {draft.state.replace('_', ' ')}, not scheduled")
    withdraw(session, draft)
    draft.state = APPROVED
    store.add_event(session, draft, by, at, "unscheduled")
    return draft


def withdraw(session: Session, draft: DraftRow) -> None:
    """Takes the time and the job of a scheduled draft away; whoever does it says what state it is in then."""
    if draft.state != SCHEDULED:
        return
    if draft.job_id is not None:
        with suppress(NotFound, Conflict):  # it is over, and found nothing to apply
            cancel_job(session, draft.job_id)
    draft.job_id, draft.starts_at, draft.exports = None, None, []


def parse_moment(text: str, zone: str) -> datetime:
    """In UTC. A time without an offset is of `zone`. Raises InvalidInput, also for one that clocks leave out."""
    try:
        of_zone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise _wrong("zone", f"`{zone}` is no time zone; write one like Europe/Paris") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong("at", f"`{text}` is no time; write one like 2026-12-01T00:00 or 2026-12-01T00:00+01:00") from None
    try:
        there = (moment if moment.tzinfo else moment.replace(tzinfo=of_zone)).astimezone(UTC)
    except OverflowError:
        raise _wrong("at", f"`{text}` is too far away; name another time") from None
    if moment.tzinfo is None and there.astimezone(of_zone).replace(tzinfo=None) != moment:
        raise _wrong("at", f"`{text}` is left out in {zone}, where clocks are put forward then; name another time")
    return there


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput([Violation(name, "wrong_type", message)])
