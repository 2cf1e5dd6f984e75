"""What the empty cells of a table erase: only what is stored, and only where the table has a column for it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from pim.catalog import store
from pim.catalog.model import PRODUCT, Entity, Value, Values
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.intake.model import Coverage, Record


def fill_empty_cells(session: Session, kind: str, records: Sequence[Record]) -> None:
    """Adds to each edit of something that exists the erasures that its row asks for."""
    covered = [record for record in records if record.coverage is not None]
    if not covered:
        return
    stored = _stored(session, kind, covered)
    for record in covered:
        old = stored.get(record.edit.uuid or record.edit.code)
        patch = record.edit.patch
        if old is not None and patch is not None and record.coverage is not None:
            erase_empty(patch["values"], old.document["values"], record.coverage)


def _stored(session: Session, kind: str, records: Iterable[Record]) -> dict[Any, Entity]:
    codes = {record.edit.code for record in records if record.edit.code}
    if kind != PRODUCT:
        return {entity.code: entity for entity in store.product_models_by_code(session, codes)}
    uuids = {record.edit.uuid for record in records if record.edit.uuid}
    entities = [*store.products_by_code(session, codes), *store.products_by_uuid(session, uuids)]
    return {key: entity for entity in entities for key in (entity.code, entity.uuid)}


def erase_empty(values: Values, stored: Values, coverage: Coverage) -> None:
    """Puts data None into `values` wherever `stored` has data that the row's empty cell takes away. Prices in
    currencies that the table has no column for stay."""
    for code, entries in stored.items():
        places = coverage.places.get(code, frozenset())
        for entry in entries:
            if (entry["locale"], entry["scope"]) not in places:
                continue
            given = _at(values, code, entry)
            kept = _other_currencies(entry, coverage.currencies.get((code, entry["locale"], entry["scope"])))
            if given is None:
                new: Value = {"locale": entry["locale"], "scope": entry["scope"], "data": kept or None}
                values.setdefault(code, []).append(new)
            elif kept:
                given["data"] = [*given["data"], *kept]


def _at(values: Values, code: str, place: Value) -> Value | None:
    for value in values.get(code, ()):
        if value["locale"] == place["locale"] and value["scope"] == place["scope"]:
            return value
    return None


def _other_currencies(stored: Value, columns: frozenset[str] | None) -> list[Any]:
    if columns is None:
        return []
    return [price for price in stored["data"] if price["currency"] not in columns]


def without_idle_associations(session: Session, kind: str, records: Sequence[Record]) -> list[Record]:
    """Rows that associate nobody matter only to those that had associations."""
    idle = {record.edit.code or str(record.edit.uuid) for record in records if not _associates(record)}
    if not idle:
        return list(records)
    table = ProductRow if kind == PRODUCT else ProductModelRow
    document = col(table.document)
    has_some = or_(*(document[name] != {} for name in ("associations", "quantified_associations")))
    query = select(col(table.code)).where(col(table.code).in_(idle), has_some)
    touched = set(session.execute(query).scalars())
    return [r for r in records if (code := r.edit.code or str(r.edit.uuid)) not in idle or code in touched]


def _associates(record: Record) -> bool:
    """True also for what is not well-shaped: the rules will say so."""
    for name in ("associations", "quantified_associations"):
        kinds = (record.edit.patch or {}).get(name) or {}
        if not isinstance(kinds, dict):
            return True
        if any(not isinstance(targets, dict) or any(targets.values()) for targets in kinds.values()):
            return True
    return False
