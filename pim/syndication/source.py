"""Python source that is written while a mapping is compiled, and becomes one function of a subject.

The source mentions objects (memories, steps, conditions) by names that it is given; `values` are the subject's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from types import CodeType
from typing import Any, NamedTuple

from pim.syndication.subject import Getter

Write = Callable[["Source", str], None]
"""Writes statements that leave a value in the variable of this name, None for nothing."""


class Reading(NamedTuple):
    """`get` reads something of a subject, `write` writes source that does the same."""

    get: Getter
    write: Write


DEEPEST = 40
"""Blocks inside each other; Python reads no more than 100."""


class Source:
    def __init__(self) -> None:
        self._lines = ["def produce(subject):"]
        self._indent = 1
        self._objects: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._numbers = count(1)
        self.line("values = subject.values")

    def line(self, statement: str) -> None:
        self._lines.append("    " * self._indent + statement)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self._indent += 1
        yield
        self._indent -= 1

    @property
    def is_deep(self) -> bool:
        return self._indent > DEEPEST

    def variable(self, role: str) -> str:
        """One that nobody else uses."""
        return f"{role}_{next(self._numbers)}"

    def named(self, thing: Any, role: str) -> str:
        """The name of an object; the same one each time."""
        name = self._names.get(id(thing))
        if name is None:
            name = self._names[id(thing)] = self.variable(role)
            self._objects[name] = thing
        return name

    def function(self, answer: str) -> Getter:
        """What has been written, answering this expression."""
        self.line(f"return {answer}")
        space = dict(self._objects)
        exec(_code("\n".join(self._lines)), space)
        produce: Getter = space["produce"]
        return produce

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


@lru_cache(maxsize=256)
def _code(text: str) -> CodeType:
    return compile(text, "<mapping>", "exec")


def calling(get: Getter) -> Write:
    """A call of a function: for what is asked too seldom to be written out."""
    return lambda source, target: source.line(f"{target} = {source.named(get, 'get')}(subject)")


def calling_made(make: Callable[[], Getter]) -> Write:
    """The same of one that is made only when somebody wants the source."""

    def write(source: Source, target: str) -> None:
        calling(make())(source, target)

    return write
