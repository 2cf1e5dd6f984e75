"""Revisions as people name them: by number, by day, by moment."""

from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from pim.base.errors import InvalidInput, Violation
from pim.versioning import store

_TO_THE_END = timedelta(days=1) - timedelta.resolution


def parse_when(text: str, name: str, whole_day: bool = True) -> int | datetime:
    """A revision, a day (its end, or without `whole_day` its beginning) or a moment; without a zone, UTC. Raises
    InvalidInput, which says that it was called `name`."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(), UTC) + (_TO_THE_END if whole_day else timedelta())
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # what `+` in an address means
    except (ValueError, OverflowError):
        message = f"`{text}` is neither a revision nor a date; write 42, 2026-11-22 or 2026-11-22T10:00:00+00:00"
        raise InvalidInput([Violation(name, "wrong_type", message)]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def revision_of(session: Session, text: str, name: str) -> int:
    """The revision that the catalogue had then; 0 before the first. Raises InvalidInput, or NotFound for a revision
    that does not exist."""
    when = parse_when(text, name)
    if isinstance(when, datetime):
        return store.revision_at(session, when)
    store.newest_revision(session, at_least=when)
    return when


def two_revisions(session: Session, old: str | None, new: str | None) -> tuple[int, int]:
    """What is compared: `new` is now when left out, `old` the revision before it."""
    last = store.head_revision(session) if new is None else revision_of(session, new, "to")
    return max(last - 1, 0) if old is None else revision_of(session, old, "from"), last
