"""In which order what was found is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.filter_grammar import KIND_OF_TYPE, Filter
from pim.catalog.filter_rows import value_rows
from pim.catalog.model import Attribute
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.search.reader import Reader

RELEVANCE = "relevance"
MADE = "id"
"""The order in which products were made: the one of their list."""
PROPERTIES = ("identifier", "family", "enabled", "created", "updated")
_SORTED_KINDS = frozenset({"text", "number", "metric", "price", "date", "option", "boolean", "reference", "identifier"})


@dataclass(frozen=True, slots=True)
class Order:
    """`key` is RELEVANCE, MADE, one of PROPERTIES, or the code of `attribute`, whose values at the place are compared;
    of prices those in `currency`. What has no value comes last."""

    key: str
    descending: bool = False
    attribute: Attribute | None = None
    locale: str | None = None
    scope: str | None = None
    currency: str | None = None
    reader: Reader | None = None

    def without_words(self) -> "Order":
        return replace(self, key=MADE) if self.key == RELEVANCE else self

    def cursor(self, ids: Sequence[int], after: int) -> int | None:
        """Behind a page: the last id in the usual order, in all others how many came before."""
        if not ids:
            return None
        return ids[-1] if self.key == MADE and not self.descending else after + len(ids)


def read_order(text: str, has_words: bool, reader: Reader) -> Order:
    """`-price`, `name@fr_FR`, `price@EUR`; empty is by relevance where there are words. Raises InvalidInput."""
    name, *places = text.removeprefix("-").split("@")
    descending = text.startswith("-")
    if not text:
        return Order(RELEVANCE if has_words else MADE)
    if name in (RELEVANCE, MADE):
        return Order(name if has_words or name == MADE else MADE, descending and name == MADE)
    if name in PROPERTIES:
        return Order(name, descending, reader=reader)
    attribute = reader.attribute(name)
    kind = KIND_OF_TYPE.get(attribute.type) if attribute else None
    if attribute is None or kind not in _SORTED_KINDS or not attribute.useable_as_grid_filter:
        sortable = [a.code for a in reader.structure.attributes.values() if a.useable_as_grid_filter]
        seen = [code for code in sortable if reader.attribute(code)]
        raise _unsorted(f"one cannot sort by `{name}`; {RELEVANCE}, {', '.join(PROPERTIES)}, {known(seen)}")
    return _by_attribute(attribute, kind, descending, places, reader)


def _by_attribute(attribute: Attribute, kind: str, descending: bool, places: list[str], reader: Reader) -> Order:
    structure = reader.structure
    locale = next((one for one in places if one in reader.active_locales), reader.locale)
    scope = next((one for one in places if one in structure.channels), reader.scope)
    place = (locale if attribute.localizable else None, scope if attribute.scopable else None)
    if place not in structure.places(attribute):
        raise _unsorted(f"`{attribute.code}` varies by locale or channel; sort by {attribute.code}@…, or choose one")
    currency = None
    if kind == "price":
        channel = structure.channels.get(scope or "")
        usual = channel.currencies if channel else sorted(structure.active_currencies)
        currency = next((one for one in places if one in structure.currencies), None)
        if currency is None and (channel or len(usual) == 1):
            currency = usual[0]
        if currency is None:
            raise _unsorted(f"`{attribute.code}` has several currencies; sort by {attribute.code}@{usual[0]}")
    return Order(attribute.code, descending, attribute, *place, currency, reader)


def ordered_ids(
    session: Session, chosen: Sequence[ColumnElement[bool]], order: Order, after: int, limit: int
) -> list[int]:
    """Ids of the products that fulfil the conditions, behind the cursor."""
    query = select(col(ProductRow.id)).where(*chosen).limit(limit)
    if order.key == MADE and not order.descending:
        return list(session.execute(query.where(col(ProductRow.id) > after).order_by(col(ProductRow.id))).scalars())
    by = _sort_key(session, order)
    key = by.desc() if order.descending else by.asc()
    return list(session.execute(query.order_by(key.nulls_last(), col(ProductRow.id)).offset(after)).scalars())


def _sort_key(session: Session, order: Order) -> Any:
    match order.key:
        case "updated":
            return _updated()
        case "identifier":
            return col(ProductRow.code)
        case "family" | "enabled" | "created" | "id":
            return getattr(ProductRow, order.key)
    assert order.attribute is not None
    assert order.reader is not None
    kind = KIND_OF_TYPE[order.attribute.type]
    asked = Filter(order.key, kind, "NOT EMPTY", None, order.attribute, order.locale, order.scope)
    rows = value_rows(session, asked, order.reader.structure)
    model = aliased(ProductModelRow)
    above = select(col(model.parent_id)).where(col(model.id) == col(ProductRow.parent_id)).correlate(ProductRow)
    held = or_(
        rows.rows.c.entity_id == col(ProductRow.id),
        rows.rows.c.entity_id == col(ProductRow.parent_id),
        rows.rows.c.entity_id == above.scalar_subquery(),
    )
    of_currency = (rows.text == order.currency,) if order.currency else ()
    least = select(func.min(rows.data)).where(*rows.conditions, held, *of_currency)
    return least.correlate(ProductRow).scalar_subquery()


def _updated() -> Any:
    """A variant is as new as the newest of itself and its product models."""
    model, root = aliased(ProductModelRow), aliased(ProductModelRow)
    above = (
        select(func.greatest(col(model.updated), col(root.updated)))
        .outerjoin(root, col(model.parent_id) == col(root.id))
        .where(col(model.id) == col(ProductRow.parent_id))
        .correlate(ProductRow)
    )
    return func.greatest(col(ProductRow.updated), above.scalar_subquery())


def _unsorted(message: str) -> InvalidInput:
    return InvalidInput([Violation("sort", "unknown_order", message)])
