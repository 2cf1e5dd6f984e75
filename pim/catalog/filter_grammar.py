"""What can be asked of products: which operators each kind of property knows, and what they are asked with.

A new operator is an entry in OPERATORS and a branch in `filter_sql.py` and in `filter_match.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pim.base.errors import known, shown
from pim.catalog.attribute_types import parse_date, parse_decimal
from pim.catalog.measurement import to_standard
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Attribute, TableColumn
from pim.catalog.structure import Structure
from pim.catalog.table_columns import CELL_TYPES, SELECT, TABLE, cell_attribute


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, understood. `kind` is a key of OPERATORS, `operator` one of its operators, and `value` in the form
    in which it is compared: measures in the standard unit, prices as (amount, currency), days and instants as UTC
    datetimes, category operators with all codes they reach, completeness as (percent, locales); `written` is what was
    asked with."""

    property: str
    kind: str
    operator: str
    value: Any = None
    attribute: Attribute | None = None
    locale: str | None = None
    scope: str | None = None
    written: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a value is read by: the attribute asked about (None for a property of the product), the structure, the time,
    and the place named beside the value."""

    attribute: Attribute | None
    structure: Structure
    now: datetime
    locale: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A condition on the cells of a table's column, in one of its rows or in any. `like` is the attribute that the
    column would be, `kind` its key of OPERATORS, `value` in the form in which its cells are compared."""

    like: Attribute
    kind: str
    first_column: str
    row: str | None
    value: Any


def as_compared(found: Filter) -> Filter:
    """A condition on cells of a table as one on values of what its column would be as an attribute."""
    cell = found.value
    return replace(found, kind=cell.kind, value=cell.value, attribute=cell.like) if isinstance(cell, Cell) else found


class Unfit(ValueError):
    """A filter's value is not what its operator takes; the message says what it is and what would be taken."""


Read = Callable[[Any, Asked], Any]
"""From JSON to the form that is compared. Raises Unfit."""


def _nothing(value: Any, asked: Asked) -> None:
    return None


def read_text(value: Any, asked: Asked) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise Unfit(f"{shown(value)} is not a text")
    return value


def _filled_text(value: Any, asked: Asked) -> str:
    if not read_text(value, asked):
        raise Unfit("an empty text is part of every text; give at least one letter")
    return str(value)


def _list_of(read: Read) -> Read:
    def read_list(value: Any, asked: Asked) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Unfit(f'{shown(value)} is not a list; write ["…", "…"]')
        return tuple(read(one, asked) for one in value)

    return read_list


def _pair_of(read: Read) -> Read:
    def read_pair(value: Any, asked: Asked) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Unfit(f"{shown(value)} is not a list of two, the first and the last")
        first, last = (read(one, asked) for one in value)
        return first, last

    return read_pair


def _number(value: Any, asked: Asked) -> Decimal:
    number = parse_decimal(value)
    if number is None:
        raise Unfit(f"{shown(value)} is not a number; write it like 12.5")
    return number


def _measure(value: Any, asked: Asked) -> Decimal:
    if not isinstance(value, dict) or not {"amount", "unit"} <= set(value):
        raise Unfit(f'{shown(value)} is not a measure; write {{"amount": "1.5", "unit": "METER"}}')
    assert asked.attribute is not None
    family = asked.structure.measurement_families[asked.attribute.metric_family or ""]
    if not isinstance(value["unit"], str) or value["unit"] not in family.units:
        raise Unfit(f"unit {shown(value['unit'])} is not of {family.code}; {known(family.units)}")
    return to_standard(_number(value["amount"], asked), value["unit"], family)


def _price(value: Any, asked: Asked) -> tuple[Decimal, str]:
    if not isinstance(value, dict) or not {"amount", "currency"} <= set(value):
        raise Unfit(f'{shown(value)} is not a price; write {{"amount": "9.90", "currency": "EUR"}}')
    currency = value["currency"]
    if not isinstance(currency, str) or currency not in asked.structure.currencies:
        raise Unfit(f"currency {shown(currency)} does not exist; {known(asked.structure.currencies)}")
    return _number(value["amount"], asked), currency


def read_boolean(value: Any, asked: Asked) -> bool:
    if not isinstance(value, bool):
        raise Unfit(f"{shown(value)} is neither true nor false")
    return value


