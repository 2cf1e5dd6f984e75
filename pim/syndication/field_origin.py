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
    origins = [one for one in _origins(_nearest(trace, steps, product.code)) if not one.name.startswith("$")]
    return next((one for one in origins if one.used), origins[0] if origins else None)


def _nearest(trace: Trace, steps: list[str], product: str) -> Trace:
    """As far along the steps as there are parts."""
    for step in steps:
        while step not in trace.parts and (entry := _entry(trace, product)) is not None:
            trace = entry
        if step not in trace.parts:
            break
        trace = trace.parts[step]
    return trace


def _entry(trace: Trace, product: str) -> Trace | None:
    """Of a list."""
    own = next((part for part in trace.parts.values() if part.of == product), None)
    return own or trace.parts.get("0")


def _origins(trace: Trace) -> Iterator[Origin]:
    yield from trace.origins
    for part in trace.parts.values():
        yield from _origins(part)
