"""What an export leaves out, and why: written while the run goes, so its length never matters."""

from pathlib import Path

import msgspec

from pim.syndication.feed import SequenceWriter
from pim.syndication.model import Item, RejectedItem
from pim.syndication.outcome import Outcome
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.staged import Stage, StagedFile, as_record

REPORT = "report.jsonl"


class _Lines:
    """NDJSON without a feed around it."""

    media_type = "application/x-ndjson"
    separator = b""

    def header(self) -> bytes:
        return b""

    def item(self, item: Item) -> bytes:
        raise NotImplementedError("a report is made of outcomes")

    def footer(self) -> bytes:
        return b""


class ReportOutput(SegmentedOutput):
    """One line a rejected item and locale. Its index names every item of the export, accepted or not, with the instant
    at which it changes by itself: what no feed shows now may be shown then."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        folder.mkdir(parents=True)
        writer: SequenceWriter = _Lines()
        super().__init__(REPORT, None, writer, folder, feed="", record=True, bare=bare)
        self._encode = msgspec.json.Encoder().encode

    @property
    def sequence(self) -> SegmentedOutput:
        return self

    def take(self, outcome: Outcome) -> None:
        lines = b"".join(
            self._encode(
                RejectedItem(
                    item=outcome.key, kind=outcome.kind, root=outcome.root_key, locale=locale, violations=violations
                )
            )
            + b"\n"
            for locale, violations in outcome.rejected.items()
        )
        accepted = int(bool(outcome.fields))
        self._segment.add(outcome.item_id, outcome.root_key, lines, accepted, None, outcome.next_change_at)
        if outcome.rejected:
            self._segment.reject(outcome.item_id, outcome.root_key)

    def close(self, stage: Stage) -> None:
        staged: list[StagedFile] = []
        super().close(staged.append)
        report, index = staged
        stage(as_record(report))
        stage(index)
