"""Documents as cells: what differs between two, and putting a cell back."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pim.catalog.merge import as_values, by_place
from pim.catalog.model import Document
from pim.versioning.model import VALUES, Cell

_DEPTH = {"associations": 2, "quantified_associations": 2}
"""Keys below the field that a cell's path names: association type and kind of target, elsewhere one key (a locale, a
channel, a unit). What is nested deeper belongs to that cell."""


def differences(old: Document, new: Document) -> Iterator[tuple[Cell, Any, Any]]:
    """(cell, before, after) for every cell that differs, in the order of the documents. Absence is None."""
    for field in changed_keys(old, new):
        before, after = old.get(field), new.get(field)
        if field == VALUES:
            yield from _value_differences(before or {}, after or {})
        elif isinstance(before, dict) or isinstance(after, dict):
            yield from _nested_differences(field, before or {}, after or {}, _DEPTH.get(field, 1))
        else:
            yield Cell(field), before, after


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Keys under which the two differ, those of `old` first. What a patch leaves alone is the very same object in both
    and need not be compared."""
    changed = [key for key, before in old.items() if (after := new.get(key)) is not before and after != before]
    return changed + [key for key, after in new.items() if key not in old and after is not None]


def _value_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Cell, Any, Any]]:
    for attribute in changed_keys(old, new):
        before, after = by_place(old.get(attribute, ())), by_place(new.get(attribute, ()))
        for place in dict.fromkeys((*before, *after)):
            if before.get(place) != after.get(place):
                yield Cell(VALUES, attribute, *place), before.get(place), after.get(place)


def _nested_differences(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], depth: int
) -> Iterator[tuple[Cell, Any, Any]]:
    for key in changed_keys(old, new):
        before, after = old.get(key), new.get(key)
        if depth > 1:
            yield from _nested_differences(f"{path}.{key}", before or {}, after or {}, depth - 1)
        else:
            yield Cell(f"{path}.{key}"), before, after


def cell_data(document: Document, cell: Cell) -> Any:
    """What stands in `cell`, None for nothing."""
    if cell.path == VALUES:
        return by_place(document.get(VALUES, {}).get(cell.attribute, ())).get((cell.locale, cell.scope))
    at: Any = document
    for key in cell.path.split("."):
        at = at.get(key) if isinstance(at, dict) else None
    return at


def copied(document: Document) -> Document:
    """A copy to put cells into. Documents are plain JSON, which is many times faster to write and read than to walk."""
    copy: Document = msgspec.json.decode(msgspec.json.encode(document))
    return copy


def put_cell(document: Document, cell: Cell, data: Any) -> None:
    """Sets `cell` in place; None clears it. A field of the document itself stays, as None; nested objects that become
    empty go, so that putting back every difference gives an equal document."""
    if cell.path == VALUES:
        _put_value(document, cell, data)
        return
    field, *keys = cell.path.split(".")
    if not keys:
        document[field] = data
        return
    if document.get(field) is None:
        document[field] = {}
    _put_nested(document[field], keys, data)


def _put_value(document: Document, cell: Cell, data: Any) -> None:
    values = document[VALUES]
    placed = by_place(values.get(cell.attribute, ()))
    placed[cell.locale, cell.scope] = data
    kept = as_values(placed)
    if kept:
        values[cell.attribute] = kept
    else:
        values.pop(cell.attribute, None)


def _put_nested(at: dict[str, Any], keys: list[str], data: Any) -> None:
    key, *rest = keys
    if rest:
        inner = at.setdefault(key, {})
        _put_nested(inner, rest, data)
        if not inner:
            del at[key]
    elif data is None:
        at.pop(key, None)
    else:
        at[key] = data
