"""Which value of which product or model a field of an item is taken from: what one would have to mend."""

from collections.abc import Iterator
from typing import Any

from pim.catalog.model import Resolved, Root
from pim.exports.model import GRAIN_ROOT
from pim.syndication.compiled_export import CompiledExport, LocaleMapping
from pim.syndication.subject import Subject
from pim.syndication.trace import Origin, Trace, trace_field


def field_origin(
    compiled: CompiledExport, mapping: LocaleMapping, root: Root, product: Resolved, field: str
) -> Origin | None:
    """Of the item that shows `product`: the attribute that the field is taken from, or the first that it tried where
    it has no value. None where the product is not in the item, or the field is taken from no attribute. `field` is a
    dotted path; of a list that it leads through, the entry of this product counts, or the first."""
    by_root = compiled.definition.grain == GRAIN_ROOT
    selected: Any = mapping.select(root if by_root else product)
    if selected is None:
        return None
    fields = compiled.definition.mapping["item"] if by_root else compiled.definition.mapping
    name, *steps = field.split(".")
    if name not in fields:
        return None
    subject = Subject(selected.head, selected) if by_root else Subject(selected)
    trace = trace_field(fields[name], subject, mapping.context, lambda *cell: None)
    found = list(_at(trace, steps, product.code, False))
    own = next((part for is_own, part in found if is_own), found[0][1] if found else None)
    if own is None:
        return None
    origins = [one for one in _origins(own) if not one.name.startswith("$")]
    return next((one for one in origins if one.used), origins[0] if origins else None)


def _at(trace: Trace, steps: list[str], product: str, is_own: bool) -> Iterator[tuple[bool, Trace]]:
    """(whether it is within what belongs to the product, part) of all parts at the end of the steps; entries of lists
    and alternatives are no steps."""
    is_own = is_own or trace.of == product
    if not steps:
        yield is_own, trace
        return
    if steps[0] in trace.parts:
        yield from _at(trace.parts[steps[0]], steps[1:], product, is_own)
    for name, part in trace.parts.items():
        if name.isdigit():
            yield from _at(part, steps, product, is_own)


def _origins(trace: Trace) -> Iterator[Origin]:
    yield from trace.origins
    for part in trace.parts.values():
        yield from _origins(part)
