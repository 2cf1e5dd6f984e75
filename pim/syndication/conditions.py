"""`when` and `within`: whether a field is there at all."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pim.exports.model import names_of
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.reading import Getter, Subject, names_getter
from pim.syndication.transforms.dates import midnight
from pim.syndication.transforms.numbers import decimal_of

EITHER = "|"
"""`picture|image`: the first of them that has a value."""

Holds = Callable[[Subject], bool]


def when(conditions: dict[str, Any], context: MappingContext) -> Holds:
    """All conditions hold. Nothing equals nothing, so `is_not` and `not_in` hold for an empty source."""
    tests = [_condition(source, condition, context) for source, condition in conditions.items()]
    if len(tests) == 1:
        return tests[0]
    return lambda subject: all(test(subject) for test in tests)


def _condition(source: str, condition: Any, context: MappingContext) -> Holds:
    get = names_getter(source.split(EITHER), context)
    if condition == "present":
        return lambda subject: get(subject) is not None
    if condition == "absent":
        return lambda subject: get(subject) is None
    (kind, wanted), *_ = condition.items()
    if kind == "below":
        return _below(get, names_getter([wanted], context))
    if kind == "is":
        return lambda subject: _equals(get(subject), wanted)
    if kind == "is_not":
        return lambda subject: not _equals(get(subject), wanted)
    if kind == "in":
        return lambda subject: any(_equals(get(subject), one) for one in wanted)
    return lambda subject: not any(_equals(get(subject), one) for one in wanted)


def _equals(value: Any, wanted: Any) -> bool:
    """A multi-select equals each of its options."""
    if isinstance(value, list):
        return wanted in value
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, int | float):
        return decimal_of(value) == decimal_of(wanted)
    return bool(value == wanted)


def _below(get: Getter, other: Getter) -> Holds:
    def below(subject: Subject) -> bool:
        value, bound = get(subject), other(subject)
        if isinstance(value, Quantity) and isinstance(bound, Quantity) and value.unit != bound.unit:
            return False
        left, right = decimal_of(value), decimal_of(bound)
        return left is not None and right is not None and left < right

    return below


def within(bounds: dict[str, Any], context: MappingContext) -> Holds:
    """Whether the instant lies in the days from `start` to `end`. What is still to come is noted in `changes`."""
    start = names_getter(names_of(bounds.get("start", [])), context)
    end = names_getter(names_of(bounds.get("end", [])), context)
    zone, as_of = context.zone, context.as_of

    def holds(subject: Subject) -> bool:
        first, last = start(subject), end(subject)
        begins: datetime | None = midnight(first, zone) if first else None
        ends: datetime | None = midnight(last, zone, 1) if last else None
        if ends is not None and (ends <= as_of or (begins is not None and ends <= begins)):
            return False
        if begins is not None and as_of < begins:
            subject.changes.append(begins)
            return False
        if ends is not None:
            subject.changes.append(ends)
        return True

    return holds
