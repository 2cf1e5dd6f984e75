"""What the derived tables hold, and what they should hold by the documents alone."""

from typing import Any

from sqlalchemy import text

from pim.base.database import Database
from pim.catalog import store
from pim.catalog.completeness import completeness
from pim.catalog.filter_values import filter_rows
from pim.catalog.model import PRODUCT, Resolved
from pim.catalog.product_rules import axis_key
from pim.catalog.structure import Structure
from pim.versioning.associations import FIELDS, member_name
from pim.versioning.store import current_structure

Tables = dict[str, list[tuple[Any, ...]]]


def stored_tables(database: Database) -> Tables:
    columns = {
        "filter_value": "entity_id, attribute_id, locale, scope, text, number, date",
        "unique_value": "attribute_id, data, entity_id",
        "association_target": "entity_id, target_id",
        "completeness": "entity_id, ratios",
        "product": "id, code, uuid::text, parent_id, family, enabled, root_key, axis_key, categories",
        "product_model": "id, code, parent_id, family, root_key, axis_key, categories",
    }
    with database.session() as session:
        return {
            table: _sorted(tuple(row) for row in session.execute(text(f"SELECT {names} FROM {table}")))
            for table, names in columns.items()
        }


def rebuilt_tables(database: Database) -> Tables:
    with database.session() as session:
        structure = current_structure(session)
        entities = [*store.products(session), *store.product_models(session)]
        resolved = store.resolve_all(session, entities)
    ids = {str(entity.uuid or entity.code): entity.id for entity in entities}
    tables: Tables = {
        "filter_value": [row for e in entities for row in filter_rows(e.id, e.document["values"], structure)],
        "unique_value": [row for one in resolved for row in _unique_rows(one, structure)],
        "association_target": [(e.id, ids[name]) for e in entities for name in _mentioned(e.document)],
        "completeness": [(one.entity.id, _ratios(one, structure)) for one in resolved if one.kind == PRODUCT],
        "product": [_row(one, structure) for one in resolved if one.kind == PRODUCT],
        "product_model": [_row(one, structure) for one in resolved if one.kind != PRODUCT],
    }
    return {table: _sorted(rows) for table, rows in tables.items()}


def assert_derived(database: Database) -> None:
    stored, rebuilt = stored_tables(database), rebuilt_tables(database)
    for table in stored:
        assert stored[table] == rebuilt[table], table


def _sorted(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def _unique_rows(one: Resolved, structure: Structure) -> list[tuple[Any, ...]]:
    return [
        (structure.id_of("attribute", code), str(entry["data"]), one.entity.id)
        for code, entries in one.entity.document["values"].items()
        if structure.attributes[code].unique
        for entry in entries
    ]


def _mentioned(document: dict[str, Any]) -> set[str]:
    return {
        member_name(member)
        for field in FIELDS
        for kinds in document[field].values()
        for kind in ("products", "product_models")
        for member in kinds.get(kind, ())
    }


def _ratios(one: Resolved, structure: Structure) -> dict[str, dict[str, int]]:
    ratios: dict[str, dict[str, int]] = {}
    document = one.document
    if document["family"] is not None:
        for found in completeness(document["values"], document["identifier"], document["family"], structure):
            ratios.setdefault(found.scope, {})[found.locale] = found.ratio
    return ratios


def _row(one: Resolved, structure: Structure) -> tuple[Any, ...]:
    entity, document = one.entity, one.entity.document
    root = one.ancestors[0] if one.ancestors else entity
    parent = one.ancestors[-1].id if one.ancestors else None
    key = None
    if one.ancestors:
        level = structure.variant_level(root.document["family"], root.document["family_variant"], len(one.ancestors))
        key = axis_key(document, level.axes if level else (), structure)
    tail = (f"{root.kind}/{root.code}", key, document["categories"])
    if entity.kind == PRODUCT:
        code = document["identifier"] or str(entity.uuid)
        return (entity.id, code, str(entity.uuid), parent, document["family"], document["enabled"], *tail)
    return (entity.id, document["code"], parent, document["family"], *tail)
