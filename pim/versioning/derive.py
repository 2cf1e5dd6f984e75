"""What is derived from products *and* structure catches up after the structure has changed.

Products written by a changeset have their derived rows from it. When a family, attribute or channel changes, those of
products that nobody touched are stale until `catch_up` has gone over them; the head records how far it has come, so a
process that dies in between leaves the rest to the next one.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlmodel import Session, col

from pim.base.database import Database
from pim.catalog import store as catalog_store
from pim.catalog.model import Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.tables import HeadRow
from pim.versioning.write import Writer

_BATCH = 500
_EVERYWHERE = ("channel", "locale", "currency", "measurement_family")


def catch_up(database: Database) -> int:
    """Derives what the structure changes since the last time made stale. Returns how many products were looked at."""
    with database.session() as session:
        reached, structure_revision = session.execute(
            select(col(HeadRow.derived_revision), col(HeadRow.structure_revision))
        ).one()
        structure = store.current_structure(session)
    if reached >= structure_revision:
        return 0
    families = _stale_families(structure, reached)
    seen = 0
    for table in (ProductModelRow, ProductRow):
        last: int | None = 0
        while last is not None:
            with database.session() as session:
                last, count = _derive_batch(session, table, families, last)
            seen += count
    with database.session() as session:
        ahead = col(HeadRow.derived_revision) < structure_revision
        session.execute(update(HeadRow).values(derived_revision=structure_revision).where(ahead))
    return seen


def _stale_families(structure: Structure, reached: int) -> set[str]:
    """Families that changed, or an attribute of theirs, after the revision `reached`; all when a channel did."""
    changed = {key for key, entity in structure.entities.items() if entity.revision > reached}
    if any(kind in _EVERYWHERE for kind, _, _ in changed):
        return set(structure.families)
    attributes = {code for kind, _, code in changed if kind == "attribute"}
    families = {code for kind, _, code in changed if kind == "family"}
    return families | {f.code for f in structure.families.values() if attributes & set(f.attributes)}


def _derive_batch(
    session: Session, table: type[ProductModelRow] | type[ProductRow], families: set[str], after: int
) -> tuple[int | None, int]:
    """Derives the next products or product models by id; (the last id, how many), (None, 0) when there are no more."""
    store.lock_structure(session, alone=False)
    structure = store.current_structure(session)
    find = catalog_store.products if table is ProductRow else catalog_store.product_models
    ids = select(col(table.id)).where(col(table.id) > after, col(table.family).in_(families))
    batch = session.execute(ids.order_by(col(table.id)).limit(_BATCH)).scalars().all()
    if not batch:
        return None, 0
    entities = find(session, col(table.id).in_(batch), lock=True)
    writer = Writer(session, 0, structure)
    writer.filter_values(entities)
    if table is ProductRow:
        writer.completeness(_with_ancestors(session, entities))
    return batch[-1], len(batch)


def _with_ancestors(session: Session, entities: Sequence[Entity]) -> Iterator[tuple[Entity, Sequence[Entity]]]:
    models = catalog_store.models_with_parents(session, {p for e in entities if (p := e.document["parent"])})
    for entity in entities:
        yield entity, catalog_store.ancestors_of(entity, models)
