"""Writing a committed changeset in bulk: rows, log and what is derived from them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from sqlmodel import Session

from pim.base.errors import Conflict
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity
from pim.versioning.model import Change
from pim.versioning.rows import DerivedRows, EntityRows, ProductRows, Row, as_json
from pim.versioning.staging import Staged

_SHARED_COLUMNS = {
    "root_key": "text", "axis_key": "text", "document": "text", "created": "timestamptz", "updated": "timestamptz",
}  # fmt: skip
COLUMNS: dict[str, dict[str, str]] = {
    PRODUCT: {
        "id": "bigint", "uuid": "uuid", "code": "text", "parent_id": "bigint", "family": "text", "enabled": "boolean",
        **_SHARED_COLUMNS,
    },
    PRODUCT_MODEL: {
        "id": "bigint", "code": "text", "parent_id": "bigint", "family": "text", **_SHARED_COLUMNS,
    },
}  # fmt: skip
"""Kind → column → type, as rows of products and product models are handed over. Their categories are taken out of the
document, and the revision is the same for all."""

_NAMES = {"id": "bigint", "code": "text", "parent_id": "bigint", "axis_key": "text"}
_OWNED_COLUMNS = "id, kind, owner, code, document, created, updated, revision"
_CHANGE_COLUMNS = "revision, number, entity_id, kind, path, attribute_id, locale, scope, old, new"
_FILTER_COLUMNS = "entity_id, attribute_id, locale, scope, text, number, date"
_CATEGORIES = "ARRAY(SELECT jsonb_array_elements_text(given.document::jsonb -> 'categories'))"

_FREE_NAMES = """
    UPDATE {table} SET code = chr(31) || {table}.id, axis_key = NULL FROM {given}
    WHERE {table}.id = given.id AND ({table}.code, {table}.parent_id, {table}.axis_key)
        IS DISTINCT FROM (given.code, given.parent_id, given.axis_key)
"""
"""Codes and axes may change hands within a changeset: all are let go before any is taken."""

_FORGET_VALUES = """
    DELETE FROM filter_value USING unnest(%b::bigint[], %b::bigint[]) AS gone (entity_id, attribute_id)
    WHERE filter_value.entity_id = gone.entity_id AND filter_value.attribute_id = gone.attribute_id
"""
_LINKED = """
    UPDATE linked_entity SET revision = %s, document = given.document::jsonb, updated = given.updated FROM {given}
    WHERE linked_entity.id = given.id
"""
_COMPLETENESS = """
    INSERT INTO completeness (entity_id, ratios) SELECT given.id, given.ratios::jsonb FROM {given}
    ON CONFLICT (entity_id) DO UPDATE SET ratios = excluded.ratios WHERE completeness.ratios <> excluded.ratios
"""
_DANGLING = """
    SELECT target_id FROM association_target WHERE (entity_id = ANY(%s) OR target_id = ANY(%s))
    AND NOT EXISTS (SELECT FROM product WHERE id = target_id)
    AND NOT EXISTS (SELECT FROM product_model WHERE id = target_id) LIMIT 1
