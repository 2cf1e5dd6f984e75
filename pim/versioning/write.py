"""Writing a committed changeset: rows, log and what is derived from them, in bulk. The head is locked meanwhile."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import psycopg
from sqlmodel import Session

from pim.base.errors import Conflict
from pim.catalog.completeness import completeness
from pim.catalog.filter_values import filter_rows
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.versioning.model import Change
from pim.versioning.staging import ProductEdits, Staged
from pim.versioning.uniqueness import unique_values

_encode = msgspec.json.Encoder().encode

_SHARED_COLUMNS = "root_key, axis_key, categories, document, created, updated, revision"
_COLUMNS = {
    PRODUCT: f"id, uuid, code, parent_id, family, enabled, {_SHARED_COLUMNS}",
    PRODUCT_MODEL: f"id, code, parent_id, family, {_SHARED_COLUMNS}",
}
_STRUCTURE_COLUMNS = "id, kind, owner, code, document, created, updated, revision"
_CHANGE_COLUMNS = "revision, number, entity_id, kind, path, attribute_id, locale, scope, old, new"
_FREE_NAMES = """
    UPDATE {table} SET code = chr(31) || {table}.id, axis_key = NULL FROM changed
    WHERE {table}.id = changed.id AND ({table}.code, {table}.parent_id, {table}.axis_key)
        IS DISTINCT FROM (changed.code, changed.parent_id, changed.axis_key)
"""
"""Codes and axes may change hands within a changeset: all are let go before any is taken."""

_DANGLING = """
    SELECT target_id FROM association_target WHERE (entity_id = ANY(%s) OR target_id = ANY(%s))
    AND NOT EXISTS (SELECT FROM product WHERE id = target_id)
    AND NOT EXISTS (SELECT FROM product_model WHERE id = target_id) LIMIT 1
