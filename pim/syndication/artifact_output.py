"""A feed that is made whole from all its items: a printed catalogue, labels and their index."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from pim.base.errors import InvalidInput, NotFound, Violation
from pim.syndication.earlier import EarlierArtifact, EarlierDamaged, EarlierSequence, names_record, read_names
from pim.syndication.feed import ArtifactWriter, Feed
from pim.syndication.model import Item
from pim.syndication.outcome import Outcome
from pim.syndication.segmented_output import SegmentedOutput
from pim.syndication.segments import item_digest
from pim.syndication.sequence_output import SequenceOutput
from pim.syndication.staged import FEED, PART, Stage, StagedFile, as_record, staged_file


class ItemsWriter:
    """The items themselves as NDJSON: what an artifact is made from, and what tells whether it must be made again."""

    media_type = "application/x-ndjson"
    separator = b""

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode

    def header(self) -> bytes:
        return b""

    def item(self, item: Item) -> bytes:
        return self._encode([item.key, item.kind, item.root_key, item.fields]) + b"\n"

    def footer(self) -> bytes:
        return b""


def items_name(feed: str) -> str:
    """The record of the items behind a feed that is made whole."""
    return f"{feed}.items.jsonl"


class ArtifactBefore:
    """What an artifact writer may ask about the earlier publication (`feed.MadeBefore`)."""

    def __init__(self, earlier: EarlierArtifact, items: EarlierSequence) -> None:
        self._earlier = earlier
        self._written = ItemsWriter().item
        self._digests = _digests_of(items)

    def had(self, item: Item) -> bool:
        return item_digest(self._written(item)) in self._digests

    def lines(self, name: str) -> Iterator[bytes]:
        with suppress(NotFound), self._earlier.storage.open(f"{self._earlier.folder}/{name}") as file:
            yield from file

    def fetch(self, name: str, target: Path) -> bool:
        try:
            self._earlier.fetch(name, target)
        except EarlierDamaged:
            return False
        return True


def _digests_of(items: EarlierSequence) -> frozenset[str]:
    """Of every item; none when the index cannot be read."""
    try:
        return frozenset(item.digest for record in items.records() for item in record.items)
    except EarlierDamaged:
        return frozenset()
    finally:
        items.close()


class ArtifactOutput:
    """The items wait in a file until all are there; then the writer makes everything of them."""

    def __init__(
        self, feed: Feed, write: ArtifactWriter, part: str | None, folder: Path, *, bare: bool = False
    ) -> None:
        self.feed, self.name = feed, feed.name
        self._write, self._folder = write, folder
        for inner in ("items", "made"):
            (folder / inner).mkdir(parents=True)
        of_items = replace(feed, name=items_name(feed.name))
        self._items = SequenceOutput(of_items, ItemsWriter(), part, folder / "items", record=True, bare=bare)
        self._made: dict[str, StagedFile] = {}
        self._earlier: EarlierArtifact | None = None

    @property
    def sequence(self) -> SegmentedOutput:
        return self._items

    def take(self, outcome: Outcome) -> None:
        self._items.take(outcome)

    def reuse(self, earlier: EarlierArtifact) -> None:
        """What was made before stays when the items are the same: everything else that it shows is."""
        self._earlier = earlier

    def close(self, stage: Stage) -> None:
        staged: list[StagedFile] = []
        self._items.close(staged.append)
        items = staged[0]
        if self._earlier and self._take_over(self._earlier, as_record(items)):
            pass
        elif items.items:
            self._write(self._feed_now(), _read_items(items.path), self._put)
            if self.feed.name not in self._made:
                raise RuntimeError(f"the writer of {self.feed.export}/{self.feed.name} put no file of that name")
        else:
            self._put(self.feed.name, b"", "application/octet-stream")
        for made in self._made.values():
            stage(replace(made, items=items.items, rejected=items.rejected) if made.role == FEED else made)
        for record in (as_record(items), *staged[1:]):
            stage(replace(record, feed=self.feed.name))
        stage(names_record(self._folder / "names", list(self._made), self.feed.name, self.feed.locale))

    def _feed_now(self) -> Feed:
        if self._earlier is None:
            return self.feed
        items = self._items.earlier(self._earlier.storage, self._earlier.folder)
        return replace(self.feed, made_before=ArtifactBefore(self._earlier, items))

    def _take_over(self, earlier: EarlierArtifact, items: StagedFile) -> bool:
        """Whether the earlier files are of the same items, and were there to be copied."""
        if not earlier.has(items.name, items.sha256):
            return False
        try:
            names = read_names(earlier.storage, earlier.folder, self.feed.name)
            for number, name in enumerate(names):
                path = self._folder / "made" / str(number)
                row = earlier.fetch(name, path)
                self._made[name] = staged_file(path, name, self.feed.name, self.feed.locale, row.role, row.media_type)
        except EarlierDamaged:
            self._made.clear()
        return bool(self._made)

    def abandon(self) -> None:
        self._items.abandon()

    def _put(self, name: str, content: bytes | Path, media_type: str) -> None:
        if name in self._made:
            message = f"two files are called `{name}`; give each its own name"
            raise InvalidInput([Violation("files", "duplicate_file", message)], f"export `{self.feed.export}`")
        path = self._folder / "made" / str(len(self._made))
        if isinstance(content, Path):
            content.rename(path) if content.stat().st_dev == path.parent.stat().st_dev else _copy(content, path)
        else:
            path.write_bytes(content)
        role = FEED if name == self.feed.name else PART
        self._made[name] = staged_file(path, name, self.feed.name, self.feed.locale, role, media_type)


def _read_items(path: Path) -> Iterator[Item]:
    decode = msgspec.json.Decoder(tuple[str, str, str, dict[str, Any]]).decode
    with path.open("rb") as file:
        for line in file:
            yield Item(*decode(line))


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(1 << 20):
            writing.write(chunk)
