"""Labels as an earlier publication has them: those of items that are the same need not be drawn again."""

from itertools import groupby
from operator import itemgetter
from pathlib import Path

from pim.syndication.feed import MadeBefore
from pim.syndication.model import Item
from pim.syndication.writers.label_index import Entry, entries_in


class EarlierLabels:
    """Walks through the earlier JSON index beside the items: those that are the same come in the same order."""

    def __init__(self, before: MadeBefore, index: str, folder: Path) -> None:
        """Pictures are laid in `folder` on their way."""
        self._before, self._folder = before, folder
        self._items = groupby(entries_in(before.lines(index)), key=itemgetter("itemId"))

    def of(self, item: Item, sizes: int) -> list[tuple[Entry, Path]]:
        """An entry a size with its picture; nothing when the item is new or another, or something is not there."""
        if not self._before.had(item):
            return []
        entries = next((list(entries) for key, entries in self._items if key == item.key), [])
        found = [(entry, self._folder / f"kept-{entry['template']}.png") for entry in entries]
        whole = len(found) == sizes and all(self._before.fetch(entry["image"], path) for entry, path in found)
        return found if whole else []
