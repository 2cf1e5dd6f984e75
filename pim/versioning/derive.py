"""What is derived from products *and* structure catches up after the structure has changed.

Products written by a changeset have their derived rows from it. When a family, attribute or channel changes, those of
products that nobody touched are stale until `catch_up` has gone over them; the head records how far it has come, so a
process that dies in between leaves the rest to the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true, update
from sqlmodel import Session, col

from pim.base.database import Database
from pim.catalog import store as catalog_store
from pim.catalog.model import Entity
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.model import CREATED, DELETED
from pim.versioning.rows import DerivedRows, all_filter_rows, completeness_row
from pim.versioning.tables import ChangeRow, HeadRow
from pim.versioning.write import Writer

_BATCH = 200
_MATTERING = {
    "channel": (CREATED, DELETED, "locales", "currencies"),
    "measurement_family": ("units",),
    "attribute": ("useable_as_grid_filter", "available_locales"),
    "family": ("attribute_requirements",),
}
"""What of the structure completeness and filter rows depend on: kind → beginnings of paths in the log. Families and
attributes matter from their first change on: whoever has one newly was written after it."""
Table = type[ProductModelRow] | type[ProductRow]


def catch_up(database: Database, at_batch: Callable[[int], None] = lambda seen: None) -> int:
    """Derives what the structure changes since the last time made stale. Returns how many products and product models
    were looked at. `at_batch` is told it after each transaction; when it raises, what is done so far stays."""
    with database.session() as session:
        reached, structure_revision = session.execute(
            select(col(HeadRow.derived_revision), col(HeadRow.structure_revision))
        ).one()
        stale = _stale(session, reached) if reached < structure_revision else None
    seen = 0
    if stale is not None:
        for table in (ProductModelRow, ProductRow):
            seen = _derive(database, table, stale, seen, at_batch)
    with database.session() as session:
        ahead = col(HeadRow.derived_revision) < structure_revision
        session.execute(update(HeadRow).values(derived_revision=structure_revision).where(ahead))
    return seen


@dataclass(frozen=True, slots=True)
class Stale:
    """Whose derived rows an older structure made: everybody's, or those of these families and attributes."""

    everywhere: bool
    families: Sequence[str]
    attributes: Sequence[str]

    def rows(self, table: Table) -> ColumnElement[bool]:
        if self.everywhere:
            return true()
        holds = (func.jsonb_exists(col(table.document)["values"], code) for code in self.attributes)
        return or_(catalog_store.among(col(table.family), self.families), *holds)


def _stale(session: Session, reached: int) -> Stale | None:
    """By the log since the revision `reached`: channels and units say something about every product, an attribute about
    its families' and its holders'. None when nothing that matters has changed."""
    query = select(col(ChangeRow.entity_id), col(ChangeRow.kind), col(ChangeRow.path)).distinct()
    since = query.where(col(ChangeRow.revision) > reached, col(ChangeRow.kind).in_(_MATTERING))
    changed = {row.entity_id: row.kind for row in session.execute(since) if row.path.startswith(_MATTERING[row.kind])}
    structure = store.current_structure(session)
    attributes = [code for code in structure.attributes if structure.id_of("attribute", code) in changed]
    families = [
        family.code
        for family in structure.families.values()
        if structure.id_of("family", family.code) in changed or set(attributes) & set(family.attributes)
    ]
    everywhere = not {"channel", "measurement_family"}.isdisjoint(changed.values())
    return Stale(everywhere, families, attributes) if changed else None


def _derive(database: Database, table: Table, stale: Stale, seen: int, at_batch: Callable[[int], None]) -> int:
    """Derives all stale rows of one table, a batch a transaction, in id order."""
    last = 0
    while True:
        with database.session() as session:
            ids = select(col(table.id)).where(col(table.id) > last, stale.rows(table)).order_by(col(table.id))
            batch = session.execute(ids.limit(_BATCH)).scalars().all()
            if not batch:
                return seen
            _derive_batch(session, table, batch)
        seen, last = seen + len(batch), batch[-1]
        at_batch(seen)


def _derive_batch(session: Session, table: Table, ids: Sequence[int]) -> None:
    """With their rows and the head locked, as a writer locks them, nobody else writes: no changeset derives from an
    older document what this derives from a newer one, or the other way round."""
    store.lock_structure(session, alone=False)
    find = catalog_store.products if table is ProductRow else catalog_store.product_models
    entities = find(session, catalog_store.among(col(table.id), ids), lock=True)
    store.lock_head(session)
    structure = store.current_structure(session)
    writer = Writer(session)
    writer.filter_values(DerivedRows([entity.id for entity in entities], list(all_filter_rows(entities, structure))))
    if table is ProductRow:
        with_ancestors = _with_ancestors(session, entities)
        writer.completeness([completeness_row(product, above, structure) for product, above in with_ancestors])


def _with_ancestors(session: Session, entities: Sequence[Entity]) -> Iterator[tuple[Entity, Sequence[Entity]]]:
    models = catalog_store.models_with_parents(session, {p for e in entities if (p := e.document["parent"])})
    for entity in entities:
        yield entity, catalog_store.ancestors_of(entity, models)