def _day(value: Any, asked: Asked) -> datetime:
    day = parse_date(value)
    if day is None:
        raise Unfit(f"{shown(value)} is not a date; write it like 2026-11-22")
    return day


def read_instant(value: Any, asked: Asked) -> datetime:
    """`Y-m-d H:i:s` is in UTC; with an offset behind it, in what it says."""
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"{shown(value)} is not a time; write it like 2026-11-22 08:30:00 (UTC)") from None


def _days_ago(value: Any, asked: Asked) -> datetime:
    number = parse_decimal(value)
    if number is None or number != number.to_integral_value() or not 0 <= number <= 36_500:
        raise Unfit(f"{shown(value)} is not a number of days; write a whole number up to 36500")
    return asked.now - timedelta(days=int(number))


read_codes = _list_of(read_text)


def _option(value: Any, asked: Asked) -> str:
    assert asked.attribute is not None
    options = asked.structure.options.get(asked.attribute.code, {})
    return _among(value, options, "option")


def _category(value: Any, asked: Asked) -> str:
    return _among(value, asked.structure.categories, "category")


def _family(value: Any, asked: Asked) -> str:
    return _among(value, asked.structure.families, "family")


def _group(value: Any, asked: Asked) -> str:
    return _among(value, asked.structure.groups, "group")


def _among(value: Any, codes: Iterable[str], what: str) -> str:
    if not isinstance(value, str) or value not in codes:
        raise Unfit(f"{what} {shown(value)} does not exist; {known(codes)}")
    return value


def _categories(value: Any, asked: Asked) -> tuple[str, ...]:
    return tuple(_list_of(_category)(value, asked))


def _with_children(value: Any, asked: Asked) -> tuple[str, ...]:
    return tuple(sorted(subtree(_categories(value, asked), asked.structure)))


def subtree(codes: Iterable[str], structure: Structure) -> set[str]:
    """These categories and everything below them."""
    reached: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting.extend(structure.children.get(code, ()))
    return reached


def _uuid(value: Any, asked: Asked) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise Unfit(f"{shown(value)} is not a uuid") from None


def _percent(value: Any, asked: Asked) -> Decimal:
    number = parse_decimal(value)
    if number is None or not 0 <= number <= 100:
        raise Unfit(f"{shown(value)} is not a percentage; write a number from 0 to 100")
    return number


Operators = dict[str, Read]

_PRESENCE: Operators = {"EMPTY": _nothing, "NOT EMPTY": _nothing}
_FILE: Operators = {
    "STARTS WITH": _filled_text, "CONTAINS": _filled_text, "DOES NOT CONTAIN": _filled_text,
    "=": read_text, "!=": read_text, **_PRESENCE,
}  # fmt: skip
_TEXT: Operators = {**_FILE, "IN": read_codes, "NOT IN": read_codes}
_EQUALITIES = ("=", "!=")
_COMPARISONS = ("<", "<=", "=", "!=", ">=", ">")
ON_ALL_LOCALES = {
    "GREATER THAN ON ALL LOCALES": ">",
    "GREATER OR EQUALS THAN ON ALL LOCALES": ">=",
    "LOWER THAN ON ALL LOCALES": "<",
    "LOWER OR EQUALS THAN ON ALL LOCALES": "<=",
}
"""Operator → how each of the locales compares."""


def _each(operators: Iterable[str], read: Read) -> Operators:
    return dict.fromkeys(operators, read)


def _moments(read: Read) -> Operators:
    pair = _pair_of(read)
    return {**_each(("<", "=", "!=", ">"), read), "BETWEEN": pair, "NOT BETWEEN": pair}


def _sets(read: Read) -> Operators:
    return _each(("IN", "NOT IN"), _list_of(read))


