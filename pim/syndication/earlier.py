"""What an earlier publication holds of a feed, read in order while the next one is made from it."""

import io
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from isal import igzip, isal_zlib
from isal.igzip_lib import IsalError

from pim.base.errors import NotFound
from pim.base.object_storage import ObjectStorage
from pim.syndication.segments import GZIP_HEADER, SealedSegment, SegmentRecord, inflated, read_index
from pim.syndication.staged import GZIP, RECORDS, StagedFile, sha256_of, staged_record
from pim.syndication.tables import PublicationFileRow

UNREADABLE: tuple[type[Exception], ...] = (
    NotFound, OSError, EOFError, zlib.error, cast(type[Exception], IsalError), msgspec.MsgspecError,
)  # fmt: skip
"""What reading a file that is not there, or not what it was, may raise."""


class EarlierDamaged(Exception):
    """What is stored is not what was published: render from the catalogue instead."""


class EarlierSequence:
    """The segments of one feed. Files are opened when they are first needed, each once, and read from front to back."""

    def __init__(self, open_index: Callable[[], BinaryIO], open_twin: Callable[[int], BinaryIO]) -> None:
        """`open_twin` opens the compressed representation of the part of that number."""
        self._open_index, self._open_twin = open_index, open_twin
        self._index: BinaryIO | None = None
        self._twin: BinaryIO | None = None
        self._part = -1
        self._header_end: int | None = None

    def records(self) -> Iterator[SegmentRecord]:
        """Raises EarlierDamaged when the index is not there, or none."""
        try:
            self._index = self._open_index()
            for record in read_index(self._index):
                self._header_end = record.gzip_offset if self._header_end is None else self._header_end
                yield record
        except UNREADABLE as error:
            raise EarlierDamaged(f"its index cannot be read: {error}") from error

    def segment(self, record: SegmentRecord) -> SealedSegment:
        """The bytes of a segment. Raises EarlierDamaged when they are others than those that were published."""
        if not record.length:
            return SealedSegment(record, b"", b"")
        try:
            block = self._block(record)
            content = inflated(block)
        except UNREADABLE as error:
            raise EarlierDamaged(f"its segment `{record.start}` cannot be read: {error}") from error
        if len(content) != record.length or isal_zlib.crc32(content) != record.crc:
            raise EarlierDamaged(f"its segment `{record.start}` holds other bytes than were published")
        return SealedSegment(record, content, block)

    def header(self) -> bytes:
        """What stands before the first item of each part."""
        if self._header_end is None:
            next(self.records(), None)
        try:
            with self._open_twin(0) as twin:
                block = twin.read(self._header_end or 0)[len(GZIP_HEADER) :]
            return inflated(block) if block else b""
        except UNREADABLE as error:
            raise EarlierDamaged(f"its header cannot be read: {error}") from error

    def close(self) -> None:
        for file in (self._index, self._twin):
            if file is not None:
                file.close()

    def _block(self, record: SegmentRecord) -> bytes:
        if self._twin is None or record.part != self._part:
            if self._twin is not None:
                self._twin.close()
            self._twin, self._part = self._open_twin(record.part), record.part
        self._twin.seek(record.gzip_offset)
        return self._twin.read(record.gzip_length)


Records = tuple[SegmentRecord, ...]
"""The same segment in every feed of an export."""


def side_by_side(feeds: Sequence[EarlierSequence]) -> Iterator[Records]:
    """The segments of all feeds of an export, which are cut at the same roots."""
    try:
        for records in zip(*(feed.records() for feed in feeds), strict=True):
            if len({(record.start, record.until) for record in records}) > 1:
                raise EarlierDamaged(f"its feeds are cut at different roots around `{records[0].start}`")
            yield records
    except ValueError as error:
        raise EarlierDamaged("its feeds have different numbers of segments") from error


@dataclass(frozen=True, slots=True)
class EarlierArtifact:
    """The files of an earlier publication, in `folder`, whose artifacts may be taken over when their items are the
    same."""

    storage: ObjectStorage
    folder: str
    files: Mapping[str, PublicationFileRow]

    def has(self, name: str, sha256: str) -> bool:
        return name in self.files and self.files[name].sha256 == sha256

    def fetch(self, name: str, target: Path) -> PublicationFileRow:
        """Copies the file `name` to `target`. Raises EarlierDamaged when it is not there any more, or another."""
        row = self.files.get(name)
        try:
            if row is None:
                raise NotFound(f"the publication had no `{name}`")
            with self.storage.open(f"{self.folder}/{name}") as stored, target.open("wb") as file:
                shutil.copyfileobj(stored, file)
        except NotFound as error:
            raise EarlierDamaged(str(error)) from error
        if sha256_of(target) != row.sha256:
            raise EarlierDamaged(f"`{name}` holds other bytes than were published")
        return row


def open_record(storage: ObjectStorage, folder: str, name: str) -> BinaryIO:
    """A record of the publication in `folder`, inflated as it is read. Raises NotFound."""
    return inflated_record(storage.open(f"{folder}/{RECORDS}{name}{GZIP}"))


def inflated_record(stored: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(igzip.IGzipFile(fileobj=stored)))  # type: ignore[no-untyped-call]


def index_name(name: str) -> str:
    """The record that tells where each segment and item of a sequence stands."""
    return f"{name}.index.jsonl"


def names_record(path: Path, names: Sequence[str], feed: str, locale: str | None) -> StagedFile:
    """The record of the files that a feed of several was made of, in order."""
    path.write_bytes(msgspec.json.encode(names) + b"\n")
    return staged_record(path, names_name(feed), feed, locale)


def read_names(storage: ObjectStorage, folder: str, feed: str) -> list[str]:
    """Raises EarlierDamaged when the record is not there, or none."""
    try:
        return names_in(open_record(storage, folder, names_name(feed)))
    except UNREADABLE as error:
        raise EarlierDamaged(f"the names of its files cannot be read: {error}") from error


def names_in(record: BinaryIO) -> list[str]:
    with record:
        return msgspec.json.decode(record.read(), type=list[str])


def names_name(feed: str) -> str:
    return f"{feed}.files.json"
