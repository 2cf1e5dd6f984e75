"""A compiled field: how its value is worked out, and what is known about it before any product is seen."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pim.syndication.source import Reading, Source, Write, calling
from pim.syndication.subject import Getter, Subject

Needs = tuple[frozenset[str], ...]
"""Of each set a product must have at least one attribute, or the field gives nothing. Empty: it may always give."""

MOST_REMEMBERED = 4_000
"""Different values whose outcome a field keeps, so that memory stays flat."""
MOST_TEXTS = 64
"""The same for texts, which variants share with their model and neighbours do not."""


class Field(NamedTuple):
    """`produce` works the value out; `write` writes source that does the same, without the calls in between.
    `constant`: it gives the same for every product of the locale. `open`: what it gives may hold numbers and
    measures that are no JSON yet. `alike`: the same field, where every locale gives the same."""

    produce: Getter
    write: Write
    constant: bool = False
    open: bool = False
    needs: Needs = ()
    key: "Key | None" = None
    alike: "Field | None" = None


class Key(NamedTuple):
    """The two steps of a field that reads one attribute: `reading` finds what counts, `value` is made of it. The first
    gives few different things (`few`) or the same for neighbours: what follows is worth remembering."""

    reading: Reading
    value: Callable[[Any], Any]
    few: bool


def called(produce: Getter, **known: Any) -> Field:
    """A field that has no source of its own."""
    return Field(produce, calling(produce), **known)


def write_field(source: Source, field: Field, target: str) -> None:
    (calling(field.produce) if source.is_deep else field.write)(source, target)


def generated(field: Field) -> Getter:
    """The field's value by a function of its own."""
    source = Source()
    write_field(source, field, "answer")
    return source.function("answer")


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


class Remembered(dict[Any, Any]):
    """Key → what `work_out` makes of it, worked out once. What it answers is shared: nobody changes it."""

    def __init__(self, work_out: Callable[[Any], Any], few: bool = True) -> None:
        super().__init__()
        self._work_out, self._most = work_out, MOST_REMEMBERED if few else MOST_TEXTS

    def __missing__(self, key: Any) -> Any:
        if len(self) >= self._most:
            self.clear()
        outcome = self[key] = self._work_out(key)
        return outcome


def remembered(key: Reading, memory: Remembered) -> Field:
    """What the memory holds for what is read."""

    def produce(subject: Subject) -> Any:
        return None if (found := key.get(subject)) is None else memory[found]

    def write(source: Source, target: str) -> None:
        key.write(source, target)
        source.line(f"if {target} is not None: {target} = {source.named(memory, 'memory')}[{target}]")

    return Field(produce, write)
