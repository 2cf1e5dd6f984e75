"""What a price was when, and its lowest of the last days.

Who announces a reduction in the European Union names the lowest price of at least 30 days before it (Directive
98/6/EC, article 6a).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.catalog.model import Entity, Resolved
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.diff import cell_data
from pim.versioning.history import HistoryEntry, read_entries, rows_of_history
from pim.versioning.model import CREATED, DELETED, VALUES, Cell
from pim.versioning.tables import ChangeRow

PRICES = "pim_catalog_price_collection"
DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """An amount (None: no price) from a revision on; `until` is None for the one of now."""

    amount: Decimal | None
    revision: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """That the price of now is one; `lowest_before` of the days before it."""

    revision: int
    at: datetime
    old: Decimal
    new: Decimal
    lowest_before: Decimal


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """Of one currency, newest first. `lowest` is that of the last days, the price of now among them."""

    currency: str
    current: Decimal | None
    lowest: Period | None
    reduction: Reduction | None
    periods: list[Period]


def price_history(
    session: Session, product: Resolved, cell: Cell, at: datetime, days: int = DAYS
) -> list[PriceHistory]:
    """One for each currency that it ever had a price in. Where a product model holds the price, it is that one's."""
    holder = _holder(product, cell.attribute or "")
    value = cell_data(holder.document, cell)
    states = list(_states(_entries(session, holder, cell), value, cell))
    currencies = sorted({price["currency"] for _, prices in states for price in prices or ()})
    return [_of_currency(currency, states, at, days) for currency in currencies]


def price_cell(structure: Structure, attribute: str | None, locale: str | None, scope: str | None) -> Cell:
    """Where the price stands. The attribute may be left out when there is only one of prices, or one called `price`.
    Raises NotFound, or InvalidInput with what is wrong."""
    prices = [one.code for one in structure.attributes.values() if one.type == PRICES]
    usual = [code for code in prices if code == "price" or len(prices) == 1]
    code = attribute or next(iter(usual), None)
    if code is None:
        raise InvalidInput([Violation("attribute", "required", f"name the attribute of the price; {known(prices)}")])
    if code not in structure.attributes:
        raise NotFound(f"attribute `{code}` does not exist; prices: {known(prices)}")
    if code not in prices:
        raise InvalidInput(
            [Violation("attribute", "wrong_type", f"attribute `{code}` holds no prices; {known(prices)}")]
        )
    varies = structure.attributes[code]
    problems = [
        *_misplaced(code, "locale", locale, varies.localizable, structure.locales),
        *_misplaced(code, "scope", scope, varies.scopable, structure.channels),
    ]
    if problems:
        raise InvalidInput(problems)
    return Cell(VALUES, code, locale, scope)


def _misplaced(code: str, name: str, given: str | None, varies: bool, there: Collection[str]) -> Iterator[Violation]:
    if varies and (given is None or given not in there):
        yield Violation(name, "required", f"attribute `{code}` has a value for each {name}; {known(there)}")
    elif not varies and given is not None:
        yield Violation(name, "not_varying", f"attribute `{code}` has one value for every {name}; leave `{name}` out")


def periods_of(currency: str, states: Iterable[tuple[HistoryEntry, Any]]) -> list[Period]:
    """Newest first; neighbours differ. `states` are changes, newest first, with the prices from then on."""
    periods: list[Period] = []
    for entry, prices in states:
        amount = _amount(currency, prices)
        later = periods.pop() if periods and periods[-1].amount == amount else None
        until = later.until if later else periods[-1].since if periods else None
        periods.append(Period(amount, entry.revision, entry.committed_at, until))
    return periods


def lowest_of(periods: Sequence[Period], start: datetime, end: datetime) -> Period | None:
    """The period of the lowest amount that was asked at any time in [start, end); of several the latest."""
    asked = [
        one for one in periods if one.amount is not None and one.since < end and (not one.until or one.until > start)
    ]
    return min(asked, key=lambda one: one.amount or 0, default=None)


def _of_currency(currency: str, states: Sequence[tuple[HistoryEntry, Any]], at: datetime, days: int) -> PriceHistory:
    periods = periods_of(currency, states)
    window = timedelta(days=days)
    lowest = lowest_of(periods, at - window, at + timedelta.resolution)
    return PriceHistory(currency, periods[0].amount, lowest, _reduction(periods, window), periods)


def _reduction(periods: Sequence[Period], window: timedelta) -> Reduction | None:
    if len(periods) < 2:
        return None
    now, before = periods[:2]
    if now.amount is None or before.amount is None or now.amount >= before.amount:
        return None
    lowest = lowest_of(periods[1:], now.since - window, now.since)
    asked = lowest.amount if lowest is not None else None  # at least the price before, until then
    return Reduction(now.revision, now.since, before.amount, now.amount, before.amount if asked is None else asked)


def _holder(product: Resolved, attribute: str) -> Entity:
    chain = (product.entity, *reversed(product.ancestors))
    return next((entity for entity in chain if attribute in entity.document["values"]), product.entity)


def _entries(session: Session, holder: Entity, cell: Cell) -> list[HistoryEntry]:
    """Changes of the value, and what made and unmade its holder, newest first."""
    structure = store.current_structure(session)
    of_value = and_(
        col(ChangeRow.attribute_id) == structure.id_of("attribute", cell.attribute or ""),
        col(ChangeRow.locale).is_not_distinct_from(cell.locale),
        col(ChangeRow.scope).is_not_distinct_from(cell.scope),
    )
    of_holder = col(ChangeRow.path).in_([CREATED, DELETED])
    return read_entries(
        session, rows_of_history().where(col(ChangeRow.entity_id) == holder.id, or_(of_value, of_holder))
    )


def _states(entries: Iterable[HistoryEntry], value: Any, cell: Cell) -> Iterable[tuple[HistoryEntry, Any]]:
    """Each change with the prices from then on. A creation has none of its own in the log: what follows tells them."""
    for entry in entries:
        yield entry, value
        if entry.path == VALUES:
            value = entry.old
        else:
            value = cell_data(entry.old["document"], cell) if entry.path == DELETED else None


def _amount(currency: str, prices: Any) -> Decimal | None:
    amounts = (Decimal(str(price["amount"])) for price in prices or () if price["currency"] == currency)
    return next(amounts, None)
