"""One product or product model, or the structure, as of a revision: what happened to it since is undone, and nothing
else is looked at. Whoever wants the whole catalogue opens a `Snapshot`, which answers the same.

The session must be in a REPEATABLE READ transaction, so that today and the changes since fit together.
"""

from uuid import UUID

from sqlmodel import Session

from pim.base.errors import NotFound
from pim.catalog import store as catalog_store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Entity, Resolved
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.snapshot import structure_then, undone_since


def as_of(session: Session, kind: str, code: str, revision: int) -> Resolved:
    """The product or product model that had this code then. Raises NotFound for a revision that does not exist, or when
    nothing had it."""
    newest = store.newest_revision(session, revision)
    entity = _then(session, kind, code, revision, newest)
    if entity is None:
        raise NotFound(f"{kind.replace('_', ' ')} `{code}` did not exist at revision {revision}")
    chain: list[Entity] = []
    parent = entity.document["parent"]
    while parent is not None:
        model = _then(session, PRODUCT_MODEL, parent, revision, newest)
        assert model is not None, f"product model {parent} is missing below {code}"
        chain.append(model)
        parent = model.document["parent"]
    return resolve(entity, chain[::-1])


def structure_as_of(session: Session, revision: int) -> Structure:
    """Raises NotFound for a revision that does not exist."""
    newest = store.newest_revision(session, revision)
    current = store.current_structure(session)
    then = undone_since(session, revision, newest, current, store.changed_structure(session, revision))
    return structure_then(current, {one: entity for one, (kind, entity) in then.items() if kind in STRUCTURE_KINDS})


def _then(session: Session, kind: str, code: str, revision: int, newest: int) -> Entity | None:
    """Codes change hands: of all that have or had this one since, it is the one whose code it was."""
    candidates: dict[int, Entity | None] = {entity.id: entity for entity in _holders(session, kind, code)}
    former = store.former_holders(session, kind, code, revision)
    ids = list(candidates.keys() | former)
    then = undone_since(session, revision, newest, store.current_structure(session), ids)
    candidates |= {one: entity for one, (_, entity) in then.items()}
    return next((entity for entity in candidates.values() if entity and entity.code == code), None)


def _holders(session: Session, kind: str, code: str) -> list[Entity]:
    """Those of now. A product that had no identifier then was called by its uuid, and still has it."""
    if kind == PRODUCT_MODEL:
        return catalog_store.product_models_by_code(session, [code])
    assert kind == PRODUCT
    found = catalog_store.products_by_code(session, [code])
    try:
        return found + catalog_store.products_by_uuid(session, [UUID(code)])
    except ValueError:
        return found
