"""Drafts as a user sees them: which, and how much of what they hold."""

from dataclasses import asdict
from typing import Any

from litestar import Request
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible
from pim.api.documents import instant
from pim.api.identity import signed_in
from pim.api.paging import address
from pim.base.errors import NotFound
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document
from pim.versioning.drafts import store
from pim.versioning.drafts.documents import draft_document, whole_draft
from pim.versioning.drafts.model import MergeConflict
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.model import CREATED, DELETED
from pim.versioning.store import current_structure

_WRITING = ("created", "edited", "resolved")

AnyRequest = Request[Any, Any, Any]


def seen_draft(session: Session, user: User, code: str) -> DraftRow:
    """Users who do not see everything see drafts in which nobody else wrote. Raises NotFound, also for others."""
    draft = store.find_draft(session, code)
    if draft is not None and not user.view.is_everything:
        writers = {event.author for event in store.events_of(session, draft) if event.what in _WRITING}
        draft = draft if writers == {user.username} else None
    if draft is None:
        raise NotFound(f"draft `{code}` does not exist or you do not have permission to see it")
    return draft


def shown_draft(request: AnyRequest, path: str, draft: DraftRow) -> Document:
    links = {"self": {"href": address(request, path, draft.code)}}
    instants = {
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "created": draft.created,
        "updated": draft.updated,
    }
    shown = {name: at and instant(at) for name, at in instants.items()}
    stays = draft.stays if signed_in(request).view.is_everything else list(map(_without_data, draft.stays))
    return {"_links": links, **draft_document(draft), **shown, "stays": stays}


def _without_data(stays: Document) -> Document:
    """The message tells what somebody else wrote, which may be out of sight."""
    return {**stays, "message": "changed since, or needed by something; see the history"}


def shown_whole(request: AnyRequest, path: str, session: Session, user: User, draft: DraftRow) -> Document:
    whole = whole_draft(session, draft)
    edits = [{**edit, **_seen(session, user, edit, ("base", "data"))} for edit in whole["edits"]]
    events = [{**event, "at": instant(event["at"])} for event in whole["events"]]
    return {**shown_draft(request, path, draft), "edits": edits, "events": events}


def shown_conflict(session: Session, user: User, conflict: MergeConflict) -> Document:
    document = asdict(conflict)
    return {**document, **_seen(session, user, document, ("base", "ours", "theirs"))}


def _seen(session: Session, user: User, row: Document, sides: tuple[str, ...]) -> Document:
    """Whole documents without the values that are out of the user's sight; single values they wrote themselves."""
    if row["path"] not in (CREATED, DELETED) or row["kind"] not in (PRODUCT, PRODUCT_MODEL):
        return {}
    structure = current_structure(session)
    return {side: row[side] and visible(user, structure, row[side]) for side in sides}
