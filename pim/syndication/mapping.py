"""A mapping as one function from a product (or a root with its variants) to the fields of an item."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pim.catalog.model import Resolved, Root
from pim.exports.model import GRAIN_ROOT
from pim.syndication.context import MappingContext
from pim.syndication.field import Field, generated
from pim.syndication.fields import compile_object
from pim.syndication.subject import Getter, Subject


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
    produce = generated(mapped_fields(context))
    if context.definition.grain == GRAIN_ROOT:
        return lambda root: _render(Subject(root.head, root), produce)  # type: ignore[union-attr, arg-type]
    return lambda resolved: _render(Subject(resolved), produce)  # type: ignore[arg-type]


def mapped_fields(context: MappingContext) -> Field:
    """The fields of an item as one object."""
    mapping = context.definition.mapping
    return compile_object(mapping["item"] if context.definition.grain == GRAIN_ROOT else mapping, context)


def _render(subject: Subject, produce: Getter) -> Rendered:
    fields = produce(subject)
    return Rendered(fields or {}, min(subject.changes) if subject.changes else None)
