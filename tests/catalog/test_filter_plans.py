"""What can be looked up is looked up: no filter of an indexed operator reads a whole table."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select, text
from sqlmodel import Session, col

from pim.catalog.filters import found_by, parse_search
from pim.catalog.tables import ProductRow
from pim.versioning.derive import catch_up
from pim.versioning.store import current_structure
from tests.makers import a_product_model, given, value

MANY = 20_000
FILL = """
    INSERT INTO product (id, uuid, code, parent_id, family, enabled, root_key, axis_key, categories, document,
                         created, updated, revision)
    SELECT 100000 + n, gen_random_uuid(), 'p' || n, CASE n % 3 WHEN 0 THEN {model} END,
           CASE WHEN n % 1000 = 0 THEN 'books' ELSE 'shoes' END, true, 'product/p' || n, n::text,
           CASE WHEN n % 500 = 0 THEN '{{home}}'::varchar[] ELSE '{{outdoor}}' END,
           jsonb_build_object('identifier', 'p' || n, 'parent', NULL, 'values', '{{}}'::jsonb, 'groups',
                              CASE WHEN n % 999 = 0 THEN '["gifts"]'::jsonb ELSE '[]' END),
           '2026-01-01'::timestamptz + n * interval '1 hour', '2026-01-01'::timestamptz + n * interval '1 hour', 1
    FROM generate_series(1, {many}) n;
    UPDATE product SET parent_id = (SELECT id FROM product_model WHERE code = 'm' || (product.id - 100000) % 200)
    WHERE parent_id IS NOT NULL;
    INSERT INTO filter_value (entity_id, attribute_id, locale, text)
    SELECT 100000 + n, {name}, 'fr_FR', 'name ' || n FROM generate_series(1, {many}) n;
    INSERT INTO filter_value (entity_id, attribute_id, text)
    SELECT 100000 + n, {color}, CASE WHEN n % 700 = 0 THEN 'red' ELSE 'blue' END FROM generate_series(1, {many}) n;
    INSERT INTO filter_value (entity_id, attribute_id, number)
    SELECT 100000 + n, {weight}, n FROM generate_series(1, {many}) n;
    INSERT INTO filter_value (entity_id, attribute_id, text, number)
    SELECT 100000 + n, {price}, 'EUR', n FROM generate_series(1, {many}) n;
    INSERT INTO filter_value (entity_id, attribute_id, date)
    SELECT 100000 + n, {release}, '2026-01-01'::timestamptz + n * interval '1 day' FROM generate_series(1, {many}) n;
    ANALYZE;
"""
SEARCHES: dict[str, list[tuple[str, Any]]] = {
    "name": [("=", "name 7"), ("IN", ["name 7", "name 8"]), ("STARTS WITH", "name 77")],
    "color": [("IN", ["red"])],
    "weight": [(op, {"amount": n, "unit": "KILOGRAM"}) for op, n in (("=", 9), ("<", 9), ("<=", 9), (">", 19_990))],
    "price": [(">=", {"amount": 19_990, "currency": "EUR"})],
    "release": [("=", "2026-03-01"), ("<", "2026-01-05"), ("BETWEEN", ["2026-03-01", "2026-03-05"])],
    "sku": [("=", "p77"), ("IN", ["p77", "p78"]), ("STARTS WITH", "p777")],
    "family": [("IN", ["books"])],
    "groups": [("IN", ["gifts"])],
    "categories": [("IN", ["home"])],
    "parent": [("=", "m7"), ("IN", ["m7", "m8"])],
    "created": [("BETWEEN", ["2026-03-01 00:00:00", "2026-03-02 00:00:00"])],
    "updated": [(">", "2028-04-10 00:00:00"), ("=", "2026-03-01 01:00:00"), ("<", "2026-01-01 09:00:00")],
}


@pytest.fixture
def filled(database):
    shared = {"family": "shoes", "family_variant": "shoes_color", "values": {"name": value("m", "en_GB")}}
    models = [a_product_model(f"m{n}", **shared) for n in range(200)]
    given(database, *models)
    catch_up(database)
    with database.session() as session:
        structure = current_structure(session)
        names = ("name", "color", "weight", "price", "release")
        ids = {name: structure.id_of("attribute", name) for name in names}
        model = session.execute(text("SELECT min(id) FROM product_model")).scalar_one()
        for statement in FILL.format(many=MANY, model=model, **ids).split(";\n")[:-1]:
            session.execute(text(statement.replace(":", r"\:")))
    return database


def _conditions(session: Session, name: str, operator: str, asked: Any) -> list[ColumnElement[bool]]:
    written = {name: [{"operator": operator, "value": asked}]}
    search = parse_search(json.dumps(written), locale="fr_FR", structure=current_structure(session))
    return found_by(session, search)


def _scans(session: Session, query: Any) -> list[str]:
    """The tables that the plan reads in whole."""
    explained = query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    (plan,) = session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {explained}", explained.params).scalar_one()
    return list(_whole(plan["Plan"]))


def _whole(node: dict[str, Any]) -> Iterator[str]:
    """An index read from end to end is a whole table too, but for ids that are merged in their order until the page is
    full."""
    looked_up = {"Index Cond", "Recheck Cond"} & set(node) or node["Node Type"] == "Index Only Scan"
    if "Relation Name" in node and not looked_up:
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _whole(child)


def test_no_indexed_operator_reads_a_whole_table(filled):
    with filled.session() as session:
        scanned, found = {}, {}
        for name, asked in SEARCHES.items():
            for operator, what in asked:
                query = select(col(ProductRow.id)).where(*_conditions(session, name, operator, what))
                found[name, operator] = len(session.execute(query).all())
                tables = _scans(session, query.order_by(col(ProductRow.id)).limit(10))
                if large := set(tables) & {"product", "filter_value"}:
                    scanned[name, operator] = large
    assert not scanned
    assert {asked: count for asked, count in found.items() if not 0 < count < 200} == {}
