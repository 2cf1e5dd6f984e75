"""Suggested categories as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pim.terminal.shown import console, new_table

if TYPE_CHECKING:  # importing these costs more than most commands take
    from pim.search.taxonomy import Suggestion


def print_category_suggestions(path: Path, found: Sequence[Suggestion], kept: int, *, written: bool) -> None:
    """What is sure, what waits for a person, and where."""
    table = new_table("category", "label", "", "id", "closest entry", "closeness>")
    for one in found:
        for place, entry in enumerate(one.closest or [None]):
            names = (one.category, one.label, "sure" if one.sure else "?") if place == 0 else ("", "", "")
            if entry is None:
                table.add_row(*names, "", "nothing shares a word with it", "")
            elif place == 0 or not one.sure:
                table.add_row(*names, entry.id, entry.path, f"{entry.closeness:.2f}")
    out = console()
    out.print(table)
    sure = sum(one.sure for one in found)
    counts = f"{kept} were there, {sure} are sure, {len(found) - sure} wait for a person"
    out.print(f"{path}: {counts}{'' if written else '; nothing was written'}.", highlight=False, markup=False)
