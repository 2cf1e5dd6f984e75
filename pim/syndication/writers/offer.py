"""What a shopper pays and what may be announced beside it, from the fields of an in-store item.

Price law: directive 98/6/EC with article 6a (Omnibus), France: Code de la consommation L112-1-1. An announced
reduction names the lowest price of the 30 days before it; a reduction that is none against that price is not announced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_decimal_symbol

from pim.syndication.units import UNITS


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """`amount` for one `per` (`kg`, `l`, `100 g`)."""

    amount: Decimal
    per: str


@dataclass(frozen=True, slots=True)
class Offer:
    """`selling` is what is paid. `prior` and `percent` are set only where a reduction may be announced."""

    selling: Decimal
    currency: str
    prior: Decimal | None = None
    percent: int | None = None
    unit: UnitPrice | None = None


@dataclass(frozen=True, slots=True)
class PriceParts:
    """A written price cut where its type changes size: `£` `165` `.` `00` or `189` `,` `90` `€`."""

    before: str
    whole: str
    point: str
    cents: str
    after: str


def offer_of(fields: Mapping[str, Any]) -> Offer:
    """1. The sale price counts only below the regular price. 2. It is announced only below the prior price, the
    percentage computed from that and rounded down. 3. The unit price is the one of what is paid, and is left out
    where it says the same as the price."""
    price = Decimal(fields["price"])
    sale = _decimal(fields.get("sale_price"))
    on_sale = sale is not None and 0 < sale < price
    selling = sale if sale is not None and on_sale else price
    prior = _decimal(fields.get("prior_price")) if on_sale else None
    percent = int(((prior - selling) / prior * 100).to_integral_value(ROUND_DOWN)) if prior and prior > selling else 0
    unit = _unit_price(fields.get("sale_unit_price" if on_sale else "unit_price"))
    return Offer(
        selling=selling,
        currency=fields["currency"],
        prior=prior if percent > 0 else None,
        percent=percent or None,
        unit=unit if unit and unit.amount != selling else None,
    )


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _unit_price(value: Mapping[str, str] | None) -> UnitPrice | None:
    if not value:
        return None
    unit, quantity = value["unit"], value["quantity"]
    symbol = UNITS[unit].symbol if unit in UNITS else unit.lower()
    return UnitPrice(Decimal(value["amount"]), symbol if quantity == "1" else f"{quantity} {symbol}")


def written(amount: Decimal, currency: str, locale: str) -> str:
    """`189,90 €` in French, `£165.00` in British English."""
    text = format_currency(amount, currency, locale=known_locale(locale))
    return text.replace("\u202f", "\u00a0")


def price_parts(amount: Decimal, currency: str, locale: str) -> PriceParts:
    text = written(amount, currency, locale)
    first = next(at for at, letter in enumerate(text) if letter.isdigit())
    last = max(at for at, letter in enumerate(text) if letter.isdigit())
    number, point = text[first : last + 1], get_decimal_symbol(known_locale(locale))
    whole, found, cents = number.rpartition(point)
    if not found:
        whole, cents = number, ""
    return PriceParts(text[:first].strip(), whole, found, cents, text[last + 1 :].strip())


@lru_cache(maxsize=256)
def known_locale(code: str) -> Locale:
    """The locale for formats: its language's where the territory is unknown to CLDR, English where both are."""
    for candidate in (code, code.partition("_")[0], "en"):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    raise LookupError(code)