OPERATORS: dict[str, Operators] = {
    "identifier": _TEXT,
    "text": _TEXT,
    "file": _FILE,
    "number": {**_each(_COMPARISONS, _number), **_PRESENCE},
    "metric": {**_each(_COMPARISONS, _measure), **_PRESENCE},
    "price": {**_each(_COMPARISONS, _price), **_PRESENCE},
    "option": {**_sets(_option), **_PRESENCE},
    "reference": {**_sets(read_text), **_PRESENCE},
    "boolean": {**_each(_EQUALITIES, read_boolean), **_PRESENCE},
    "date": {**_moments(_day), **_PRESENCE},
    "presence": _PRESENCE,
    "uuid": _sets(_uuid),
    "categories": {
        "IN": _categories, "NOT IN": _categories, "IN CHILDREN": _with_children, "NOT IN CHILDREN": _with_children,
        "UNCLASSIFIED": _nothing, "IN OR UNCLASSIFIED": _categories,
    },
    "family": {**_sets(_family), **_PRESENCE},
    "groups": {**_sets(_group), **_PRESENCE},
    "enabled": _each(_EQUALITIES, read_boolean),
    "completeness": {**_each(_COMPARISONS, _percent), **_each(ON_ALL_LOCALES, _percent)},
    "created": {**_moments(read_instant), "SINCE LAST N DAYS": _days_ago},
    "updated": {**_moments(read_instant), "SINCE LAST N DAYS": _days_ago},
    "parent": {"=": read_text, "IN": read_codes, **_PRESENCE},
}  # fmt: skip
"""Kind of property → operator → how its value is read."""


def _cell(operator: str) -> Read:
    """`{"column": …, "row": …, "value": …}`; whether there is a table at all is asked without."""

    def read(value: Any, asked: Asked) -> Cell | None:
        if value is None and operator in _PRESENCE:
            return None
        assert asked.attribute is not None
        columns = {column.code: column for column in asked.attribute.columns}
        if not isinstance(value, dict) or not isinstance(value.get("column"), str):
            raise Unfit(f'{shown(value)} names no column; write {{"column": "…", "row": "…", "value": …}}')
        column, first = columns.get(value["column"]), asked.attribute.columns[0]
        if column is None:
            raise Unfit(f"column {shown(value['column'])} does not exist; {known(columns)}")
        row = _row_of(first, value.get("row"), asked)
        like = cell_attribute(column)
        kind = KIND_OF_TYPE[like.type]
        read_cell = _option_of(column) if column.data_type == SELECT else OPERATORS[kind].get(operator)
        if read_cell is None or operator not in OPERATORS[kind]:
            raise Unfit(
                f"it does not work on the column `{column.code}` ({column.data_type}); {known(OPERATORS[kind])}"
            )
        datum = None if operator in _PRESENCE else read_cell(value.get("value"), replace(asked, attribute=like))
        return Cell(like, kind, first.code, row, datum)

    return read


def _row_of(first: TableColumn, row: Any, asked: Asked) -> str | None:
    """What stands in the first column of the row that is asked about; None for any row."""
    if row is None:
        return None
    return _among(row, first.option_codes, "row") if first.data_type == SELECT else read_text(row, asked)


def _option_of(column: TableColumn) -> Read:
    return _list_of(lambda value, asked: _among(value, column.option_codes, "option"))


KIND_OF_TYPE = {
    "pim_catalog_identifier": "identifier",
    "pim_catalog_text": "text",
    "pim_catalog_textarea": "text",
    "pim_catalog_number": "number",
    "pim_catalog_metric": "metric",
    "pim_catalog_price_collection": "price",
    "pim_catalog_boolean": "boolean",
    "pim_catalog_date": "date",
    "pim_catalog_simpleselect": "option",
    "pim_catalog_multiselect": "option",
    "pim_catalog_image": "file",
    "pim_catalog_file": "file",
    "pim_reference_data_simpleselect": "reference",
    "pim_reference_data_multiselect": "reference",
    TABLE: "table",
    "akeneo_reference_entity": "reference",
    "akeneo_reference_entity_collection": "reference",
    "pim_catalog_asset_collection": "reference",
}
"""Attribute type → kind; values of any other type can only be there or not."""

OPERATORS["table"] = {
    operator: _cell(operator)
    for operator in dict.fromkeys(o for cell_type in CELL_TYPES.values() for o in OPERATORS[KIND_OF_TYPE[cell_type]])
}

_OF_BOTH = {name: name for name in ("identifier", "categories", "family", "created", "updated", "parent")}
PROPERTIES: dict[str, dict[str, str]] = {
    PRODUCT: _OF_BOTH | {name: name for name in ("uuid", "groups", "enabled", "completeness")},
    PRODUCT_MODEL: _OF_BOTH | {"code": "identifier"},
}
"""What is asked about → the properties that are no attributes, and the kind of each."""
