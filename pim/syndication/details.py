"""Attributes with their labels and values as people of the locale read them: specification tables, option names."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pim.catalog.model import Attribute
from pim.exports.model import names_of
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.facts import axes_of
from pim.syndication.field import Field, Remembered, called, generated, remembered
from pim.syndication.objects import each_of
from pim.syndication.readers import reader_of
from pim.syndication.reading import key_reading
from pim.syndication.source import calling
from pim.syndication.subject import Getter, Subject
from pim.syndication.transforms.dates import date
from pim.syndication.transforms.numbers import amount_text, decimal_of, json_number
from pim.syndication.transforms.text import clean
from pim.syndication.words import Word, word_of

Axes = tuple[str, ...]

UNSUITED = {"identifier", "image", "file", "textarea", "table", "price_collection", "asset_collection"}
"""Types that `$family` leaves out: they are no facts of a table."""

KINDS = 4_096
"""Pairs of a family and its axes whose list of attributes is at hand."""


def details(spec: dict[str, Any], context: MappingContext) -> Field:
    """A list of objects, one for each attribute that has a value; `keys` names their members. A single facet instead
    of `keys` gives a list of just that."""
    single = spec["keys"] if isinstance(spec["keys"], str) else None
    keys: dict[str, str] = {single: single} if single else spec["keys"]
    all_of = _all_of(names_of(spec["attributes"]), frozenset(spec.get("except", [])), keys, context)
    plain = _by_kind(spec, context, lambda *kind: all_of(*kind).produce)
    quick = _by_kind(spec, context, lambda *kind: generated(all_of(*kind)))
    if single is None:
        return Field(plain, calling(quick))
    return Field(_only(single, plain), calling(_only(single, quick)))


def _only(facet: str, get: Getter) -> Getter:
    return lambda subject: [detail[facet] for detail in get(subject) or () if facet in detail] or None


def _by_kind(spec: dict[str, Any], context: MappingContext, made_for: Callable[[str, Axes], Getter]) -> Getter:
    """`made_for` the subject's family and axes, made once for each kind of subject."""
    has_axes = "$axes" in names_of(spec["attributes"])
    made = lru_cache(KINDS)(made_for)

    def get(subject: Subject) -> Any:
        axes = tuple(axes_of(subject, context)) if has_axes else ()
        return made(subject.document.get("family") or "", axes)(subject)

    return get


def _all_of(
    names: list[str], unwanted: frozenset[str], keys: dict[str, str], context: MappingContext
) -> Callable[[str, Axes], Field]:
    """The details of all attributes that are shown of a kind of subject."""
    attributes, families = context.structure.attributes, context.structure.families
    details = {
        code: _detail(attribute, keys, context) for code, attribute in attributes.items() if code not in unwanted
    }

    def all_of(family: str, axes: Axes) -> Field:
        codes: dict[str, None] = {}
        of_family = _of_family(families[family].attributes, context) if family in families else []
        for name in names:
            codes |= dict.fromkeys(axes if name == "$axes" else of_family if name == "$family" else [name])
        return each_of([details[code] for code in codes if code in details])

    return all_of


def _of_family(codes: list[str], context: MappingContext) -> list[str]:
    """By attribute group, then by the attribute's own order, as people see them when they edit."""
    structure = context.structure
    known = [structure.attributes[code] for code in codes if code in structure.attributes]
    suited = [attribute for attribute in known if attribute.type.removeprefix("pim_catalog_") not in UNSUITED]

    def place(attribute: Attribute) -> tuple[int, str, int, str]:
        group = structure.attribute_groups.get(attribute.group or "")
        return (group.sort_order if group else 0, attribute.group or "", attribute.sort_order, attribute.code)

    return [attribute.code for attribute in sorted(suited, key=place)]


def _detail(attribute: Attribute, keys: dict[str, str], context: MappingContext) -> Field:
    group = context.structure.attribute_groups.get(attribute.group or "")
    fixed = {
        "section": clean(context.label(group.labels, group.code)) if group else "",
        "code": attribute.code,
        "name": clean(context.label(attribute.labels, attribute.code)),
    }
    reader, labelled = reader_of(attribute, context), reader_of(attribute, context, labelled=True)
    word, datum = word_of(attribute, context), _datum(attribute, context)

    def detail(key: Any) -> dict[str, Any] | None:
        value = labelled.value(key)
        text = None if value is None else word(value)
        if text is None:
            return None
        facets = {**fixed, "value": text, "data": datum(reader.value(key))}
        return {name: facets[facet] for name, facet in keys.items() if facets[facet] not in (None, "")}

    key, needs = key_reading(attribute, context, context.chain, reader), (frozenset((attribute.code,)),)
    if reader.hashable:
        return remembered(key, Remembered(detail, reader.few))._replace(needs=needs)
    return called(lambda subject: None if (found := key.get(subject)) is None else detail(found), needs=needs)


def _datum(attribute: Attribute, context: MappingContext) -> Word:
    """The value as JSON: codes, numbers, `{amount, unit}`, days; a price as decimal text."""
    kind = attribute.type.removeprefix("pim_catalog_")
    if kind == "date":
        return date(context)
    if kind == "price_collection":
        return amount_text(context)
    if kind == "number":
        return lambda value: json_number(found) if (found := decimal_of(value)) is not None else None
    return finished


def finished(value: Any) -> Any:
    """A value of a mapping as plain JSON data."""
    if isinstance(value, Quantity):
        return {"amount": f"{value.amount:f}", "unit": value.unit}
    if isinstance(value, list):
        return [finished(entry) for entry in value]
    if isinstance(value, dict):
        return {key: finished(entry) for key, entry in value.items()}
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value
