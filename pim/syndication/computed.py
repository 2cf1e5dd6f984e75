"""Sources of a field that work something out of several attributes."""

from decimal import Decimal
from typing import Any

from pim.exports.model import names_of
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.details import details
from pim.syndication.field import Field, called, needs_of
from pim.syndication.reading import locale_getter, names_getter, names_needed
from pim.syndication.subject import Subject
from pim.syndication.transforms.dates import period_text
from pim.syndication.transforms.numbers import minor_digits, places, plain_text, price_per_base


def details_source(spec: dict[str, Any], context: MappingContext) -> Field:
    return details(spec["details"], context)


def locale_of_source(spec: dict[str, Any], context: MappingContext) -> Field:
    names = names_of(spec["locale_of"])
    return called(locale_getter(names, context), needs=needs_of(names_needed(names, context)))


def unit_price_source(spec: dict[str, Any], context: MappingContext) -> Field:
    wanted = spec["unit_price"]
    contents = names_of(wanted["content"])
    price, content = names_getter(names_of(wanted["price"]), context), names_getter(contents, context)
    base, rounded = wanted.get("base"), places(minor_digits(context.currency))

    def produce(subject: Subject) -> dict[str, Any] | None:
        measure = content(subject)
        amount = price(subject) if isinstance(measure, Quantity) else None
        if not isinstance(amount, Decimal) or amount <= 0:
            return None
        found = price_per_base(amount, measure, base)
        if found is None:
            return None
        per_base, count, unit = found
        amounts = {"amount": plain_text(rounded(per_base)), "currency": context.currency}
        return {**amounts, "quantity": plain_text(count), "unit": unit}

    return called(produce, needs=needs_of(names_needed(contents, context)))


def percent_off_source(spec: dict[str, Any], context: MappingContext) -> Field:
    """Rounded down: a reduction is never overstated."""
    names = names_of(spec["percent_off"]["now"])
    before, now = names_getter(names_of(spec["percent_off"]["before"]), context), names_getter(names, context)

    def produce(subject: Subject) -> int | None:
        old, new = before(subject), now(subject)
        if not isinstance(old, Decimal) or not isinstance(new, Decimal) or not 0 < new < old:
            return None
        return int((old - new) * 100 / old) or None

    return called(produce, needs=needs_of(names_needed(names, context)))


def period_source(spec: dict[str, Any], context: MappingContext) -> Field:
    starts, ends = names_of(spec["period"]["start"]), names_of(spec["period"]["end"])
    start, end, zone = names_getter(starts, context), names_getter(ends, context), context.zone

    def produce(subject: Subject) -> str | None:
        first, last = start(subject), end(subject)
        return period_text(first, last, zone) if first and last else None

    return called(produce, needs=needs_of(names_needed(starts, context)))
