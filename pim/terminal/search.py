"""How what was found is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from pim.terminal.shown import console, new_table

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.catalog.model import Document
    from pim.search.results import Results

_MARK = re.compile(r"</?em>")


def print_results(found: Results) -> None:
    for one in found.corrections:
        typer.echo(f"No product says `{one.typed}`; searched for `{one.instead}`.")
    if found.ignored:
        typer.echo(f"Passed over: {', '.join(found.ignored)}.")
    table = new_table("product", "label", "family", "where")
    for item in found.items:
        where = _plain(item.highlights[-1].html) if item.highlights else ""
        table.add_row(escape(item.identifier or str(item.uuid)), escape(item.label), item.family or "", where)
    if found.items:
        console().print(table)
    typer.echo(f"{found.count} found." if found.count != len(found.items) else f"{found.count} found, all shown.")
    for facet in found.facets:
        typer.echo(f"\n{facet.name}")
        for value in facet.values:
            typer.echo(f"  {value.count:>7}  {value.label}  ({value.query})")


def print_saved(rows: Sequence[Document]) -> None:
    table = new_table("code", "search", "title", "owner", "shared")
    for row in rows:
        shared = "yes" if row["shared"] else "no"
        table.add_row(escape(row["code"]), escape(row["q"] or ""), escape(row["title"]), escape(row["owner"]), shared)
    console().print(table)


def _plain(marked: str) -> str:
    """For a terminal: what is marked in bold."""
    parts = _MARK.split(marked)
    return "".join(
        f"[bold]{escape(html.unescape(part))}[/bold]" if place % 2 else escape(html.unescape(part))
        for place, part in enumerate(parts)
    )
