"""Column mappings and what was written into sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pim.terminal.shown import console, new_table

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.intake.sheets.write_products import Written


def print_mappings(mappings: Sequence[Mapping[str, Any]]) -> None:
    table = new_table("mapping", "title", "columns>", "saved (UTC)", "by")
    for one in mappings:
        saved = str(one["updated"])[:16].replace("T", " ")
        columns = f"{len(one.get('columns', ())):,}"
        table.add_row(one["code"], one.get("title", ""), columns, saved, one["updated_by"])
    console().print(table)


def print_written(written: Written) -> None:
    models = f"{written.product_models:,} product models and " if written.product_models else ""
    held = f"{models}{written.products:,} products of revision {written.revision}"
    console().print(f"{written.path}: {held}.", highlight=False, markup=False)
