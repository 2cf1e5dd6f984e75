"""Transforms of lists. A single value counts as a list of one."""

from collections.abc import Callable
from typing import Any

from pim.syndication.context import MappingContext

Whole = Callable[[Any], Any]


def join(context: MappingContext, separator: str) -> Whole:
    return lambda value: separator.join(map(str, value)) or None if value.__class__ is list else str(value)


def first(context: MappingContext) -> Whole:
    return lambda value: value[0] if value.__class__ is list else value


def last(context: MappingContext) -> Whole:
    return lambda value: value[-1] if value.__class__ is list else value


def limit(context: MappingContext, most: int) -> Whole:
    return lambda value: value[:most] if value.__class__ is list else value


def unique(context: MappingContext) -> Whole:
    """Compares by what is written, so objects count too."""

    def step(value: Any) -> Any:
        if value.__class__ is not list:
            return value
        return list({entry if isinstance(entry, str) else repr(entry): entry for entry in value}.values())

    return step


def at_least(context: MappingContext, least: int) -> Whole:
    return lambda value: value if (len(value) if value.__class__ is list else 1) >= least else None


def minimum(context: MappingContext) -> Whole:
    return lambda value: _extreme(min, value)


def maximum(context: MappingContext) -> Whole:
    return lambda value: _extreme(max, value)


def count(context: MappingContext) -> Whole:
    return lambda value: len(value) if value.__class__ is list else 1


def only(context: MappingContext, allowed: list[Any]) -> Whole:
    return lambda value: value if value in allowed else None


def drop(context: MappingContext, unwanted: list[Any]) -> Whole:
    return lambda value: None if value in unwanted else value


def keyed(context: MappingContext, by: str, to: str) -> Whole:
    """Of entries with the same key the first counts; entries without key or value are dropped."""

    def step(value: Any) -> dict[str, Any] | None:
        entries = value if value.__class__ is list else [value]
        made: dict[str, Any] = {}
        for entry in entries:
            if isinstance(entry, dict) and entry.get(by) is not None and entry.get(to) is not None:
                made.setdefault(str(entry[by]), entry[to])
        return made or None

    return step


def _extreme(choose: Callable[[Any], Any], value: Any) -> Any:
    if value.__class__ is not list:
        return value
    try:
        return choose(value)
    except TypeError:  # entries of different kinds have no order
        return None
