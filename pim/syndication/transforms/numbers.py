"""Transforms of numbers, money and measures. `Decimal` all the way; a float only where JSON wants a number."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_currency, format_decimal, parse_pattern

from pim.base.errors import NotFound
from pim.catalog.measurement import convert
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.units import BY_GOOGLE, UNITS

NO_BREAK_SPACE = "\u00a0"
_NO_DIGITS = "JPY KRW CLP VND XOF XAF XPF ISK UGX PYG RWF KMF GNF DJF BIF VUV"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS = {**dict.fromkeys(_NO_DIGITS.split(), 0), **dict.fromkeys(_THREE_DIGITS.split(), 3)}
"""ISO 4217 digits where they are not 2."""
AS_IT_IS = parse_pattern("#,##0.######")
"""Groups of thousands, and the decimals that a number has (no more than six)."""
_parsed = cache(Locale.parse)


def decimal_of(value: Any) -> Decimal | None:
    """The number in a value of any kind, None where there is none."""
    if value.__class__ is Decimal:
        return value
    if isinstance(value, Quantity):
        return value.amount
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain_text(number: Decimal) -> str:
    """Without exponent: `1E+3` is `1000`."""
    return f"{number:f}"


def places(digits: int) -> Callable[[Decimal], Decimal]:
    exponent = Decimal(1).scaleb(-digits)
    return lambda number: number.quantize(exponent, ROUND_HALF_UP)


def trimmed(number: Decimal) -> Decimal:
    """`2.400` is `2.4`, `100` stays `100`."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def json_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def number(context: MappingContext) -> Callable[[Any], int | float | None]:
    def step(value: Any) -> int | float | None:
        found = decimal_of(value)
        return None if found is None else json_number(found)

    return step


def decimals(context: MappingContext, digits: int) -> Callable[[Any], str | None]:
    rounded = places(digits)
    return _worded(lambda found: plain_text(rounded(found)))


def _worded(word: Callable[[Decimal], str | None]) -> Callable[[Any], str | None]:
    def step(value: Any) -> str | None:
        found = decimal_of(value)
        return None if found is None else word(found)

    return step


def between(
    context: MappingContext, above: float | None = None, least: float | None = None, most: float | None = None
) -> Callable[[Any], Any]:
    def step(value: Any) -> Any:
        found = decimal_of(value)
        if found is None or (above is not None and found <= above):
            return None
        if (least is not None and found < least) or (most is not None and found > most):
            return None
        return value

    return step


def minor_digits(currency: str | None) -> int:
    return MINOR_DIGITS.get(currency or "", 2)


def money(context: MappingContext) -> Callable[[Any], str | None]:
    currency = context.currency
    if currency is None:
        return _nothing
    rounded = places(minor_digits(currency))
    return _worded(lambda amount: f"{rounded(amount):f} {currency}")


def amount_text(context: MappingContext) -> Callable[[Any], str | None]:
    rounded = places(minor_digits(context.currency))
    return _worded(lambda amount: f"{rounded(amount):f}")


def minor_units(context: MappingContext) -> Callable[[Any], int | None]:
    digits = minor_digits(context.currency)
    rounded = places(digits)

    def step(value: Any) -> int | None:
        found = decimal_of(value)
        return None if found is None else int(rounded(found).scaleb(digits))

    return step


def money_text(context: MappingContext) -> Callable[[Any], str | None]:
    currency, locale = context.currency, context.locale
    if currency is None:
        return _nothing

    @lru_cache(maxsize=4096)
    def word(amount: Decimal) -> str:
        return str(format_currency(amount, currency, locale=_parsed(locale)))

    return _worded(word)


def number_text(context: MappingContext) -> Callable[[Any], str | None]:
    return _worded(localised(context))


def localised(context: MappingContext) -> Callable[[Decimal], str]:
    """Numbers as people of the locale write them."""
    return _written_in(context.locale)


