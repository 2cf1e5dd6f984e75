"""Filters decided on one product at hand, without a database. They find what `filter_sql.py` finds; a new operator is a
branch in both."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pim.catalog.attribute_types import ATTRIBUTE_TYPES
from pim.catalog.completeness import completeness
from pim.catalog.filter_grammar import ON_ALL_LOCALES, Cell, Filter, as_compared
from pim.catalog.model import Resolved
from pim.catalog.structure import Structure

Matches = Callable[[Resolved], bool]
Data = Callable[[Resolved], list[Any]]
"""What stands where a filter looks, in the form in which it is compared: none, one or many."""

_SECOND = timedelta(seconds=1)


def compile_filter(found: Filter, structure: Structure) -> Matches:
    """Whether a product (or product model, with what its models say merged in) meets the condition."""
    match found.kind:
        case "categories":
            return _in_categories(found)
        case "completeness":
            return _complete(found, structure)
        case "created" | "updated":
            return _at_moment(found)
    return _with_data(as_compared(found), _data_of(found, structure))


def goes_at(found: Filter, now: datetime) -> Callable[[Resolved], datetime] | None:
    """When a product that meets the condition ceases to, though nobody touches it; None if it never does."""
    if found.operator != "SINCE LAST N DAYS":
        return None
    moment, days = _moment_of(found), now - found.value
    return lambda product: moment(product) + days


def _with_data(found: Filter, data: Data) -> Matches:
    match found.operator:
        case "EMPTY":
            return lambda product: not data(product)
        case "NOT EMPTY":
            return lambda product: bool(data(product))
        case "IN":
            wanted = frozenset(found.value)
            return lambda product: not wanted.isdisjoint(data(product))
        case "NOT IN":
            unwanted = frozenset(found.value)
            return lambda product: bool(there := data(product)) and unwanted.isdisjoint(there)
    compare, asked = _COMPARISONS[found.operator], found.value
    if found.kind == "price":
        amount, currency = asked
        return lambda product: any(one[1] == currency and compare(one[0], amount) for one in data(product))
    return lambda product: any(compare(one, asked) for one in data(product))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, asked: bool(one == asked),
    "!=": lambda one, asked: bool(one != asked),
    "<": lambda one, asked: bool(one < asked),
    "<=": lambda one, asked: bool(one <= asked),
    ">": lambda one, asked: bool(one > asked),
    ">=": lambda one, asked: bool(one >= asked),
    "STARTS WITH": lambda one, asked: bool(one.startswith(asked)),
    "CONTAINS": lambda one, asked: asked in one,
    "DOES NOT CONTAIN": lambda one, asked: asked not in one,
    "BETWEEN": lambda one, asked: bool(asked[0] <= one <= asked[1]),
    "NOT BETWEEN": lambda one, asked: not asked[0] <= one <= asked[1],
}


def _data_of(found: Filter, structure: Structure) -> Data:
    match found.kind:
        case "uuid":
            return lambda product: [product.entity.uuid]
        case "identifier":
            return lambda product: _there(product.document.get("identifier", product.document.get("code")))
        case "enabled" | "family" | "parent" as name:
            return lambda product: _there(product.document[name])
        case "groups":
            return lambda product: list(product.document["groups"])
    return _values_of(found, structure)


def _there(datum: Any) -> list[Any]:
    return [] if datum is None else [datum]


def _values_of(found: Filter, structure: Structure) -> Data:
    code, locale, scope = found.property, found.locale, found.scope
    read = _cells_read(found, structure) if isinstance(found.value, Cell) else _reader(found, structure)

    def data(product: Resolved) -> list[Any]:
        for value in product.document["values"].get(code, ()):
            if value["locale"] == locale and value["scope"] == scope:
                return list(read(value["data"]))
        return []

    return data


def _cells_read(found: Filter, structure: Structure) -> Callable[[Any], Iterator[Any]]:
    cell: Cell = found.value
    read, column = _reader(as_compared(found), structure), cell.like.code

    def read_cells(rows: Any) -> Iterator[Any]:
        for row in rows:
            if column in row and cell.row in (None, row[cell.first_column]):
                yield from read(row[column])

    return read_cells


def _reader(found: Filter, structure: Structure) -> Callable[[Any], Iterable[Any]]:
    """Measures and the like as their filter rows have them; texts whole, where filter rows keep the beginning."""
    attribute = found.attribute
    assert attribute is not None
    index = ATTRIBUTE_TYPES[attribute.type].index
    match found.kind:
        case "number" | "metric":
            return lambda data: [number for _, number, _ in index(data, attribute, structure)]
        case "price":
            return lambda data: [(amount, currency) for currency, amount, _ in index(data, attribute, structure)]
        case "date":
            return lambda data: [day for _, _, day in index(data, attribute, structure)]
    return lambda data: data if isinstance(data, list) else [data]


def _in_categories(found: Filter) -> Matches:
    """The value of an operator for subtrees names all of the subtree already."""
    named = frozenset(found.value or ())
    match found.operator:
        case "UNCLASSIFIED":
            return lambda product: not product.document["categories"]
        case "IN OR UNCLASSIFIED":
            return lambda product: not (held := product.document["categories"]) or not named.isdisjoint(held)
        case "NOT IN" | "NOT IN CHILDREN":
            return lambda product: named.isdisjoint(product.document["categories"])
    return lambda product: not named.isdisjoint(product.document["categories"])


def _complete(found: Filter, structure: Structure) -> Matches:
    percent, locales = found.value
    every = found.operator.endswith("ON ALL LOCALES")
    compare = _COMPARISONS[ON_ALL_LOCALES[found.operator] if every else found.operator]
    met = all if every else any

    def matches(product: Resolved) -> bool:
        document, family = product.document, product.document.get("family")
        if family is None:
            return False
        each = completeness(document["values"], document.get("identifier"), family, structure)
        ratios = (one.ratio for one in each if one.scope == found.scope and one.locale in locales)
        return met(compare(Decimal(ratio), percent) for ratio in ratios)

    return matches


def _at_moment(found: Filter) -> Matches:
    """A time is written to the second, and `=` is all of that second; `>` is everything later, even within it."""
    moment, asked = _moment_of(found), found.value
    match found.operator:
        case ">" | "SINCE LAST N DAYS":
            return lambda product: bool(moment(product) > asked)
        case "<":
            return lambda product: bool(moment(product) < asked)
    first, last = asked if "BETWEEN" in found.operator else (asked, asked)
    end, inside = last + _SECOND, found.operator in ("=", "BETWEEN")
    return lambda product: (first <= moment(product) < end) == inside


def _moment_of(found: Filter) -> Callable[[Resolved], datetime]:
    if found.kind == "created":
        return lambda product: product.entity.created
    return lambda product: product.updated
