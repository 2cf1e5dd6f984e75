"""The files of a publication while they are being made, in a folder of their own that nobody else reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import ArtifactWriter, Feed, Part, PartedWriter, Parting, SequenceWriter
from pim.syndication.model import FieldViolation, Item
from pim.syndication.segments import IndexWriter, Segment, SegmentedFile, begins_segment, deflated
from pim.syndication.staged import FEED, PART, Stage, StagedFile, as_record, staged_file, staged_record
from pim.syndication.writers import ARTIFACTS, WRITERS

NEVER = Parting(roots=1 << 62, entries=1 << 62, bytes=1 << 62, gzip_bytes=1 << 62)


@dataclass(slots=True)
class Outcome:
    """What one product or root gave: its fields in the locales that accepted it, the reasons in those that did not."""

    key: str
    kind: str
    root_key: str
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[str, list[FieldViolation]] = field(default_factory=dict)
    next_change_at: str | None = None


class Output(Protocol):
    """One file (or set of files) of an export, as the run feeds it."""

    feed: Feed

    def take(self, outcome: Outcome) -> None: ...
    def cut(self, until: str | None) -> None:
        """All roots before the key `until` have been taken, and a segment begins there; None is the end."""

    def close(self, stage: Stage) -> None: ...
    def abandon(self) -> None: ...


def make_output(feed: Feed, writer: str, part: str | None, folder: Path) -> Output:
    """`folder` must be empty and belongs to this output alone."""
    folder.mkdir(parents=True)
    if writer in ARTIFACTS:
        return ArtifactOutput(feed, ARTIFACTS[writer](), part, folder)
    return SequenceOutput(feed, WRITERS[writer](feed), part, folder)


def shown_item(outcome: Outcome, locale: str | None, part: str | None) -> Item | None:
    """The item as a file of this locale shows it, None where it has nothing to show there."""
    fields: Mapping[str, Any] | None
    if locale is not None:
        fields = outcome.fields.get(locale)
        fields = fields.get(part) if fields and part else fields
    elif part:
        fields = {code: of[part] for code, of in outcome.fields.items() if of.get(part)}
    else:
        fields = outcome.fields
    return Item(outcome.key, outcome.kind, outcome.root_key, cast(dict[str, Any], fields)) if fields else None


def is_rejected(outcome: Outcome, locale: str | None) -> bool:
    """Whether the item schema keeps it out of a file; out of one that spans locales, when all of them do."""
    return locale in outcome.rejected if locale is not None else bool(outcome.rejected and not outcome.fields)


class SequenceOutput:
    """A feed of items, written segment by segment, with its twin and index; cut into parts where its writer is."""

    def __init__(self, feed: Feed, writer: SequenceWriter, part: str | None, folder: Path) -> None:
        self.feed = feed
        self._writer, self._part, self._folder = writer, part, folder
        self._parted = cast(PartedWriter, writer) if hasattr(writer, "parting") else None
        self._parting = self._parted.parting if self._parted else NEVER
        self._index_path = folder / "index"
        self._index = IndexWriter(self._index_path)
        self._segment = Segment(writer.separator)
        self._start = ""
        self._files: list[SegmentedFile] = []
        self._full = False
        self._rejected = 0
        self._open_part()

    def take(self, outcome: Outcome) -> None:
        item = shown_item(outcome, self.feed.locale, self._part)
        if item is None:
            if is_rejected(outcome, self.feed.locale):
                self._rejected += 1
                self._segment.reject(f"{outcome.kind}/{outcome.key}")
            return
        content = self._writer.item(item)
        if not content:
            return
        self._segment.add(f"{outcome.kind}/{outcome.key}", content, outcome.next_change_at)
        if self._parted is not None:
            self._segment.weigh(self._parted.entries(item), self._parted.stamp(item))

    def cut(self, until: str | None) -> None:
        content = self._segment.content()
        block = deflated(content) if content else b""
        if content and (self._full or self._overflows(len(content), len(block))):
            self._open_part()
        part = len(self._files) - 1
        self._index.add(self._files[-1].append_block(self._segment, content, block, part, self._start, until))
        if until is not None and begins_segment(until, self._parting.roots):
            self._full = self._files[-1].items > 0
        self._segment = Segment(self._writer.separator)
        self._start = until or ""

    def close(self, stage: Stage) -> None:
        """Everything taken since the last cut has been cut."""
        self._index.close()
        self._files[-1].close()
        if self._parted is None:
            stage(self._staged(0, self.feed.name, FEED, self._files[0].items))
        else:
            self._close_parts(self._parted, stage)
        stage(staged_record(self._index_path, f"{self.feed.name}.index.jsonl", self.feed.name, self.feed.locale))

    def abandon(self) -> None:
        self._index.close()
        for file in self._files:
            file.abandon()

    def _open_part(self) -> None:
        number, writer = len(self._files), self._writer
        plain = None if self._parting.gzip_only else self._folder / f"{number}.plain"
        twin = self._folder / f"{number}.gz"
        if self._files:
            self._files[-1].close()
        self._files.append(SegmentedFile(writer.header(), writer.separator, writer.footer(), plain, twin))
        self._full = False

    def _overflows(self, length: int, gzip_length: int) -> bool:
        file, limits = self._files[-1], self._parting
        return file.items > 0 and (
            file.entries + self._segment.entries > limits.entries
            or file.bytes + length + file.overhead > limits.bytes
            or file.gzip_bytes + gzip_length + file.overhead > limits.gzip_bytes
        )

    def _close_parts(self, writer: PartedWriter, stage: Stage) -> None:
        parts = [self._as_part(writer, number) for number in range(len(self._files))]
        listing = writer.listing(parts)
        if listing is None:
            stage(self._staged(0, self.feed.name, FEED, parts[0].items))
            return
        for number, part in enumerate(parts):
            stage(self._staged(number, part.name, PART, part.items))
        path = self._folder / "listing"
        path.write_bytes(listing)
        whole = staged_file(path, self.feed.name, self.feed, FEED, writer.listing_media_type)
        stage(replace(whole, items=sum(part.items for part in parts), rejected=self._rejected))

    def _as_part(self, writer: PartedWriter, number: int) -> Part:
        file = self._files[number]
        digest = file.gzip_sha256 if self._parting.gzip_only else file.sha256
        name = writer.part_name(number + 1, digest)
        return Part(name, file.items, file.entries, file.newest, file.bytes, file.gzip_bytes, file.gzip_sha256)

    def _staged(self, number: int, name: str, role: str, items: int) -> StagedFile:
        file = self._files[number]
        twin = self._folder / f"{number}.gz"
        rejected = self._rejected if role == FEED else 0
        feed, locale, media_type = self.feed.name, self.feed.locale, self._writer.media_type
        if self._parting.gzip_only:
            return StagedFile(
                name,
                feed,
                role,
                locale,
                media_type,
                twin,
                file.gzip_bytes,
                file.gzip_sha256,
                items=items,
                rejected=rejected,
            )
        return StagedFile(
            name, feed, role, locale, media_type, self._folder / f"{number}.plain", file.bytes, file.sha256,
            twin, file.gzip_bytes, file.gzip_sha256, items, rejected,
        )  # fmt: skip


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


class ArtifactOutput:
    """A feed made whole from its items, which wait in a file meanwhile."""

    def __init__(self, feed: Feed, write: ArtifactWriter, part: str | None, folder: Path) -> None:
        self.feed = feed
        self._write, self._folder = write, folder
        for inner in ("items", "made"):
            (folder / inner).mkdir(parents=True)
        of_items = replace(feed, name=f"{feed.name}.items.jsonl")
        self._items = SequenceOutput(of_items, ItemsWriter(), part, folder / "items")
        self._made: dict[str, StagedFile] = {}

    def take(self, outcome: Outcome) -> None:
        self._items.take(outcome)

    def cut(self, until: str | None) -> None:
        self._items.cut(until)

    def close(self, stage: Stage) -> None:
        staged: list[StagedFile] = []
        self._items.close(staged.append)
        items = staged[0]
        if items.items:
            self._write(self.feed, _read_items(items.path), self._put)
            if self.feed.name not in self._made:
                raise RuntimeError(f"the writer of {self.feed.export}/{self.feed.name} put no file of that name")
        else:
            self._put(self.feed.name, b"", "application/octet-stream")
        for made in self._made.values():
            stage(replace(made, items=items.items, rejected=items.rejected) if made.role == FEED else made)
        for record in (as_record(items), *staged[1:]):
            stage(replace(record, feed=self.feed.name))

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
        self._made[name] = staged_file(path, name, self.feed, role, media_type)


def _read_items(path: Path) -> Iterator[Item]:
    decode = msgspec.json.Decoder(tuple[str, str, str, dict[str, Any]]).decode
    with path.open("rb") as file:
        for line in file:
            yield Item(*decode(line))


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(1 << 20):
            writing.write(chunk)
