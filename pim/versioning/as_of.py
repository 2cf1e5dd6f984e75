"""Products, product models and the structure as of a revision: what happened to them since is undone, and nothing else
is looked at. Whoever wants the whole catalogue opens a `Snapshot`, which answers the same.

The session must be in a REPEATABLE READ transaction, so that today and the changes since fit together.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.errors import NotFound
from pim.catalog import store as catalog_store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Entity, Resolved
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.model import CREATED, DELETED
from pim.versioning.snapshot import structure_then, undone_since

_BATCH = 100


def as_of(session: Session, kind: str, code: str, revision: int) -> Resolved:
    """The product or product model that had this code then. Raises NotFound for a revision that does not exist, or when
    nothing had it."""
    found = entities_as_of(session, kind, revision, codes=[code])
    if not found:
        raise NotFound(f"{kind.replace('_', ' ')} `{code}` did not exist at revision {revision}")
    return resolved_as_of(session, found, revision)[0]


def structure_as_of(session: Session, revision: int) -> Structure:
    """Raises NotFound for a revision that does not exist."""
    newest = store.newest_revision(session, revision)
    current = store.current_structure(session)
    then = undone_since(session, revision, newest, current, store.changed_structure(session, revision))
    return structure_then(current, {one: entity for one, (kind, entity) in then.items() if kind in STRUCTURE_KINDS})


def entities_as_of(
    session: Session, kind: str, revision: int, codes: Collection[str] = (), uuids: Collection[UUID] = ()
) -> list[Entity]:
    """The products or product models that had these codes or uuids then, in id order. Codes change hands: of all that
    have or had one since, it is the one whose code it was."""
    names = {*codes, *map(str, uuids)}
    holders = _holders(session, kind, codes, uuids)
    there = as_they_were(session, holders, store.former_holders(session, kind, names, revision), revision)
    wanted_codes, wanted_uuids = set(codes), set(uuids)
    return [entity for entity in there if entity.code in wanted_codes or entity.uuid in wanted_uuids]


def all_as_of(session: Session, kind: str, revision: int, after: int = 0) -> Iterator[list[Entity]]:
    """Every product or product model that was there then, in id order, those behind an id, some at a time."""
    while ids := _ids_behind(session, kind, revision, after):
        current = catalog_store.entities_by_id(session, kind, ids)
        gone = set(ids) - {entity.id for entity in current}
        yield as_they_were(session, current, gone, revision)
        after = ids[-1]


def count_as_of(session: Session, kind: str, revision: int) -> int:
    """How many products or product models there were: today's, without those that came and with those that went."""
    newest = store.newest_revision(session, revision)
    count = catalog_store.count_products if kind == PRODUCT else catalog_store.count_product_models
    first, last = store.comings_and_goings(session, kind, revision, newest)
    return count(session) + first.count(DELETED) - last.count(CREATED)


def resolved_as_of(session: Session, entities: Sequence[Entity], revision: int) -> list[Resolved]:
    """With what their product models said then merged in."""
    models: dict[str, Entity] = {}
    above = _parents(entities)
    while above:
        found = entities_as_of(session, PRODUCT_MODEL, revision, codes=above)
        models |= {model.code: model for model in found}
        above = _parents(found)
    return [resolve(entity, catalog_store.ancestors_of(entity, models)) for entity in entities]


def identifiers_as_of(session: Session, uuids: Collection[str], revision: int) -> dict[str, str]:
    """Uuid → identifier of those of the products that had one."""
    there = entities_as_of(session, PRODUCT, revision, uuids={UUID(uuid) for uuid in uuids}) if uuids else []
    return {str(one.uuid): one.document["identifier"] for one in there if one.document["identifier"] is not None}


def as_they_were(session: Session, current: Iterable[Entity], former: Collection[int], revision: int) -> list[Entity]:
    """Those of now, and those of the ids that were there then, in id order."""
    newest = store.newest_revision(session, revision)
    candidates: dict[int, Entity | None] = {entity.id: entity for entity in current}
    ids = candidates.keys() | former
    then = undone_since(session, revision, newest, store.current_structure(session), ids)
    candidates |= {one: entity for one, (_, entity) in then.items()}
    return [entity for _, entity in sorted(candidates.items()) if entity is not None]


def _parents(entities: Iterable[Entity]) -> set[str]:
    return {parent for entity in entities if (parent := entity.document["parent"]) is not None}


def _holders(session: Session, kind: str, codes: Collection[str], uuids: Collection[UUID]) -> list[Entity]:
    """Those of now. A product that had no identifier then was called by its uuid, and still has it."""
    if kind == PRODUCT_MODEL:
        return catalog_store.product_models_by_code(session, codes)
    assert kind == PRODUCT
    named_by_uuid = {uuid for code in codes if (uuid := _as_uuid(code)) is not None}
    by_code = catalog_store.products_by_code(session, codes)
    return by_code + catalog_store.products_by_uuid(session, named_by_uuid | set(uuids))


def _as_uuid(code: str) -> UUID | None:
    try:
        return UUID(code)
    except ValueError:
        return None


def _ids_behind(session: Session, kind: str, revision: int, after: int) -> list[int]:
    """The next ids of what may have been there then: what is there now and had been made, what was deleted since."""
    made_by = store.latest_moment(session, revision)
    if made_by is None:
        return []
    table = ProductRow if kind == PRODUCT else ProductModelRow
    there = select(col(table.id)).where(col(table.id) > after, col(table.created) <= made_by)
    ids = list(session.execute(there.order_by(col(table.id)).limit(_BATCH)).scalars())
    gone = store.deleted_since(session, kind, revision, after, _BATCH)
    return sorted({*ids, *gone})[:_BATCH]
