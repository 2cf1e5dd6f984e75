"""Transforms of tables: their columns, and single cells."""

from collections.abc import Callable
from typing import Any

from pim.syndication.context import MappingContext

Whole = Callable[[Any], Any]


class TableRow(dict[str, Any]):
    """Cells by column. `key` is the code of the first one, whatever label stands there."""

    key: str


def column(context: MappingContext, code: str) -> Whole:
    """The column's filled cells, from the first row down."""
    return lambda rows: [row[code] for row in _rows(rows) if code in row] or None


def cell(context: MappingContext, row: str, column: str) -> Whole:
    """The cell in the row that begins with the option `row`."""
    return lambda rows: next((one.get(column) for one in _rows(rows) if one.key == row), None)


def _rows(value: Any) -> list[TableRow]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, TableRow)]