"""
_FILTER_COLUMNS = "entity_id, attribute_id, locale, scope, text, number, date"


def as_json(data: Any) -> str | None:
    return None if data is None else _encode(data).decode()


class Writer:
    """One changeset's bulk writes through the connection of `session`, all of the revision `revision`."""

    def __init__(self, session: Session, revision: int, structure: Structure) -> None:
        self.session = session
        connection = session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        self.cursor = connection.cursor()
        self.revision = revision
        self.structure = structure

    def structure_rows(self, touched: Iterable[tuple[Entity | None, Entity | None]]) -> None:
        touched = list(touched)
        self._delete("structure", [old.id for old, _ in touched if old])
        rows = (
            (e.id, e.kind, e.owner, e.code, as_json(e.document), e.created, e.updated, self.revision)
            for _, e in touched
            if e
        )
        self._copy("structure", _STRUCTURE_COLUMNS, rows)

    def product_rows(self, edits: ProductEdits) -> None:
        """Rows of products and product models and all that is derived from them alone."""
        staged = edits.changed()
        self._forget(["filter_value", "unique_value", "association_target", "completeness"], _ids(staged))
        deleted = [s.old for s in staged if s.old and not s.new]
        self._delete(PRODUCT, [entity.id for entity in deleted if entity.kind == PRODUCT])
        for kind in (PRODUCT_MODEL, PRODUCT):
            present = [(s, edits.ancestors(s.new)) for s in staged if s.new and s.new.kind == kind]
            present.sort(key=lambda pair: len(pair[1]))
            self._update(kind, [self._row(s, ancestors) for s, ancestors in present if s.old])
            self._copy(kind, _COLUMNS[kind], [self._row(s, ancestors) for s, ancestors in present if not s.old])
        self._delete_models([entity for entity in deleted if entity.kind == PRODUCT_MODEL])
        entities = [s.new for s in staged if s.new]
        self._add_filter_values(entities)
        self._copy("unique_value", "attribute_id, data, entity_id", self._unique_rows(entities))
        self._association_targets(edits, entities, [entity.id for entity in deleted])
        self._add_completeness((e, edits.ancestors(e)) for e in entities if e.kind == PRODUCT)

    def _delete_models(self, models: Sequence[Entity]) -> None:
        """Once nothing is below them any more: variants are gone or have moved, sub-models go before their roots."""
        self._delete(PRODUCT_MODEL, [model.id for model in models if model.document["parent"] is not None])
        self._delete(PRODUCT_MODEL, [model.id for model in models if model.document["parent"] is None])

    def _association_targets(self, edits: ProductEdits, entities: Sequence[Entity], deleted: Sequence[int]) -> None:
        """Raises Conflict when somebody deleted a target, or pointed at what is deleted here, since we looked."""
        edits.targets.load(self.session, (entity.document for entity in entities))
        pairs = [(entity.id, target) for entity in entities for target in sorted(edits.targets.ids_in(entity.document))]
        self._copy("association_target", "entity_id, target_id", pairs)
        if pairs or deleted:
            changed = [entity.id for entity in entities]
            dangling = self.cursor.execute(_DANGLING, (changed, deleted)).fetchone()
            if dangling:
                raise Conflict(f"{dangling[0]} was deleted while somebody associated it; try again")

    def filter_values(self, entities: Sequence[Entity]) -> None:
        """Replaces the filter rows of `entities`."""
        self._forget(["filter_value"], [entity.id for entity in entities])
        self._add_filter_values(entities)

    def _add_filter_values(self, entities: Iterable[Entity]) -> None:
        self._copy("filter_value", _FILTER_COLUMNS, self._filter_rows(entities))

    def completeness(self, products: Iterable[tuple[Entity, Sequence[Entity]]]) -> None:
        """Replaces the derived completeness of `products`, given with their product models."""
        products = list(products)
        self._forget(["completeness"], [entity.id for entity, _ in products])
        self._add_completeness(products)

    def _add_completeness(self, products: Iterable[tuple[Entity, Sequence[Entity]]]) -> None:
        rows = [(entity.id, as_json(self._ratios(entity, ancestors))) for entity, ancestors in products]
        self._copy("completeness", "entity_id, ratios", rows)

    def log(self, changes: Sequence[Change]) -> None:
        """`changes` in order, numbered."""
        rows = (
            (
                self.revision, number, change.entity_id, change.kind, change.cell.path, change.attribute_id,
                change.cell.locale, change.cell.scope, as_json(change.old), as_json(change.new),
            )
            for number, change in enumerate(changes)
        )  # fmt: skip
        self._copy("change", _CHANGE_COLUMNS, rows)

    def _row(self, staged: Staged, ancestors: Sequence[Entity]) -> tuple[Any, ...]:
        entity = staged.new
        assert entity is not None
        document = entity.document
        root = f"{PRODUCT_MODEL}/{ancestors[0].code}" if ancestors else f"{entity.kind}/{entity.code}"
        parent_id = ancestors[-1].id if ancestors else None
        times = (entity.created, entity.updated, self.revision)
        tail = (root, staged.axis_key, document["categories"], as_json(document), *times)
        if entity.kind == PRODUCT_MODEL:
            return (entity.id, entity.code, parent_id, document["family"], *tail)
        return (entity.id, entity.uuid, entity.code, parent_id, document["family"], document["enabled"], *tail)

    def _ratios(self, entity: Entity, ancestors: Sequence[Entity]) -> dict[str, dict[str, int]]:
        merged = resolve(entity, ancestors).document
        ratios: dict[str, dict[str, int]] = {}
        if merged["family"] is not None:
            for c in completeness(merged["values"], merged["identifier"], merged["family"], self.structure):
                ratios.setdefault(c.scope, {})[c.locale] = c.ratio
        return ratios

    def _filter_rows(self, entities: Iterable[Entity]) -> Iterator[tuple[Any, ...]]:
        for entity in entities:
            yield from filter_rows(entity.id, entity.document["values"], self.structure)

    def _unique_rows(self, entities: Iterable[Entity]) -> Iterator[tuple[Any, ...]]:
        for entity in entities:
            for _, (attribute_id, data) in unique_values(entity, self.structure):
                yield attribute_id, data, entity.id

    def _forget(self, tables: Iterable[str], ids: Sequence[int]) -> None:
        if ids:
            for table in tables:
                self.cursor.execute(f"DELETE FROM {table} WHERE entity_id = ANY(%s)", (ids,))

    def _delete(self, table: str, ids: Sequence[int]) -> None:
        if ids:
            self.cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", (ids,))

    def _copy(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        iterator = iter(rows)
        first = next(iterator, None)
        if first is None:
            return
        with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write_row(first)
            for row in iterator:
                copy.write_row(row)

    def _update(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows are written beside the table and then taken over, so that the many columns are named once."""
        if not rows:
            return
        columns = _COLUMNS[table]
        self.cursor.execute(f"CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
        self._copy("changed", columns, rows)
        self.cursor.execute(_FREE_NAMES.format(table=table))
        names = [name for name in columns.split(", ") if name != "id"]
        assignments = ", ".join(f"{name} = changed.{name}" for name in names)
        self.cursor.execute(f"UPDATE {table} SET {assignments} FROM changed WHERE {table}.id = changed.id")
        self.cursor.execute("DROP TABLE changed")


def _ids(staged: Iterable[Staged]) -> list[int]:
    return [s.old.id for s in staged if s.old]
