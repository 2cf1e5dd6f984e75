"""Brings the feeds of an export from an earlier publication to the run's revision: clean segments are copied, in a
dirty one the items of dirty roots are replaced.

All feeds of an export are cut at the same roots, so their indexes are read side by side. Where a dirty root begins a
segment that no segment began before, a cut is made; a segment whose first root is gone is joined to the one before.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from pim.catalog.model import Root
from pim.syndication.earlier import EarlierSequence, Records, side_by_side
from pim.syndication.render import ExportRendering
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.segments import IndexedItem, RejectedId, SegmentRecord, begins_segment


class Splice:
    """Takes the dirty roots that there are, in key order. `dirty` are all dirty keys in order, `gone` those of them
    that are no roots any more."""

    def __init__(
        self,
        rendering: ExportRendering,
        earlier: Sequence[EarlierSequence],
        dirty: Sequence[str],
        gone: Collection[str],
    ) -> None:
        self._rendering, self._sequences, self._earlier = rendering, rendering.sequences, earlier
        self._dirty, self._all_dirty, self._gone = dirty, frozenset(dirty), frozenset(gone)
        self._records = side_by_side(earlier)
        self._next: Records | None = next(self._records)
        self._opened: Records | None = None
        self._kept: list[KeptItems] = []

    @property
    def dirty(self) -> Sequence[str]:
        return self._dirty

    def take(self, root: Root) -> None:
        """Renders it if it is dirty; everything before it that is not is as it was."""
        if root.key not in self._all_dirty:
            return
        self._go_on_to(root.key)
        if begins_segment(root.key) and self._opened is not None and root.key != self._opened[0].start:
            self._cut(root.key)
        self._rendering.take(root)

    def end(self) -> None:
        self._go_on_to(None)
        if self._opened is not None:
            self._cut(None)

    def close(self) -> None:
        for sequence in self._earlier:
            sequence.close()

    def _go_on_to(self, key: str | None) -> None:
        """Copies and keeps what lies before the root `key`; None is the end."""
        while self._next is not None and (key is None or self._next[0].start <= key):
            self._keep_before(self._next[0].start)
            self._pass_on(self._next)
        self._keep_before(key)

    def _pass_on(self, records: Records) -> None:
        """Copies the segment or opens it."""
        start = records[0].start
        self._next = next(self._records, None)
        if self._opened is not None and start not in self._gone:
            self._cut(start)
            self._opened = None
        if self._opened is None and self._is_clean(records[0]):
            for output, earlier, record in zip(self._sequences, self._earlier, records, strict=True):
                output.copy(earlier.segment(record))
            return
        self._opened = records
        self._kept = [
            KeptItems(output, earlier, record, self._all_dirty)
            for output, earlier, record in zip(self._sequences, self._earlier, records, strict=True)
        ]

    def _is_clean(self, record: SegmentRecord) -> bool:
        """No root in it is dirty, and the next segment is not joined to it."""
        at = bisect_left(self._dirty, record.start)
        if at < len(self._dirty) and (record.until is None or self._dirty[at] < record.until):
            return False
        return record.until not in self._gone

    def _keep_before(self, key: str | None) -> None:
        for kept in self._kept:
            kept.before(key)

    def _cut(self, until: str | None) -> None:
        for output in self._sequences:
            output.cut(until)


def dirty_in_any(splices: Iterable[Splice]) -> list[str]:
    """Keys in order."""
    return sorted({key for splice in splices for key in splice.dirty})


class KeptItems:
    """The clean items of an opened segment of one feed, on their way to the new one."""

    def __init__(
        self, output: SegmentedOutput, earlier: EarlierSequence, record: SegmentRecord, dirty: Collection[str]
    ) -> None:
        self._output = output
        self._content = earlier.segment(record).content
        self._items: list[IndexedItem] = [item for item in reversed(record.items) if item.root_key not in dirty]
        self._rejected: list[RejectedId] = [one for one in reversed(record.rejected) if one.root_key not in dirty]

    def before(self, key: str | None) -> None:
        """Keeps those whose root comes before `key`; None is the end."""
        for item in _before(self._items, key):
            self._output.keep(item, self._content[item.offset : item.offset + item.length])
        for rejected in _before(self._rejected, key):
            self._output.keep_rejected(rejected)


Entry = TypeVar("Entry", IndexedItem, RejectedId)


def _before(entries: list[Entry], key: str | None) -> Iterator[Entry]:
    """Takes off the end of `entries`, which are in reverse order."""
    while entries and (key is None or entries[-1].root_key < key):
        yield entries.pop()
