"""A compiled field: the function that gives its value, and what is known about it before any product is seen."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pim.syndication.reading import Getter, Subject

Needs = tuple[frozenset[str], ...]
"""Of each set a product must have at least one attribute, or the field gives nothing. Empty: it may always give."""

MOST_REMEMBERED = 4_000
"""Different values whose outcome a field keeps, so that memory stays flat."""
MOST_TEXTS = 64
"""The same for texts, which variants share with their model and neighbours do not."""


class Field(NamedTuple):
    """`constant`: it gives the same for every product of the locale. `open`: what it gives may hold numbers and
    measures that are no JSON yet. `key` and `value`: the two steps of `produce`, where the first gives few different
    things (`few`) or the same for neighbours, so that what follows from them is worth remembering."""

    produce: Getter
    constant: bool = False
    open: bool = False
    needs: Needs = ()
    key: Getter | None = None
    value: Callable[[Any], Any] | None = None
    few: bool = True


def any_needs(fields: Iterable[Field]) -> Needs:
    """What something needs that is there when one of the fields is."""
    union: frozenset[str] = frozenset()
    for field in fields:
        if not field.needs:
            return ()
        union |= min(field.needs, key=len)
    return (union,)


def needs_of(names: frozenset[str] | None) -> Needs:
    return () if names is None else (names,)


def remembered(key: Getter, value: Callable[[Any], Any], few: bool = True) -> Getter:
    """`value(key(subject))`, worked out once for each key. What it answers is shared: nobody changes it."""
    memory: dict[Any, Any] = {}
    most = MOST_REMEMBERED if few else MOST_TEXTS

    def produce(subject: Subject) -> Any:
        found = key(subject)
        if found is None:
            return None
        try:
            return memory[found]
        except KeyError:
            if len(memory) >= most:
                memory.clear()
            outcome = memory[found] = value(found)
            return outcome

    return produce
