"""How a patch changes a document: objects merge, scalars and arrays replace, what is left out stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from pim.catalog.model import Document, Value, Values

Place = tuple[str | None, str | None]
"""(locale, scope) of a value."""


def merge(document: Document, patch: Mapping[str, Any]) -> Document:
    """The patched document, a new one. `values` merge per (attribute, locale, scope) and data None erases; elsewhere
    objects merge key by key, an empty label erases, and an association type merges per kind of target."""
    merged = dict(document)
    for key, new in patch.items():
        old = document.get(key)
        if key == "values" and isinstance(new, Mapping):
            merged[key] = merge_values(old or {}, new)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            merged[key] = merge_objects(old, new)
        elif isinstance(new, Mapping):
            merged[key] = merge_objects({}, new)
        else:
            merged[key] = new
    return merged


def merge_objects(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Key by key, objects within objects alike; None or an empty text takes its key out."""
    merged = dict(old)
    for key, value in new.items():
        before = old.get(key)
        if value is None or value == "":
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = merge_objects(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def merge_values(old: Values, new: Mapping[str, Iterable[Value]]) -> Values:
    """Values of `new` win at their own attribute, locale and scope; data None, "" or [] erases the value there."""
    merged = dict(old)
    for attribute, values in new.items():
        placed = by_place(old.get(attribute, ()))
        placed.update(by_place(values))
        kept = as_values(placed)
        if kept:
            merged[attribute] = kept
        else:
            merged.pop(attribute, None)
    return merged


def by_place(values: Iterable[Value]) -> dict[Place, Any]:
    return {(value["locale"], value["scope"]): value["data"] for value in values}


def as_values(placed: Mapping[Place, Any]) -> list[Value]:
    """The stored form: in order of scope and locale, nothing empty, so that equal values are equal lists."""
    return [
        {"locale": locale, "scope": scope, "data": placed[locale, scope]}
        for locale, scope in sorted(placed, key=_place_order)
        if placed[locale, scope] not in (None, "", [])
    ]


def data_at(values: Iterable[Value], locale: str | None, scope: str | None) -> Any:
    """The data stored at exactly this locale and scope, else None."""
    for value in values:
        if value["locale"] == locale and value["scope"] == scope:
            return value["data"]
    return None


def _place_order(place: Place) -> tuple[str, str]:
    return place[1] or "", place[0] or ""
