"""What is searched, and what is asked, as plain data that both engines understand.

An index holds *documents* (one a product) of *tokens* by *field*. Tokens are made and compared by our own rules
(`analysis.py`), so the same word is the same token in both engines. A question to an index is a tree of *nodes*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LABEL = "label"
SHORT = "short"
LONG = "long"
CODE = "code"

BARRIER = "|"
"""A token between two texts of one field, so that no phrase reaches from one into the other."""


@dataclass(frozen=True, slots=True)
class Field:
    """Texts of one rank (a label, a short or a long text, a code) in one locale, of the attributes of one group: what
    somebody does not see is in fields that they do not search. Codes have no locale; what everybody sees no group."""

    rank: str
    group: str
    locale: str

    @property
    def name(self) -> str:
        return f"{self.rank}.{self.group}.{self.locale}"


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A product as an index knows it: name of a field → its tokens, in order."""

    id: int
    tokens: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Term:
    field: str
    token: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens that begin so; how often they occur does not matter."""

    field: str
    beginning: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two tokens or more, one behind the other."""

    field: str
    tokens: tuple[str, ...]
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class AnyOf:
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`never` are nodes that must not match; without `nodes` everything else does."""

    nodes: "tuple[Node, ...]"
    never: "tuple[Node, ...]" = ()


Node = Term | Prefix | Phrase | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Hits:
    """Ids with scores, best first; `count` is of all that match."""

    ranked: tuple[tuple[int, float], ...]
    count: int