@lru_cache(maxsize=64)
def _written_in(locale: str) -> Callable[[Decimal], str]:
    """The same for all fields of a locale: they share what they have seen."""

    @lru_cache(maxsize=16_384)
    def word(number: Decimal) -> str:
        return str(format_decimal(number, format=AS_IT_IS, locale=_parsed(locale)))

    return word


def amount(context: MappingContext) -> Callable[[Any], Decimal | None]:
    return lambda value: trimmed(found) if (found := decimal_of(value)) is not None else None


def convert_to(context: MappingContext, unit: str) -> Callable[[Any], Quantity | None]:
    converted = converter(context, unit)
    return lambda value: converted(value) if isinstance(value, Quantity) else None


def converter(context: MappingContext, unit: str) -> Callable[[Quantity], Quantity | None]:
    """Nothing for a measure of a family that has no such unit."""
    families = context.structure.measurement_families

    @lru_cache(maxsize=4096)
    def converted(value: Quantity) -> Quantity | None:
        try:
            return Quantity(convert(value.amount, value.unit, unit, families[value.family]), unit, value.family)
        except (NotFound, KeyError):
            return None

    return converted


def quantity(context: MappingContext) -> Callable[[Any], str | None]:
    def step(value: Any) -> str | None:
        spelling = UNITS.get(value.unit) if isinstance(value, Quantity) else None
        return f"{trimmed(value.amount):f} {spelling.google}" if spelling and spelling.google else None

    return step


def base_measure(context: MappingContext, base: str | None = None) -> Callable[[Any], str | None]:
    def step(value: Any) -> str | None:
        spelling = UNITS.get(value.unit) if isinstance(value, Quantity) else None
        if spelling is None or not spelling.base:
            return None
        return base or f"1 {UNITS[spelling.base].google}"

    return step


def unit_code(context: MappingContext) -> Callable[[Any], str | None]:
    def step(value: Any) -> str | None:
        spelling = UNITS.get(value.unit) if isinstance(value, Quantity) else None
        return spelling.rec20 if spelling else None

    return step


def quantity_text(context: MappingContext) -> Callable[[Any], str | None]:
    word, symbol = localised(context), symbol_of(context)

    def step(value: Any) -> str | None:
        if not isinstance(value, Quantity):
            return None
        return f"{word(trimmed(value.amount))}{NO_BREAK_SPACE}{symbol(value)}".rstrip(NO_BREAK_SPACE)

    return step


def symbol_of(context: MappingContext) -> Callable[[Quantity], str]:
    """The symbol people know, that of the measurement family, or the unit's label."""
    families = context.structure.measurement_families

    def symbol(value: Quantity) -> str:
        spelling = UNITS.get(value.unit)
        if spelling and spelling.symbol:
            return spelling.symbol
        family = families.get(value.family)
        unit = family.units.get(value.unit) if family else None
        return (unit.symbol or context.label(unit.labels, value.unit.lower())) if unit else value.unit.lower()

    return symbol


def price_per_base(price: Decimal, content: Quantity, base: str | None) -> tuple[Decimal, Decimal, str] | None:
    """(price, number, unit code) of one base: `base` is "100 g"-like, else the standard one of the content's unit."""
    spelling = UNITS.get(content.unit)
    if spelling is None or not spelling.base or content.amount <= 0:
        return None
    count, _, google = (base or f"1 {UNITS[spelling.base].google}").partition(" ")
    unit = BY_GOOGLE.get(google, "")
    if unit not in UNITS or UNITS[unit].base != spelling.base:
        return None
    of_base = Decimal(count) / UNITS[unit].per_base
    return price * of_base / (content.amount / spelling.per_base), Decimal(count), unit


def unit_price_text(context: MappingContext) -> Callable[[Any], str | None]:
    worded = money_text(context)

    def step(value: Any) -> str | None:
        if not isinstance(value, dict):
            return None
        count = "" if value["quantity"] == "1" else f"{value['quantity']}{NO_BREAK_SPACE}"
        return f"{worded(value['amount'])}/{count}{UNITS[value['unit']].symbol}"

    return step


def _nothing(value: Any) -> None:
    return None
