"""What is derived from products *and* structure catches up after the structure has changed.

Products written by a changeset have their derived rows from it. When a family, attribute or channel changes, those of
products that nobody touched are stale until `catch_up` has gone over them; the head records how far it has come, so a
process that dies in between leaves the rest to the next one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, or_, select, true, update
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
    stale = _stale(structure, reached)
    seen = 0
    for table in (ProductModelRow, ProductRow):
        last: int | None = 0
        while last is not None:
            with database.session() as session:
                last, count = _derive_batch(session, table, stale, last)
            seen += count
    with database.session() as session:
        ahead = col(HeadRow.derived_revision) < structure_revision
        session.execute(update(HeadRow).values(derived_revision=structure_revision).where(ahead))
    return seen


@dataclass(frozen=True, slots=True)
class _Stale:
    """Whose derived rows have to be made anew: products of these families, and holders of values of these attributes,
    which may be of no family or of one that has lost the attribute. `families` is None for everybody's."""

    families: frozenset[str] | None
    attributes: frozenset[str]

    def within(self, table: type[ProductModelRow] | type[ProductRow]) -> ColumnElement[bool]:
        if self.families is None:
            return true()
        held = func.jsonb_exists_any(col(table.document)["values"], cast(sorted(self.attributes), ARRAY(Text())))
        return or_(catalog_store.among(col(table.family), self.families), held)


def _stale(structure: Structure, reached: int) -> _Stale:
    """What a structure changed after the revision `reached` has made stale."""
    changed = {key for key, entity in structure.entities.items() if entity.revision > reached}
    attributes = frozenset(code for kind, _, code in changed if kind == "attribute")
    if any(kind in _EVERYWHERE for kind, _, _ in changed):
        return _Stale(None, attributes)
    families = {code for kind, _, code in changed if kind == "family"}
    holding = {family.code for family in structure.families.values() if attributes & set(family.attributes)}
    return _Stale(frozenset(families | holding), attributes)


def _derive_batch(
    session: Session, table: type[ProductModelRow] | type[ProductRow], stale: _Stale, after: int
) -> tuple[int | None, int]:
    """Derives the next products or product models by id; (the last id, how many), (None, 0) when there are no more."""
    store.lock_structure(session, alone=False)
    structure = store.current_structure(session)
    find = catalog_store.products if table is ProductRow else catalog_store.product_models
    ids = select(col(table.id)).where(col(table.id) > after, stale.within(table))
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
