"""A mapping as one function from a product (or a root with its variants) to the fields of an item."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pim.catalog.model import Resolved, Root
from pim.exports.model import GRAIN_ROOT
from pim.syndication.context import MappingContext
from pim.syndication.fields import compile_object
from pim.syndication.reading import Getter, Subject


@dataclass(slots=True)
class Rendered:
    """The fields of an item, and the first instant (UTC) at which they will be others though nobody edits anything.
    Parts of the fields are shared between items: who wants to change them makes a copy."""

    fields: dict[str, Any]
    next_change_at: datetime | None


def compile_mapping(context: MappingContext) -> Callable[[Resolved | Root], Rendered]:
    """The whole mapping of the context's export in the context's locale.

    For grain product the function takes a Resolved, for grain root a Root (whose products are the variants to show).
    It raises ItemRejected when a template fails.
    """
    definition = context.definition
    if definition.grain == GRAIN_ROOT:
        produce = compile_object(definition.mapping["item"], context).produce
        return lambda root: _render(Subject(root.head, root), produce)  # type: ignore[union-attr, arg-type]
    produce = compile_object(definition.mapping, context).produce
    return lambda resolved: _render(Subject(resolved), produce)  # type: ignore[arg-type]


def _render(subject: Subject, produce: Getter) -> Rendered:
    fields = produce(subject)
    return Rendered(fields or {}, min(subject.changes) if subject.changes else None)
