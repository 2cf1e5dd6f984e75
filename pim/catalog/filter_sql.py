"""Filters as conditions on rows. The word *hits* is for a query of ids of whatever holds a value itself, *reached* for
the ids of those who show it: the hits of their kind and what stands below the product models among the hits.

Whatever can be looked up is asked as `id = ANY(ARRAY(hits UNION ALL variants of hits))`: the ids first, then their
rows. With `IN` the planner, who takes the hits for many, reads all ids in order until it meets them. Negations are an
anti-join with the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.catalog.filter_grammar import ON_ALL_LOCALES, Filter, as_compared
from pim.catalog.filter_rows import Rows, value_rows
from pim.catalog.filter_text import starts_with
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.store import among
from pim.catalog.structure import Structure
from pim.catalog.tables import CompletenessRow, ProductModelRow, ProductRow

Table = type[ProductRow] | type[ProductModelRow]
Condition = ColumnElement[bool]

TABLES: dict[str, Any] = {PRODUCT: ProductRow, PRODUCT_MODEL: ProductModelRow}

_SECOND = timedelta(seconds=1)


def condition(session: Session, found: Filter, kind: str, structure: Structure) -> Condition:
    """`found` as a condition on the rows of products or product models."""
    table = TABLES[kind]
    if found.kind in _OF_PROPERTIES:
        return _OF_PROPERTIES[found.kind](found, table)
    rows = value_rows(session, found, structure)
    return _of_value(as_compared(found), rows, table)


def all_of(session: Session, search: Sequence[Filter], kind: str, structure: Structure) -> list[Condition]:
    """All that are asked for at once. Bounds of one value are looked up as one range: each alone finds half of all."""
    together: dict[Any, list[Filter]] = {}
    for number, found in enumerate(search):
        together.setdefault(_bounded(found) or number, []).append(found)
    return [
        condition(session, group[0], kind, structure) if len(group) == 1 else _range(session, group, kind, structure)
        for group in together.values()
    ]


def _bounded(found: Filter) -> Any:
    """What a bound is of: an amount of which there is one in each place."""
    if found.kind not in ("number", "metric", "price") or found.operator not in ("<", "<=", ">", ">="):
        return None
    return found.property, found.locale, found.scope, found.value[1] if found.kind == "price" else None


def _range(session: Session, bounds: Sequence[Filter], kind: str, structure: Structure) -> Condition:
    rows = value_rows(session, bounds[0], structure)
    return _shown_by(TABLES[kind], rows.ids(*(_amount(found, rows) for found in bounds)))


def reached(table: Any, hits: Select[Any]) -> Select[Any]:
    """Ids in `table` that are among `hits` or below a product model that is."""
    own = hits.cte()
    ids = own.c[0]
    model, child = aliased(ProductModelRow), aliased(ProductModelRow)
    models = select(col(model.id)).join(own, col(model.id) == ids)
    submodels = select(col(child.id)).join(own, col(child.parent_id) == ids)
    if table is ProductModelRow:
        parts = union_all(select(ids), submodels)
    else:
        variant = aliased(ProductRow)
        above = func.array(union_all(models, submodels).scalar_subquery())
        parts = union_all(select(ids), select(col(variant.id)).where(col(variant.parent_id) == any_(above)))
    return select(parts.subquery().c[0])


def _shown_by(table: Any, hits: Select[Any]) -> Condition:
    return col(table.id) == any_(func.array(reached(table, hits).scalar_subquery()))


def _not_shown_by(table: Any, hits: Select[Any]) -> Condition:
    ids = reached(table, hits).subquery()
    return not_(exists().where(ids.c[0] == col(table.id)))


def _of_value(found: Filter, rows: Rows, table: Any) -> Condition:
    """A value of an attribute. What says NOT IN has a value, and none of those."""
    if found.operator == "EMPTY":
        return _not_shown_by(table, rows.ids())
    if found.operator == "NOT EMPTY":
        return _shown_by(table, rows.ids())
    if found.operator == "NOT IN":
        return and_(_shown_by(table, rows.ids()), _not_shown_by(table, rows.ids(among(rows.data, found.value))))
    return _shown_by(table, rows.ids(_amount(found, rows)))


def _amount(found: Filter, rows: Rows) -> Condition:
    """The datum of a value, of a price that in the currency asked about."""
    if found.kind == "price":
        amount, currency = found.value
        return and_(rows.text == currency, _matches(rows.data, found.operator, amount))
    return _matches(rows.data, found.operator, rows.fit(found.value))


def _matches(column: Any, operator: str, value: Any) -> Condition:
    """One datum compared."""
    match operator:
        case "STARTS WITH":
            return starts_with(column, value)
        case "CONTAINS":
            return func.strpos(column, value) > 0
        case "DOES NOT CONTAIN":
            return func.strpos(column, value) == 0
        case "IN":
            return among(column, value)
        case "NOT IN":
            return not_(among(column, value))
        case "BETWEEN":
            return and_(column >= value[0], column <= value[1])
        case "NOT BETWEEN":
            return or_(column < value[0], column > value[1])
    compared: Condition = column.op(_COMPARISONS[operator], is_comparison=True)(value)
    return compared


_COMPARISONS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _identifier(found: Filter, table: Any) -> Condition:
    """A product without identifier has its uuid for a code, which nobody means."""
    named = col(ProductRow.document)["identifier"].astext.is_not(None) if table is ProductRow else true()
    if found.operator == "EMPTY":
        return not_(named)
    if found.operator == "NOT EMPTY":
        return named
    return and_(_matches(col(table.code), found.operator, found.value), named)


def _uuid(found: Filter, table: Any) -> Condition:
    return _matches(col(table.uuid), found.operator, found.value)


def _enabled(found: Filter, table: Any) -> Condition:
    return _matches(col(table.enabled), found.operator, found.value)


def _family(found: Filter, table: Any) -> Condition:
    if found.operator in ("EMPTY", "NOT EMPTY"):
        empty = col(table.family).is_(None)
        return empty if found.operator == "EMPTY" else not_(empty)
    return and_(_matches(col(table.family), found.operator, found.value), col(table.family).is_not(None))


def _groups(found: Filter, table: Any) -> Condition:
    groups = col(table.document).op("->", return_type=JSONB())(literal_column("'groups'"))  # as its index has it
    some = func.jsonb_array_length(groups) > 0
    if found.operator in ("EMPTY", "NOT EMPTY"):
        return not_(some) if found.operator == "EMPTY" else some
    named = groups.has_any(cast(list(found.value), ARRAY(Text())))
    if found.operator == "NOT IN":
        return and_(some, not_(named))
    # nothing tells the planner how few they are, so it is not let to look for them in the order of ids
    holders = select(col(table.id)).where(named).cte().prefix_with("MATERIALIZED")
    return col(table.id).in_(select(holders.c[0]))


def _categories(found: Filter, table: Any) -> Condition:
    """A variant is in the categories of its product models too."""
    if found.operator == "UNCLASSIFIED":
        return _unclassified(table)
    hits = _holders_of_categories(lambda column: column.overlap(cast(list(found.value), ARRAY(String()))))
    if found.operator in ("NOT IN", "NOT IN CHILDREN"):
        return _not_shown_by(table, hits)
    if found.operator == "IN OR UNCLASSIFIED":
        return or_(_shown_by(table, hits), _unclassified(table))
    return _shown_by(table, hits)


def _unclassified(table: Any) -> Condition:
    classified = _holders_of_categories(lambda column: func.cardinality(column) > 0)
    return _not_shown_by(table, classified)


def _holders_of_categories(where: Callable[[Any], Condition]) -> Select[Any]:
    return _either(lambda table: where(col(table.categories)))


def _either(where: Callable[[Any], Condition]) -> Select[Any]:
    """Ids of the products and product models for which the condition holds."""
    product, model = aliased(ProductRow), aliased(ProductModelRow)
    parts = union_all(select(col(product.id)).where(where(product)), select(col(model.id)).where(where(model)))
    return select(parts.subquery().c[0])


def _completeness(found: Filter, table: Any) -> Condition:
    """Of the derived percentages. A product without family has none, which is neither much nor little."""
    percent, locales = found.value
    every = found.operator.endswith("ON ALL LOCALES")
    operator = ON_ALL_LOCALES[found.operator] if every else found.operator
    ratios = col(CompletenessRow.ratios)[found.scope]
    each = [_matches(ratios[locale].as_integer(), operator, percent) for locale in locales]
    fitting = select(col(CompletenessRow.entity_id)).where(and_(*each) if every else or_(false(), *each))
    return col(table.id).in_(fitting)


@dataclass(frozen=True, slots=True)
class _Moments:
    """How a kind of moment compares; each with instants, `within` with [start, end)."""

    since: Callable[[Any], Condition]
    after: Callable[[Any], Condition]
    before: Callable[[Any], Condition]
    within: Callable[[Any, Any], Condition]


def _created(found: Filter, table: Any) -> Condition:
    return moment_of(col(table.created), found)


def moment_of(column: Any, found: Filter) -> Condition:
    """A moment that stands in a column of its own."""
    moments = _Moments(
        since=lambda start: column >= start,
        after=lambda start: column > start,
        before=lambda end: column < end,
        within=lambda start, end: and_(column >= start, column < end),
    )
    return _moment(found, moments)


def _updated(found: Filter, table: Any) -> Condition:
    """A variant is as new as the newest of itself and its product models."""

    def shown(where: Callable[[Any], Condition]) -> Condition:
        return _shown_by(table, _either(lambda each: where(col(each.updated))))

    def before(end: Any) -> Condition:
        return and_(col(table.updated) < end, not_(_newer_above(table, end)))

    moments = _Moments(
        since=lambda start: shown(lambda updated: updated >= start),
        after=lambda start: shown(lambda updated: updated > start),
        before=before,
        within=lambda start, end: and_(shown(lambda updated: and_(updated >= start, updated < end)), before(end)),
    )
    return _moment(found, moments)


def _newer_above(table: Any, end: Any) -> Condition:
    """Whether a product model above the row was changed at `end` or later."""
    model, root = aliased(ProductModelRow), aliased(ProductModelRow)
    above = select(col(model.id)).outerjoin(root, col(model.parent_id) == col(root.id))
    newest = func.greatest(col(model.updated), col(root.updated))
    return above.where(col(model.id) == col(table.parent_id), newest >= end).correlate(table).exists()


def _moment(found: Filter, moments: _Moments) -> Condition:
    """A time is written to the second, and `=` is all of that second. `>` is everything later, even within the second:
    who asks for what changed since they last looked misses nothing."""
    match found.operator:
        case ">" | "SINCE LAST N DAYS":
            return moments.after(found.value)
        case "<":
            return moments.before(found.value)
    first, last = found.value if "BETWEEN" in found.operator else (found.value, found.value)
    if found.operator in ("=", "BETWEEN"):
        return moments.within(first, last + _SECOND)
    return or_(moments.before(first), moments.since(last + _SECOND))


def _parent(found: Filter, table: Any) -> Condition:
    column = col(table.parent_id)
    if found.operator in ("EMPTY", "NOT EMPTY"):
        return column.is_(None) if found.operator == "EMPTY" else column.is_not(None)
    codes = [found.value] if found.operator == "=" else list(found.value)
    model = aliased(ProductModelRow)
    ids = select(col(model.id)).where(among(col(model.code), codes))
    return column.in_(ids)


_OF_PROPERTIES: dict[str, Callable[[Filter, Any], Condition]] = {
    "identifier": _identifier,
    "uuid": _uuid,
    "enabled": _enabled,
    "family": _family,
    "groups": _groups,
    "categories": _categories,
    "completeness": _completeness,
    "created": _created,
    "updated": _updated,
    "parent": _parent,
}
