"""Drafts, their edits and events as documents, the same on the command line and over HTTP."""

from typing import Any

from sqlmodel import Session

from pim.versioning.drafts import store
from pim.versioning.drafts.tables import DraftEditRow, DraftRow

Document = dict[str, Any]


def draft_document(row: DraftRow) -> Document:
    return row.model_dump(exclude={"id"})


def whole_draft(session: Session, row: DraftRow) -> Document:
    """With its edits and with what was done with it."""
    events = [event.model_dump(include={"at", "author", "what", "comment"}) for event in store.events_of(session, row)]
    return {**draft_document(row), "edits": list(map(edit_document, store.edits_of(session, row))), "events": events}


def edit_document(row: DraftEditRow) -> Document:
    """`edit` is the number by which it is dropped, and its conflicts resolved."""
    return {"edit": row.id, **row.model_dump(exclude={"id", "draft_id", "entity_id", "attribute_id"})}
