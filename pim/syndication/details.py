"""Attributes with their labels and values as people of the locale read them: specification tables, option names."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pim.catalog.model import Attribute
from pim.exports.model import names_of
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.facts import axes_of
from pim.syndication.field import Remembered, remembered
from pim.syndication.readers import reader_of
from pim.syndication.reading import key_reading
from pim.syndication.subject import Getter, Subject
from pim.syndication.transforms.dates import date
from pim.syndication.transforms.numbers import amount_text, decimal_of, json_number
from pim.syndication.transforms.text import clean
from pim.syndication.words import Word, word_of

Detail = Callable[[Subject], dict[str, Any] | None]

UNSUITED = {"identifier", "image", "file", "textarea", "table", "price_collection", "asset_collection"}
"""Types that `$family` leaves out: they are no facts of a table."""


def details(spec: dict[str, Any], context: MappingContext) -> Getter:
    """A list of objects, one for each attribute that has a value; `keys` names their members. A single facet instead
    of `keys` gives a list of just that."""
    single = spec["keys"] if isinstance(spec["keys"], str) else None
    keys: dict[str, str] = {single: single} if single else spec["keys"]
    wanted = _wanted(names_of(spec["attributes"]), frozenset(spec.get("except", [])), keys, context)

    def get(subject: Subject) -> list[Any] | None:
        values = subject.values
        made = []
        for code, detail in wanted(subject):
            if code in values:
                found = detail(subject)
                if found is not None:
                    made.append(found)
        if single:
            return [detail[single] for detail in made if single in detail] or None
        return made or None

    return get


Wanted = Callable[[Subject], list[tuple[str, Detail]]]


def _wanted(names: list[str], unwanted: frozenset[str], keys: dict[str, str], context: MappingContext) -> Wanted:
    """The attributes to show of a subject, by its family and axes: worked out once for each kind of subject."""
    attributes = context.structure.attributes
    details = {
        code: _detail(attribute, keys, context) for code, attribute in attributes.items() if code not in unwanted
    }
    has_axes = "$axes" in names

    @lru_cache(maxsize=4096)
    def plan(family: str, axes: tuple[str, ...]) -> list[tuple[str, Detail]]:
        codes: dict[str, None] = {}
        for name in names:
            found = context.structure.families.get(family)
            of_family = _of_family(found.attributes, context) if found and name == "$family" else []
            codes |= dict.fromkeys(axes if name == "$axes" else of_family if name == "$family" else [name])
        return [(code, details[code]) for code in codes if code in details]

    def wanted(subject: Subject) -> list[tuple[str, Detail]]:
        axes = tuple(axes_of(subject, context)) if has_axes else ()
        return plan(subject.document.get("family") or "", axes)

    return wanted


def _of_family(codes: list[str], context: MappingContext) -> list[str]:
    """By attribute group, then by the attribute's own order, as people see them when they edit."""
    structure = context.structure
    known = [structure.attributes[code] for code in codes if code in structure.attributes]
    suited = [attribute for attribute in known if attribute.type.removeprefix("pim_catalog_") not in UNSUITED]

    def place(attribute: Attribute) -> tuple[int, str, int, str]:
        group = structure.attribute_groups.get(attribute.group or "")
        return (group.sort_order if group else 0, attribute.group or "", attribute.sort_order, attribute.code)

    return [attribute.code for attribute in sorted(suited, key=place)]


def _detail(attribute: Attribute, keys: dict[str, str], context: MappingContext) -> Detail:
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

    key = key_reading(attribute, context, context.chain, reader).get
    if not reader.hashable:
        return lambda subject: None if (found := key(subject)) is None else detail(found)
    return remembered(key, Remembered(detail, reader.few))


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
