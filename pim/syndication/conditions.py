"""`when` and `within`: whether a field is there at all."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pim.exports.model import names_of
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.facts import is_constant
from pim.syndication.reading import names_getter, names_needed
from pim.syndication.subject import Getter, Subject
from pim.syndication.transforms.dates import midnight
from pim.syndication.transforms.numbers import decimal_of

CONSTANT_SUBJECT: Any = None
"""Facts of the locale look at no product."""
EITHER = "|"
"""`picture|image`: the first of them that has a value."""

Holds = Callable[[Subject], bool]


def when(conditions: dict[str, Any], context: MappingContext) -> Holds:
    """All conditions hold. Nothing equals nothing, so `is_not` and `not_in` hold for an empty source."""
    tests = [_condition(source, condition, context) for source, condition in conditions.items()]
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda subject: first(subject) and second(subject)
    return lambda subject: all(test(subject) for test in tests)


def _condition(source: str, condition: Any, context: MappingContext) -> Holds:
    get = names_getter(source.split(EITHER), context)
    if condition == "present":
        return lambda subject: get(subject) is not None
    if condition == "absent":
        return lambda subject: get(subject) is None
    (kind, wanted), *_ = condition.items()
    if kind == "below":
        return _below(get, names_getter(wanted.split(EITHER), context))
    equals = _one_of(wanted if kind in ("in", "not_in") else [wanted])
    if kind in ("is", "in"):
        return lambda subject: equals(get(subject))
    return lambda subject: not equals(get(subject))


def _one_of(wanted: list[Any]) -> Callable[[Any], bool]:
    """A list equals each of its entries; numbers equal whatever their type; nothing equals nothing."""
    texts = frozenset(one for one in wanted if isinstance(one, str))
    truths = [one for one in wanted if isinstance(one, bool)]
    numbers = [decimal_of(one) for one in wanted if isinstance(one, int | float) and not isinstance(one, bool)]

    def equals(value: Any) -> bool:
        if value.__class__ is str:
            return value in texts or (bool(numbers) and decimal_of(value) in numbers)
        if value.__class__ is list:
            return any(equals(entry) for entry in value)
        if isinstance(value, bool):
            return value in truths
        return value is not None and bool(numbers) and decimal_of(value) in numbers

    return equals


def _below(get: Getter, other: Getter) -> Holds:
    def below(subject: Subject) -> bool:
        value = get(subject)
        if value is None:
            return False
        bound = other(subject)
        if isinstance(value, Quantity) and isinstance(bound, Quantity) and value.unit != bound.unit:
            return False
        left, right = decimal_of(value), decimal_of(bound)
        return left is not None and right is not None and left < right

    return below


def always_needed(conditions: dict[str, Any], context: MappingContext) -> list[frozenset[str]]:
    """For each condition that nothing cannot meet: the attributes of which one must be there. Conditions on facts of
    the locale are settled here: one that fails needs what no product has."""
    needed: list[frozenset[str]] = []
    for source, condition in conditions.items():
        names = source.split(EITHER)
        if all(map(is_constant, names)):
            needed += [] if _condition(source, condition, context)(CONSTANT_SUBJECT) else [frozenset()]
        elif condition == "present" or (isinstance(condition, dict) and set(condition) & {"is", "in", "below"}):
            found = names_needed(names, context)
            needed += [] if found is None else [found]
    return needed


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
            subject.changes.append(begins.astimezone(UTC))
            return False
        if ends is not None:
            subject.changes.append(ends.astimezone(UTC))
        return True

    return holds
