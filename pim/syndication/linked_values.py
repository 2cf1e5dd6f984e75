"""What mappings read of records and assets: their labels, and their values behind a dot."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from pim.catalog.linked import LABEL, target_of
from pim.catalog.model import Attribute
from pim.syndication.context import MappingContext
from pim.syndication.transforms.text import clean

REMEMBERED = 20_000
"""Records and assets whose values a field keeps at hand."""

Getter = Callable[[Any], Any]
GetterOf = Callable[[Attribute, MappingContext, Sequence[str], bool], Getter]
"""Makes the getter of one attribute from whatever has `values`."""


def linked_label(attribute: Attribute, context: MappingContext) -> Callable[[str], str]:
    """The label of what a link leads to, in the locale or its fallbacks, else its code."""
    target = target_of(attribute)
    assert target is not None

    @lru_cache(REMEMBERED)
    def label(code: str) -> str:
        values = context.linked(*target, code) or {}
        labels = {value["locale"] or "": value["data"] for value in values.get(LABEL, ())}
        return clean(context.label(labels, code))

    return label


def linked_getter(path: Sequence[Attribute], context: MappingContext, labelled: bool, getter_of: GetterOf) -> Getter:
    """The value at the end of `path`: one for a single link, a list for a collection."""
    first, *rest = path
    get = getter_of(first, context, context.chain, labelled and not rest)
    for before, attribute in zip(path, rest, strict=False):
        last = attribute is path[-1]
        get = _through(get, _reader(before, attribute, context, getter_of, labelled and last))
    return get


def _reader(
    link: Attribute, attribute: Attribute, context: MappingContext, getter_of: GetterOf, labelled: bool
) -> Callable[[str], Any]:
    """Code of a record or an asset → its value of `attribute`."""
    target = target_of(link)
    assert target is not None
    get = getter_of(attribute, context, context.chain, labelled)

    @lru_cache(REMEMBERED)
    def read(code: str) -> Any:
        values = context.linked(*target, code)
        return None if values is None else get(SimpleNamespace(values=values))

    return read


def _through(get: Getter, read: Callable[[str], Any]) -> Getter:
    def through(subject: Any) -> Any:
        codes = get(subject)
        if not isinstance(codes, list):
            return None if codes is None else read(codes)
        found: list[Any] = []
        for value in filter(None, map(read, codes)):
            found += value if isinstance(value, list) else [value]
        return found or None

    return through
