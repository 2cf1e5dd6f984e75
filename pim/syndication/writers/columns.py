"""Items as rows of a table: which columns, which rows, and what a cell says."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.exports.item_schema import entries_of, field_of, properties_of, root_node
from pim.syndication.feed import Feed
from pim.syndication.writers.known_objects import KnownObjects

NO_ENTRY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """`header` is what the header row says, `path` leads to the field, `parts` orders the fields of a group. `known`
    are the groups that have been written."""

    header: str
    path: tuple[str, ...]
    parts: tuple[str, ...] = ()
    known: KnownObjects = field(default_factory=KnownObjects, compare=False, repr=False)


class Rows:
    """Options:

    - `columns`: each a field's (dotted) name or {header, field, parts}; without it, the item schema's properties in
      their order, but those in `except`, with the parts of groups in the order of theirs. A number in a dotted name is
      a place in a list, from 0;
    - `part_headers`: whether headers of such groups name their parts: `shipping(country:price)`;
    - `rows`: the field whose list makes the rows; a row sees its own fields first, then the item's. Several lists stand
      side by side: row n has the n-th entry of each, as long as there are any. An item without any gives none;
    - `first_row_only`: the columns that only the first row of an item fills;
    - `groups`: `json` writes groups, and lists of them, as JSON instead;
    - `list_separator` (`,`), `part_separator` (`:`).

    Every cell is a text; `typed` leaves numbers and booleans what they are.
    """

    def __init__(self, feed: Feed, *, typed: bool = False) -> None:
        options = feed.options
        self._columns = _columns(feed)
        self.headers = [column.header for column in self._columns]
        rows: str | list[str] = options.get("rows", [])
        self._rows = [rows] if isinstance(rows, str) else rows
        self._first_only = frozenset(options.get("first_row_only", ()))
        self._lists: str = options.get("list_separator", ",")
        self._groups: str = options.get("part_separator", ":")
        self._json = options.get("groups") == "json"
        self._cell_of = self._typed if typed else self._cell

    def of(self, fields: Mapping[str, Any]) -> Iterator[list[Any]]:
        """What the columns say of an item, row by row."""
        if not self._rows:
            yield self._row(fields)
            return
        lists: list[list[Mapping[str, Any]]] = [fields.get(name) or [] for name in self._rows]
        following = _without(fields, self._first_only)
        for number, row in enumerate(zip_longest(*lists, fillvalue=NO_ENTRY)):
            seen = ChainMap(*row, following if number else fields)  # type: ignore[arg-type]
            yield self._row(seen)

    def _row(self, fields: Mapping[str, Any]) -> list[Any]:
        """The hot path: most cells are texts, or empty."""
        row: list[Any] = []
        cell = self._cell_of
        for column in self._columns:
            path = column.path
            value = fields.get(path[0]) if len(path) == 1 else _find(fields, path)
            row.append(value if value.__class__ is str else "" if value is None else cell(value, column))
        return row

    def _typed(self, value: Any, column: Column) -> Any:
        return value if isinstance(value, bool | int | float) else self._cell(value, column)

    def _cell(self, value: Any, column: Column) -> str:
        if type(value) is str:
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if self._json and isinstance(value[0] if value.__class__ is list and value else value, dict):
            return msgspec.json.encode(value).decode()
        if isinstance(value, list):
            cells = ((one, self._cell(one, column)) for one in value)
            return self._lists.join(cell if type(one) is dict else _quoted(cell, self._lists) for one, cell in cells)
        if isinstance(value, dict):
            known = column.known.get(id(value))
            return known[1] if known else column.known.keep(value, self._group(value, column))
        return str(value)

    def _group(self, fields: dict[str, Any], column: Column) -> str:
        parts = [fields.get(part) for part in column.parts] if column.parts else list(fields.values())
        separators = (self._groups, self._lists)
        return self._groups.join(_quoted(self._cell(part, column), *separators) for part in parts)


def _quoted(text: str, *separators: str) -> str:
    """Inside a list or a group, where a separator of these stands in it."""
    for one in separators:
        if one in text:
            return '"' + text.replace('"', '""') + '"'
    return text


def _columns(feed: Feed) -> tuple[Column, ...]:
    declared = feed.options.get("columns")
    columns = tuple(map(_column, declared)) if declared else tuple(_columns_of_schema(feed))
    if not columns:
        message = f"file `{feed.name}`: name its `columns` in the options; the item schema lists no properties"
        raise InvalidInput([Violation("files.options.columns", "no_columns", message)], f"export `{feed.export}`")
    return columns


def _columns_of_schema(feed: Feed) -> Iterator[Column]:
    node, left_out = root_node(dict(feed.item_schema)), feed.options.get("except", ())
    for name in feed.item_schema.get("properties", {}):
        if name not in left_out:
            field = field_of(node, name)
            parts = tuple(properties_of(field)) or tuple(properties_of(entries_of(field)))
            named = feed.options.get("part_headers", False) and parts
            yield Column(f"{name}({':'.join(parts)})" if named else name, (name,), parts)


def _column(declared: str | Mapping[str, Any]) -> Column:
    if isinstance(declared, str):
        return Column(declared, tuple(declared.split(".")))
    field = str(declared.get("field", declared["header"]))
    return Column(str(declared["header"]), tuple(field.split(".")), tuple(declared.get("parts", ())))


def _find(fields: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = fields.get(path[0])
    for name in path[1:]:
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _without(fields: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if name not in names} if names else fields
