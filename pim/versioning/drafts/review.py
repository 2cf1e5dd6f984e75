"""What people do with a draft between its edits and its coming true: hand it in, approve it, reject it, talk of it."""

from datetime import datetime

from sqlmodel import Session

from pim.base.errors import Conflict, InvalidInput, NotPermitted, Violation
from pim.versioning.drafts import store
from pim.versioning.drafts.model import CAME_TRUE, STEPS
from pim.versioning.drafts.schedule import told_state, withdraw
from pim.versioning.drafts.tables import DraftRow

_PAST = {"submit": "submitted", "approve": "approved", "reject": "rejected"}


def submit_draft(session: Session, code: str, by: str, at: datetime, comment: str | None = None) -> DraftRow:
    """Raises Conflict for one that holds nothing."""
    draft = store.get_draft(session, code, lock=True)
    if not store.edits_of(session, draft):
        raise Conflict(f"draft `{code}` holds no edits; put some in before it is reviewed")
    return _step(session, draft, "submit", by, at, comment)


def approve_draft(
    session: Session, code: str, by: str, at: datetime, comment: str | None = None, by_others: bool = False
) -> DraftRow:
    """With `by_others`, its author and whoever edited it may not. Raises NotPermitted."""
    draft = store.get_draft(session, code, lock=True)
    edited = {event.author for event in store.events_of(session, draft) if event.what in ("created", "edited")}
    if by_others and by in edited:
        raise NotPermitted(f"`{by}` wrote in draft `{code}`; somebody else has to approve it")
    _step(session, draft, "approve", by, at, comment)
    draft.reviewer = by
    return draft


def reject_draft(session: Session, code: str, by: str, at: datetime, comment: str | None = None) -> DraftRow:
    """It stays, can be edited and handed in again."""
    draft = store.get_draft(session, code, lock=True)
    withdraw(session, draft)
    _step(session, draft, "reject", by, at, comment)
    draft.reviewer = by
    return draft


def comment_draft(session: Session, code: str, by: str, at: datetime, comment: str) -> DraftRow:
    if not comment.strip():
        raise InvalidInput([Violation("comment", "required", "a comment says something")])
    draft = store.get_draft(session, code, lock=True)
    store.add_event(session, draft, by, at, "commented", comment)
    return draft


def delete_draft(session: Session, code: str) -> None:
    """With its edits and comments. Raises Conflict for one that was applied: it belongs to the history."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state in CAME_TRUE:
        raise Conflict(f"draft `{code}` was applied, in revision {draft.revision}; revert that revision instead")
    withdraw(session, draft)
    session.delete(draft)
    session.flush()


def _step(session: Session, draft: DraftRow, step: str, by: str, at: datetime, comment: str | None) -> DraftRow:
    """Raises Conflict from a state where this step leads nowhere."""
    from_states, to = STEPS[step]
    if draft.state not in from_states:
        wanted = " or ".join(state.replace("_", " ") for state in from_states)
        raise Conflict(f"draft `{draft.code}` is {told_state(draft)}; to {step} it, it has to be {wanted}")
    draft.state = to
    store.add_event(session, draft, by, at, _PAST[step], comment)
    return draft
