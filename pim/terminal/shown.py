"""What all commands print by: the console, JSON, tables, values cut to fit."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.catalog.table_rows import RowChange

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def console() -> Console:
    """As wide as the terminal; wide enough for any table where there is none."""
    return Console(width=None if sys.stdout.isatty() else 200)


def print_json(data: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")


def author() -> str:
    """Who the log names for what is done at this keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def shortened(data: Any, width: int = 60) -> str:
    """A value on one line of at most `width` characters; nothing for None."""
    if data is None:
        return ""
    text = data if isinstance(data, str) else _amounts(data) or msgspec.json.encode(data).decode()
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _amounts(data: Any) -> str:
    """A measure or prices, as people write them: `1.5 KILOGRAM`, `9.90 EUR, 8.00 GBP`."""
    amounts = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) and one.keys() in ({"amount", "unit"}, {"amount", "currency"}) for one in amounts):
        return ""
    return ", ".join(f"{one['amount']} {one.get('unit') or one.get('currency')}" for one in amounts)


def row_lines(change: RowChange) -> tuple[str, str]:
    """One row of a table before and after: the cells that differ."""
    old, new = change.old or {}, change.new or {}
    columns = [column for column in dict.fromkeys((*old, *new)) if old.get(column) != new.get(column)]

    def line(row: Mapping[str, Any]) -> str:
        shown = (column for column in columns if column in row and column != change.column)
        cells = ", ".join(f"{column} {shortened(row[column], 30)}" for column in shown)
        return f"{change.row}: {cells}".rstrip(": ") if row else ""

    return line(old), line(new)


def new_table(*headings: str) -> Table:
    """A heading ending in `>` makes a column of numbers."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        number = heading.endswith(">")
        table.add_column(
            heading.rstrip(">"), justify="right" if number else "left", no_wrap=number,
            overflow="fold",
        )  # fmt: skip
    return table
