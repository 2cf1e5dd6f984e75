"""By what the filters of a search are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.search.analysis import fold

Condition = dict[str, Any]

NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
"""What a comparison says when it is turned round."""


class Misread(ValueError):
    """What is wrong with one filter, and what would be read."""


@dataclass(frozen=True, slots=True)
class Reader:
    """By what filters are read: the structure, the attributes and locales that the reader sees (None is all), the
    locale and the channel that stand in where a filter names none, and the channel of each export, which may be named
    for it."""

    structure: Structure
    attributes: frozenset[str] | None = None
    locales: frozenset[str] | None = None
    locale: str | None = None
    scope: str | None = None
    channel_of_export: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, code: str) -> Attribute | None:
        return self.structure.attributes.get(code) if self.attributes is None or code in self.attributes else None

    @property
    def active_locales(self) -> list[str]:
        """Those that the reader sees."""
        return self.among_seen(self.structure.active_locales)

    def among_seen(self, locales: Iterable[str]) -> list[str]:
        return [one for one in locales if self.locales is None or one in self.locales]

    def label_of(self, item: Any) -> Iterable[str]:
        return (fold(label) for label in item.labels.values())
