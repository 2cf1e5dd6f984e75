"""A feed that is its items one after the other."""

from pathlib import Path

from pim.syndication.feed import Feed, SequenceWriter
from pim.syndication.outcome import Outcome, is_rejected, shown_item
from pim.syndication.segmented_output import SegmentedOutput


class SequenceOutput(SegmentedOutput):
    """Takes outcomes and writes what they show in this file. `part` names the field of the item that it shows."""

    def __init__(
        self,
        feed: Feed,
        writer: SequenceWriter,
        part: str | None,
        folder: Path,
        *,
        record: bool = False,
        bare: bool = False,
    ) -> None:
        super().__init__(feed.name, feed.locale, writer, folder, record=record, bare=bare)
        self._part = part

    @property
    def sequence(self) -> SegmentedOutput:
        return self

    def take(self, outcome: Outcome) -> None:
        item = shown_item(outcome, self.locale, self._part)
        if item is None:
            if is_rejected(outcome, self.locale):
                self._segment.reject(outcome.item_id, outcome.root_key)
            return
        content = self._writer.item(item)
        if not content:
            return
        parted = self._parted
        said = (parted.entries(item), parted.stamp(item)) if parted else (0, None)
        self._segment.add(outcome.item_id, outcome.root_key, content, *said)
