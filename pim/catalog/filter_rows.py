"""Where the values of an attribute are looked up: in `filter_value`, which is indexed, or in the documents themselves.

The documents are asked where no filter rows are kept (the attribute is not useable as a filter), where they may be
stale (the attribute changed and the derivation has not caught up) and where they hold only the beginning of a text.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Numeric,
    Select,
    String,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    text,
    union_all,
)
from sqlmodel import Session, col

from pim.catalog.attribute_types import FILTER_TEXT_LENGTH
from pim.catalog.filter_grammar import Cell, Filter, as_compared
from pim.catalog.model import MeasurementFamily
from pim.catalog.structure import Structure
from pim.catalog.table_columns import TABLE
from pim.catalog.tables import FilterValueRow, ProductModelRow, ProductRow

_COLUMN_OF = {"number": "number", "metric": "number", "price": "number", "boolean": "number", "date": "date"}
_LONG_TYPES = frozenset({"pim_catalog_textarea", "pim_catalog_image", "pim_catalog_file"})
_LISTS = frozenset(
    {
        "pim_catalog_multiselect", "pim_reference_data_multiselect", "akeneo_reference_entity_collection",
        "pim_catalog_asset_collection", TABLE,
    }
)  # fmt: skip
_EXACT = Numeric(150, 50)
"""So that a division carries as many digits as `measurement.PRECISION` does."""
_DIGITS = 25
"""Decimals to which measures read from documents are rounded: two ways of dividing agree that far."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The values of one attribute at one place. `data` is the column that is compared; of a price `text` is the
    currency."""

    rows: FromClause
    data: Any
    text: Any
    conditions: tuple[ColumnElement[bool], ...]
    digits: int | None = None
    """Decimals to which `data` is rounded, and what it is compared with has to be."""

    def fit(self, value: Any) -> Any:
        """The value of a filter as `data` would hold it."""
        if isinstance(value, bool):
            return Decimal(value)
        return round(value, self.digits) if self.digits is not None else value

    def ids(self, *which: ColumnElement[bool]) -> Select[Any]:
        """Of the entities that hold such a value."""
        return select(self.rows.c.entity_id).where(*self.conditions, self.data.is_not(None), *which)


def value_rows(session: Session, found: Filter, structure: Structure) -> Rows:
    if _kept(session, found, structure) and not _cut_off(found):
        return _filter_rows(found, structure)
    return _document_rows(found, structure)


def _kept(session: Session, found: Filter, structure: Structure) -> bool:
    """Whether the filter rows of the attribute are those of its present form."""
    attribute = found.attribute
    assert attribute is not None
    if not attribute.useable_as_grid_filter or found.kind == "presence" or isinstance(found.value, Cell):
        return False
    newest = structure.entities["attribute", "", attribute.code].revision
    if attribute.metric_family:
        newest = max(newest, structure.entities["measurement_family", "", attribute.metric_family].revision)
    # the head belongs to the log, a floor above; how far the derived rows have come is all that is read of it
    reached: int = session.execute(text("SELECT derived_revision FROM head")).scalar_one()
    return newest <= reached


def _cut_off(found: Filter) -> bool:
    """Whether the beginning of a text is not enough to tell."""
    assert found.attribute is not None
    if found.attribute.type not in _LONG_TYPES or found.operator in ("EMPTY", "NOT EMPTY"):
        return False
    asked = found.value if isinstance(found.value, tuple) else (found.value,)
    return "CONTAIN" in found.operator or any(len(one) >= FILTER_TEXT_LENGTH for one in asked)


def _filter_rows(found: Filter, structure: Structure) -> Rows:
    assert found.attribute is not None
    rows = FilterValueRow.__table__.alias()  # type: ignore[attr-defined]
    conditions = (
        rows.c.attribute_id == structure.id_of("attribute", found.attribute.code),
        rows.c.locale.is_not_distinct_from(found.locale),
        rows.c.scope.is_not_distinct_from(found.scope),
    )
    return Rows(rows, rows.c[_COLUMN_OF.get(found.kind, "text")], rows.c.text, conditions)


def _document_rows(found: Filter, structure: Structure) -> Rows:
    rows = union_all(*(_values_in(table, found, structure) for table in (ProductRow, ProductModelRow))).subquery()
    return Rows(rows, rows.c.data, rows.c.text, (), _DIGITS if as_compared(found).kind == "metric" else None)


def _values_in(table: Any, found: Filter, structure: Structure) -> Select[Any]:
    assert found.attribute is not None
    held = col(table.document)["values"][found.attribute.code]
    value = func.jsonb_array_elements(held).table_valued(column("value", held.type)).lateral()
    datum = value.c.value["data"]
    source: FromClause = value
    if found.attribute.type in _LISTS or found.kind == "price":
        one = func.jsonb_array_elements(datum).table_valued(column("value", held.type)).lateral()
        datum, source = one.c.value, value.join(one, literal(True))
    if isinstance(cell := found.value, Cell):
        in_row = literal(True) if cell.row is None else datum[cell.first_column].astext == cell.row
        datum = datum[cell.like.code]
    else:
        in_row = literal(True)
    data, note = _read(as_compared(found), datum, structure)
    return (
        select(col(table.id).label("entity_id"), data.label("data"), note.label("text"))
        .select_from(table)
        .join(source, literal(True))
        .where(
            func.jsonb_exists(col(table.document)["values"], found.attribute.code),
            value.c.value["locale"].astext.is_not_distinct_from(found.locale),
            value.c.value["scope"].astext.is_not_distinct_from(found.scope),
            in_row,
        )
    )


def _read(found: Filter, datum: Any, structure: Structure) -> tuple[Any, Any]:
    """(what is compared, the currency of a price) of one datum in a document."""
    nothing = cast(null(), String())
    whole = datum.op("#>>")(text("'{}'"))
    match found.kind:
        case "number":
            return cast(whole, Numeric()), nothing
        case "boolean":
            word = cast(whole, String())
            return case((word == "true", literal(1)), (word == "false", literal(0))), nothing  # an empty cell: null
        case "date":
            return cast(whole, DateTime(timezone=True)), nothing
        case "price":
            return cast(datum["amount"].astext, Numeric()), datum["currency"].astext
        case "metric":
            assert found.attribute is not None
            family = structure.measurement_families[found.attribute.metric_family or ""]
            return _in_standard_unit(datum, family), nothing
    return cast(whole, String()).collate("C"), nothing


def _in_standard_unit(datum: Any, family: MeasurementFamily) -> Any:
    """`measurement.to_standard`, told to the database."""
    amounts = []
    for code, unit in family.units.items():
        amount: Any = cast(datum["amount"].astext, _EXACT)
        for step in unit.convert_from_standard:
            operation = _OPERATIONS[step.operator]
            amount = cast(amount.op(operation)(cast(literal(Decimal(step.value)), _EXACT)), _EXACT)
        amounts.append((datum["unit"].astext == code, func.round(amount, _DIGITS)))
    return case(*amounts)


_OPERATIONS = {"mul": "*", "div": "/", "add": "+", "sub": "-"}
