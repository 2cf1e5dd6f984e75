"""The same SQL by hand: what requests read and write, without checking, merging or speaking HTTP.

A write is copied from one that our server has just made: the same products are read and locked, the same rows written
to the same tables, log included, in one transaction with prepared statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from pim.bench.api_questions import Question

Row = tuple[Any, ...]

_LOCK: LiteralString = "SELECT id, document::text FROM product WHERE code = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_UPDATE: LiteralString = """
    UPDATE product SET document = given.document::jsonb, updated = now(), revision = %s
    FROM unnest(%b::bigint[], %b::text[]) AS given (id, document) WHERE product.id = given.id
"""
_FORGET: LiteralString = """
    DELETE FROM filter_value USING unnest(%b::bigint[], %b::bigint[]) AS gone (entity_id, attribute_id)
    WHERE filter_value.entity_id = gone.entity_id AND filter_value.attribute_id = gone.attribute_id
"""
_NEXT: LiteralString = "UPDATE head SET revision = revision + 1 RETURNING revision"
_CHANGESET: LiteralString = """
    INSERT INTO changeset (revision, author, source, committed_at)
    SELECT %s, author, source, now() FROM changeset WHERE revision = %s
"""
_MODELS: LiteralString = """
    SELECT model.document::text FROM product_model AS model WHERE model.id = ANY(%s)
    UNION ALL SELECT root.document::text FROM product_model AS model
    JOIN product_model AS root ON root.id = model.parent_id WHERE model.id = ANY(%s)
"""
_COLUMNS: dict[str, LiteralString] = {
    "product": "id, uuid, code, parent_id, family, enabled, root_key, axis_key, categories, document::text, created, "
    "updated, revision",
    "unique_value": "attribute_id, data, entity_id",
    "filter_value": "entity_id, attribute_id, locale, scope, text, number, date",
    "completeness": "entity_id, ratios::text",
    "change": "revision, number, entity_id, kind, path, attribute_id, locale, scope, old::text, new::text",
}
_OF_PRODUCTS: tuple[LiteralString, ...] = ("unique_value", "filter_value", "completeness")


@dataclass(frozen=True, slots=True)
class Write:
    """What one batch wrote at `revision`: `rows` by table, whole products where it `created` them."""

    revision: int
    codes: list[str]
    rows: dict[str, list[Row]]
    created: bool


def copy_write(connection: psycopg.Connection[Any], codes: list[str], created: bool) -> Write:
    """The newest revision, which wrote `codes`, to be repeated. What it created is taken away again."""
    cursor = connection.cursor()
    (revision,) = cursor.execute("SELECT revision FROM head").fetchone() or (0,)
    ids = [row[0] for row in cursor.execute("SELECT id FROM product WHERE code = ANY(%s)", [codes])]
    rows = {"change": _rows(cursor, "change", "revision = %s", revision)}
    if created:
        rows["product"] = _rows(cursor, "product", "id = ANY(%s)", ids)
        for table in _OF_PRODUCTS:
            rows[table] = _rows(cursor, table, "entity_id = ANY(%s)", ids)
            cursor.execute(f"DELETE FROM {table} WHERE entity_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM product WHERE id = ANY(%s)", [ids])
    else:
        written: LiteralString = "SELECT entity_id, attribute_id FROM change WHERE revision = %s"
        rows["filter_value"] = _rows(cursor, "filter_value", f"(entity_id, attribute_id) IN ({written})", revision)
    connection.commit()
    return Write(revision, codes, rows, created)


def repeat_write(connection: psycopg.Connection[Any], write: Write) -> None:
    cursor = connection.cursor()
    found = cursor.execute(_LOCK, [write.codes], prepare=True).fetchall()
    if not write.created:
        cursor.execute(_FORGET, _columns(list({row[:2] for row in write.rows["filter_value"]})), prepare=True)
    _copy(cursor, "filter_value", write.rows["filter_value"])
    (revision,) = cursor.execute(_NEXT, prepare=True).fetchone() or (0,)
    cursor.execute(_CHANGESET, [revision, write.revision], prepare=True)
    if write.created:
        for table in ("product", "unique_value", "completeness"):
            _copy(cursor, table, write.rows[table])
    else:
        cursor.execute(_UPDATE, [revision, *_columns(found)], prepare=True)
    _copy(cursor, "change", [(revision, *row[1:]) for row in write.rows["change"]])
    connection.commit()


def read_products(connection: psycopg.Connection[Any], question: Question) -> list[str]:
    """Reads up to 100 products in the order of their ids, and their product models, as texts. Codes of the products."""
    cursor = connection.cursor()
    query = f"SELECT code, parent_id, document::text FROM product WHERE {question.where} ORDER BY id LIMIT 100"
    found = cursor.execute(query, question.parameters, prepare=True).fetchall()
    if parents := list({row[1] for row in found if row[1]}):
        cursor.execute(_MODELS, [parents, parents], prepare=True).fetchall()
    connection.commit()
    return [row[0] for row in found]


def _rows(cursor: psycopg.Cursor[Any], table: LiteralString, where: LiteralString, parameter: Any) -> list[Row]:
    return cursor.execute(f"SELECT {_COLUMNS[table]} FROM {table} WHERE {where}", [parameter]).fetchall()


def _copy(cursor: psycopg.Cursor[Any], table: LiteralString, rows: Sequence[Row]) -> None:
    columns = _COLUMNS[table].replace("::text", "")
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
