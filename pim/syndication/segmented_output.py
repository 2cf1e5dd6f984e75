"""A file made of segments while it grows: with its twin and index, in parts where its writer has a limit."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from pim.base.object_storage import ObjectStorage
from pim.syndication.earlier import EarlierSequence, index_name, names_record, open_record, read_names
from pim.syndication.feed import Part, PartedWriter, Parting, SequenceWriter
from pim.syndication.segments import (
    IndexedItem,
    IndexWriter,
    RejectedId,
    SealedSegment,
    Segment,
    SegmentedFile,
    SegmentRecord,
    begins_segment,
)
from pim.syndication.staged import FEED, GZIP, PART, RECORDS, Stage, StagedFile, staged_file, staged_record

NEVER = Parting(roots=1 << 62, entries=1 << 62, bytes=1 << 62, gzip_bytes=1 << 62)
BARE = replace(NEVER, gzip_only=True)


class SegmentedOutput:
    """Segments come whole from an earlier publication (`copy`), or are filled with new items and items kept from there,
    until the next `cut`. `feed` is the name of the feed it belongs to; a `record` is kept for ourselves; a `bare` one
    is a range of segments for another to copy: no header and footer, no parts."""

    def __init__(
        self,
        name: str,
        locale: str | None,
        writer: SequenceWriter,
        folder: Path,
        *,
        feed: str | None = None,
        record: bool = False,
        bare: bool = False,
    ) -> None:
        self.name, self.locale = name, locale
        self.refused = 0
        self._writer, self._folder = writer, folder
        self._feed = name if feed is None else feed
        self._parted = cast(PartedWriter, writer) if hasattr(writer, "parting") else None
        self._parting = BARE if bare else self._parted.parting if self._parted else NEVER
        self._record, self._bare = record, bare
        self._index = IndexWriter(folder / "index")
        self._segment = Segment(writer.separator)
        self._start = ""
        self._files: list[SegmentedFile] = []
        self._full = False
        self._open_part()

    @property
    def items(self) -> int:
        return sum(file.items for file in self._files)

    @property
    def entries(self) -> int:
        return sum(file.entries for file in self._files)

    def begin_at(self, start: str) -> None:
        """The key at which the first segment begins, where that is not the beginning of all."""
        self._start = start

    def cut(self, until: str | None) -> None:
        """All roots before the key `until` have been taken, and a segment begins there; None is the end."""
        self._append(self._segment.sealed(self._start, until))
        self._segment = Segment(self._writer.separator)

    def copy(self, segment: SealedSegment) -> None:
        """Appends a segment as it was. It begins where the last one ended."""
        self._append(segment)

    def keep(self, item: IndexedItem, content: bytes) -> None:
        """Puts an item of an earlier segment next, as it was."""
        self._segment.keep(item, content)

    def keep_rejected(self, item: RejectedId) -> None:
        self._segment.reject(item.id, item.root_key)

    def earlier(self, storage: ObjectStorage, folder: str) -> EarlierSequence:
        """What was published under this name in the publication stored in `folder`."""
        names = read_names(storage, folder, self.name) if self._parted else [self.name]

        def open_twin(part: int) -> BinaryIO:
            return storage.open(f"{folder}/{self._stored_twin(names[part])}")

        return EarlierSequence(lambda: open_record(storage, folder, index_name(self.name)), open_twin)

    def close(self, stage: Stage) -> None:
        """Everything taken since the last cut has been cut."""
        self._index.close()
        self._files[-1].close()
        if self._parted is None:
            stage(self._staged(0, self.name, FEED, self._files[0].items))
        else:
            self._close_parts(self._parted, stage)
        stage(staged_record(self._folder / "index", index_name(self.name), self._feed, self.locale))

    def close_bare(self) -> None:
        """The range is there for another to copy, from this output's folder."""
        self._index.close()
        self._files[-1].close()

    def range_in(self, work: Path, ranges: Path) -> EarlierSequence:
        """What a bare output like this one left below `ranges`, where this one is below `work`."""
        folder = ranges / self._folder.relative_to(work)
        return EarlierSequence(lambda: (folder / "index").open("rb"), lambda part: (folder / f"{part}.gz").open("rb"))

    def abandon(self) -> None:
        self._index.close()
        for file in self._files:
            file.abandon()

    def _stored_twin(self, name: str) -> str:
        if self._record:
            return RECORDS + name + GZIP
        return name if self._parting.gzip_only else name + GZIP

    def _append(self, segment: SealedSegment) -> None:
        record, content, _ = segment
        if content and (self._full or self._overflows(record)):
            self._open_part()
        self._index.add(self._files[-1].append(segment, len(self._files) - 1))
        self.refused += record.refused
        if record.until is not None and begins_segment(record.until, self._parting.roots):
            self._full = self._files[-1].items > 0
        self._start = record.until or ""

    def _open_part(self) -> None:
        number, writer = len(self._files), self._writer
        plain = None if self._parting.gzip_only else self._folder / f"{number}.plain"
        twin = self._folder / f"{number}.gz"
        if self._files:
            self._files[-1].close()
        around = (b"", b"", b"") if self._bare else (writer.header(), writer.separator, writer.footer())
        self._files.append(SegmentedFile(*around, plain, twin))
        self._full = False

    def _overflows(self, record: SegmentRecord) -> bool:
        file, limits = self._files[-1], self._parting
        return file.items > 0 and (
            file.entries + record.entries > limits.entries
            or file.bytes + record.length + file.overhead > limits.bytes
            or file.gzip_bytes + record.gzip_length + file.overhead > limits.gzip_bytes
        )

    def _close_parts(self, writer: PartedWriter, stage: Stage) -> None:
        parts = [self._as_part(writer, number) for number in range(len(self._files))]
        listing = writer.listing(parts)
        names = [self.name] if listing is None else [part.name for part in parts]
        for number, part in enumerate(parts):
            stage(self._staged(number, names[number], FEED if listing is None else PART, part.items))
        if listing is not None:
            stage(self._listed(listing, writer.listing_media_type))
        stage(names_record(self._folder / "names", names, self.name, self.locale))

    def _listed(self, listing: bytes, media_type: str) -> StagedFile:
        path = self._folder / "listing"
        path.write_bytes(listing)
        whole = staged_file(path, self.name, self.name, self.locale, FEED, media_type)
        return replace(whole, items=self.items, rejected=self.refused)

    def _as_part(self, writer: PartedWriter, number: int) -> Part:
        file = self._files[number]
        digest = file.gzip_sha256 if self._parting.gzip_only else file.sha256
        name = writer.part_name(number + 1, digest)
        return Part(name, file.items, file.entries, file.newest, file.bytes, file.gzip_bytes, file.gzip_sha256)

    def _staged(self, number: int, name: str, role: str, items: int) -> StagedFile:
        file, media_type = self._files[number], self._writer.media_type
        twin = self._folder / f"{number}.gz"
        counts = (items, self.refused if role == FEED else 0)
        if self._parting.gzip_only:
            only = (media_type, twin, file.gzip_bytes, file.gzip_sha256, None, None, None)
            return StagedFile(name, self._feed, role, self.locale, *only, *counts)
        plain = self._folder / f"{number}.plain"
        both = (media_type, plain, file.bytes, file.sha256, twin, file.gzip_bytes, file.gzip_sha256)
        return StagedFile(name, self._feed, role, self.locale, *both, *counts)
