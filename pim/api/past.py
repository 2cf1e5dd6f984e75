"""The catalogue as it was: the parameter `as_of` of whatever is read, and what a reader sees of then."""

from collections.abc import Collection, Mapping

from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible, visible_attributes
from pim.api.openapi.operation import Parameter
from pim.catalog import store as catalog_store
from pim.catalog.model import Document
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.as_of import identifiers_as_of, structure_as_of
from pim.versioning.moments import revision_of

AS_OF = Parameter(
    "as_of", "As it was at this revision, at the end of this day, or at this moment: `42`, `2026-11-22`, "
    "`2026-11-22T10:00:00+01:00`",
)  # fmt: skip


def asked_revision(session: Session, parameters: Mapping[str, str]) -> int | None:
    """None is now. Raises InvalidInput, or NotFound for a revision that does not exist."""
    return revision_of(session, parameters["as_of"], "as_of") if "as_of" in parameters else None


def structure_at(session: Session, revision: int | None) -> Structure:
    return store.current_structure(session) if revision is None else structure_as_of(session, revision)


def identifiers_at(session: Session, uuids: Collection[str], revision: int | None) -> Mapping[str, str]:
    if revision is None:
        return catalog_store.identifiers_of(session, uuids)
    return identifiers_as_of(session, uuids, revision)


def visible_at(user: User, structure: Structure, current: Structure, document: Document) -> Document | None:
    """A document of then as far as this user sees it: by the groups and categories of then, and without the values that
    groups of now keep from them."""
    seen = visible(user, structure, document)
    shown = visible_attributes(user, current)
    if seen is None or shown is None or structure is current:
        return seen
    hidden = current.attributes.keys() - shown
    return {**seen, "values": {code: entries for code, entries in seen["values"].items() if code not in hidden}}


def hidden_now(session: Session, user: User, kind: str, ids: Collection[int]) -> set[int]:
    """Those of the ids that were moved out of the user's sight since."""
    if user.view.is_everything:
        return set()
    current = store.current_structure(session)
    there = catalog_store.resolve_all(session, catalog_store.entities_by_id(session, kind, ids))
    return {one.entity.id for one in there if visible(user, current, one.document) is None}
