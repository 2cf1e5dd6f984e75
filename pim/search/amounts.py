"""Numbers, measures and prices as people type them, as conditions."""

import re
from collections.abc import Callable
from typing import Any

from pim.base.errors import known
from pim.catalog.model import Attribute
from pim.search.analysis import fold
from pim.search.query_language import FilterTyped
from pim.search.reader import NEGATED, Condition, Misread, Reader

_COMPARED = re.compile(r"(<=|>=|!=|<|>|=)?\s*(-?\d+(?:[.,]\d+)?)\s*(\D.*)?")
_RANGE = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*\.\.\s*(-?\d+(?:[.,]\d+)?)\s*(\D.*)?")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY"}


def number(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    return _compared(one, _without_unit)


def metric(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    assert attribute is not None
    family = reader.structure.measurement_families[attribute.metric_family or ""]

    def measure(amount: str, unit: str) -> Any:
        wanted = unit or attribute.default_metric_unit or family.standard_unit_code
        for code, one_unit in family.units.items():
            if wanted in (code, one_unit.symbol) or fold(wanted) in (fold(code), *reader.label_of(one_unit)):
                return {"amount": amount, "unit": code}
        symbols = [one_unit.symbol or code for code, one_unit in family.units.items()]
        raise Misread(f"`{unit}` is no unit of {family.code}; {known(symbols)}")

    return _compared(one, measure)


def price(one: FilterTyped, reader: Reader, attribute: Attribute | None) -> list[Condition]:
    """Without a currency, that of the channel, or the only one there is."""
    active = sorted(reader.structure.active_currencies)

    def priced(amount: str, unit: str) -> Any:
        channel = reader.structure.channels.get(reader.scope or "")
        currencies = channel.currencies if channel else active
        currency = _SIGNS.get(unit, unit.upper()) or (currencies[0] if len(currencies) == 1 or channel else "")
        if currency not in reader.structure.currencies:
            wrong = f"currency `{unit}` does not exist" if unit else "which currency?"
            raise Misread(f"{wrong}; write it behind the amount ({known(active)})")
        return {"amount": amount, "currency": currency}

    return _compared(one, priced)


def _compared(one: FilterTyped, value: Callable[[str, str], Any]) -> list[Condition]:
    text = one.text
    if found := _RANGE.fullmatch(text):
        if one.negated:
            raise Misread("a range cannot be turned round; write < or > instead")
        first, last = (_decimal(found[n]) for n in (1, 2))
        unit = (found[3] or "").strip()
        return [{"operator": ">=", "value": value(first, unit)}, {"operator": "<=", "value": value(last, unit)}]
    if found := _COMPARED.fullmatch(text):
        operator = found[1] or "="
        operator = NEGATED[operator] if one.negated else operator
        return [{"operator": operator, "value": value(_decimal(found[2]), (found[3] or "").strip())}]
    raise Misread(f"`{text}` is no amount; write {one.name}:<100, {one.name}:>=5 or {one.name}:10..20")


def _decimal(written: str) -> str:
    return written.replace(",", ".")


def _without_unit(amount: str, unit: str) -> str:
    if unit:
        raise Misread(f"its values have no unit; leave out `{unit}`")
    return amount