"""


class Writer:
    """One changeset's writes through the connection of `session`."""

    def __init__(self, session: Session) -> None:
        connection = session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        self.cursor = connection.cursor()

    def structure_rows(self, touched: Iterable[tuple[Entity | None, Entity | None]], revision: int) -> None:
        touched = list(touched)
        self._delete("structure", [old.id for old, _ in touched if old])
        self._copy("structure", _OWNED_COLUMNS, _owned_rows((new for _, new in touched if new), revision))

    def linked_rows(self, staged: Iterable[Staged], revision: int) -> None:
        """Records and assets. Rows that stay are updated in place, where others may wait for their locks."""
        staged = list(staged)
        self._delete("linked_entity", [s.old.id for s in staged if s.old and not s.new])
        kept = [s.new for s in staged if s.old and s.new]
        if kept:
            columns = {"id": "bigint", "document": "text", "updated": "timestamptz"}
            rows = [(e.id, as_json(e.document), e.updated) for e in kept]
            self.cursor.execute(_LINKED.format(given=_given(columns)), [revision, *_columns(rows)])
        self._copy(
            "linked_entity", _OWNED_COLUMNS, _owned_rows((s.new for s in staged if s.new and not s.old), revision)
        )

    def filter_values(self, rows: DerivedRows) -> None:
        """Nobody else writes those of a product or product model whose row is locked: the head need not be."""
        self._forget("filter_value", rows.of_entities)
        if rows.of_attributes:
            self.cursor.execute(_FORGET_VALUES, _columns(rows.of_attributes))
        self._copy("filter_value", _FILTER_COLUMNS, rows.new)

    def product_rows(self, rows: ProductRows, revision: int) -> None:
        """All but the filter values. Raises Conflict when somebody deleted a target, or pointed at what is deleted
        here, since we looked."""
        self._forget("unique_value", rows.unique_values.of_entities)
        self._forget("association_target", rows.association_targets.of_entities)
        self._forget("completeness", rows.deleted)
        for ids in rows.entities[PRODUCT].deleted:
            self._delete(PRODUCT, ids)
        for kind, of_kind in rows.entities.items():
            self._entities(kind, of_kind, revision)
        for ids in rows.entities[PRODUCT_MODEL].deleted:
            self._delete(PRODUCT_MODEL, ids)
        self._copy("unique_value", "attribute_id, data, entity_id", rows.unique_values.new)
        self._copy("association_target", "entity_id, target_id", rows.association_targets.new)
        if rows.association_targets.new or rows.deleted:
            found = self.cursor.execute(_DANGLING, (rows.association_targets.of_entities, rows.deleted)).fetchone()
            if found:
                raise Conflict(f"{found[0]} was deleted while somebody associated it; try again")

    def completeness(self, rows: Sequence[tuple[int, str]]) -> None:
        """Those that differ from what is stored."""
        if rows:
            columns = {"id": "bigint", "ratios": "text"}
            self.cursor.execute(_COMPLETENESS.format(given=_given(columns)), _columns(rows))

    def log(self, changes: Sequence[Change], revision: int) -> None:
        """`changes` in order, numbered."""
        rows = (
            (
                revision, number, change.entity_id, change.kind, change.cell.path, change.attribute_id,
                change.cell.locale, change.cell.scope, as_json(change.old), as_json(change.new),
            )
            for number, change in enumerate(changes)
        )  # fmt: skip
        self._copy("change", _CHANGE_COLUMNS, rows)

    def _entities(self, kind: str, rows: EntityRows, revision: int) -> None:
        columns = COLUMNS[kind]
        names = [*columns, "categories", "revision"]
        values = [f"given.{name}" if name != "document" else "given.document::jsonb" for name in columns]
        values += [_CATEGORIES, "%s"]
        if rows.named:
            self.cursor.execute(_FREE_NAMES.format(table=kind, given=_given(_NAMES)), _columns(rows.named))
        if rows.updated:
            assigned = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True) if name != "id")
            update = f"UPDATE {kind} SET {assigned} FROM {_given(columns)} WHERE {kind}.id = given.id"
            self.cursor.execute(update, [revision, *_columns(rows.updated)])
        if rows.created:
            insert = f"INSERT INTO {kind} ({', '.join(names)}) SELECT {', '.join(values)} FROM {_given(columns)}"
            self.cursor.execute(insert, [revision, *_columns(rows.created)])

    def _forget(self, table: str, ids: Sequence[int]) -> None:
        if ids:
            self.cursor.execute(f"DELETE FROM {table} WHERE entity_id = ANY(%s)", (ids,))

    def _delete(self, table: str, ids: Sequence[int]) -> None:
        if ids:
            self.cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", (ids,))

    def _copy(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        iterator = iter(rows)
        first = next(iterator, None)
        if first is None:
            return
        with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write_row(first)
            for row in iterator:
                copy.write_row(row)


def _owned_rows(entities: Iterable[Entity], revision: int) -> Iterator[Row]:
    for e in entities:
        yield e.id, e.kind, e.owner, e.code, as_json(e.document), e.created, e.updated, revision


def _given(columns: dict[str, str]) -> str:
    """Rows handed over as one array a column, in the binary form: texts as long as documents are written fast by it."""
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    return f"unnest({arrays}) AS given ({', '.join(columns)})"


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
