"""Feeds as runs of segments, so that a later run can copy what has not changed.

A feed is its header, its items in key order, its footer. The items fall into segments: one begins at every root of the
catalogue whose key's hash qualifies, about one in 32, whether or not the root gave an item. The plain file and
its `.gz` twin are written side by side, and the index remembers for every segment where it stands in both.

The twin is ONE gzip member (curl and httpx stop after the first of several): each piece is a raw deflate block closed
with Z_FULL_FLUSH, so that it can be copied or inflated alone; an empty final block ends the member, its CRC-32 is
combined from the pieces'. Separators stand between non-empty segments as pieces of their own, so a segment's bytes
never depend on whether it is the first.
"""

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
from isal import isal_zlib

SEGMENT_ROOTS = 32
"""On average. Cuts by hash are geometric: at 128, a thousand edits on a million items dirty 21 % of them, at 32 6 %."""

LEVEL = 2
"""At level 3 isal's output differs between processors."""

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No file name, no time: the same bytes whenever they are made."""


def begins_segment(root_key: str, roots: int = SEGMENT_ROOTS) -> bool:
    """Whether a segment (or with a larger `roots`, a part) begins at this root. `roots` is a multiple of SEGMENT_ROOTS,
    so where a part begins a segment does."""
    digest = hashlib.blake2b(root_key.encode(), digest_size=8).digest()
    return not int.from_bytes(digest, "little") % roots


class IndexedItem(msgspec.Struct, frozen=True, array_like=True):
    """`id` is kind/key; `root` the key of its root, None where it is the same. `offset` counts from the start of the
    segment, `digest` tells whether the bytes are the same. `entries` and `stamp` are what a parted writer said of it.
    `next_change_at` is the instant at which it would change without any edit (a sale that ends)."""

    id: str
    root: str | None
    offset: int
    length: int
    digest: str
    entries: int = 0
    stamp: str | None = None
    next_change_at: str | None = None

    @property
    def root_key(self) -> str:
        return self.root or self.id


class RejectedId(msgspec.Struct, frozen=True, array_like=True):
    """An item that the item schema kept out; `id` and `root` as those of an IndexedItem."""

    id: str
    root: str | None

    @property
    def root_key(self) -> str:
        return self.root or self.id


_encode = msgspec.json.Encoder().encode
_decode_items = msgspec.json.Decoder(list[IndexedItem]).decode
_decode_rejected = msgspec.json.Decoder(list[RejectedId]).decode


class SegmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the index. The segment covers the roots with keys in [`start`, `until`); None is the end.

    Offsets are those in the plain file and its twin; `crc` is of the plain bytes. `newest` and `entries` are what a
    parted writer said of the items, `next_change_at` is the first of theirs. The items themselves stay as they are
    written until somebody asks: most segments are copied without a look at them.
    """

    start: str
    until: str | None
    length: int
    gzip_length: int
    crc: int
    entries: int
    newest: str | None
    next_change_at: str | None
    accepted: int
    refused: int
    item_lines: msgspec.Raw
    rejected_lines: msgspec.Raw
    part: int = 0
    offset: int = 0
    gzip_offset: int = 0

    @property
    def items(self) -> list[IndexedItem]:
        return _decode_items(self.item_lines)

    @property
    def rejected(self) -> list[RejectedId]:
        return _decode_rejected(self.rejected_lines)


def deflated(content: bytes) -> bytes:
    """A raw deflate block that ends on a byte, without any reference to what came before it."""
    compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
    block: bytes = compressor.compress(content) + compressor.flush(isal_zlib.Z_FULL_FLUSH)
    return block


def inflated(block: bytes) -> bytes:
    """The content of one deflated segment, cut out of its file."""
    content: bytes = isal_zlib.decompressobj(-15).decompress(block)
    return content


def item_digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


class SealedSegment(NamedTuple):
    """A whole segment that can be appended anywhere: its line of the index (but for its place), bytes, and block."""

    record: SegmentRecord
    content: bytes
    block: bytes


class Segment:
    """A segment being filled. Memory holds one segment of each file, never a feed."""

    __slots__ = ("_length", "contents", "items", "rejected", "separator")

    def __init__(self, separator: bytes) -> None:
        self.separator = separator
        self.contents: list[bytes] = []
        self.items: list[IndexedItem] = []
        self.rejected: list[RejectedId] = []
        self._length = 0

    def add(
        self,
        item_id: str,
        root_key: str,
        content: bytes,
        entries: int = 0,
        stamp: str | None = None,
        next_change_at: str | None = None,
    ) -> None:
        """`entries` and `stamp` are what a parted writer says of the item."""
        root, digest = _other_than(item_id, root_key), item_digest(content) if content else ""
        offset = self._place(content)
        self.items.append(IndexedItem(item_id, root, offset, len(content), digest, entries, stamp, next_change_at))

    def keep(self, item: IndexedItem, content: bytes) -> None:
        """An item of an earlier segment, as it was."""
        self.items.append(msgspec.structs.replace(item, offset=self._place(content)))

    def reject(self, item_id: str, root_key: str) -> None:
        self.rejected.append(RejectedId(item_id, _other_than(item_id, root_key)))

    def sealed(self, start: str, until: str | None) -> SealedSegment:
        content = self.separator.join(self.contents)
        block = deflated(content) if content else b""
        changes = [item.next_change_at for item in self.items if item.next_change_at is not None]
        record = SegmentRecord(
            start=start,
            until=until,
            length=len(content),
            gzip_length=len(block),
            crc=isal_zlib.crc32(content),
            entries=sum(item.entries for item in self.items),
            newest=max((item.stamp for item in self.items if item.stamp is not None), default=None),
            next_change_at=min(changes, default=None),
            accepted=len(self.items),
            refused=len(self.rejected),
            item_lines=msgspec.Raw(_encode(self.items)),
            rejected_lines=msgspec.Raw(_encode(self.rejected)),
        )
        return SealedSegment(record, content, block)

    def _place(self, content: bytes) -> int:
        """Adds the bytes and answers where they stand."""
        offset = self._length + (len(self.separator) if self.contents else 0)
        self.contents.append(content)
        self._length = offset + len(content)
        return offset


def _other_than(item_id: str, root_key: str) -> str | None:
    return None if root_key == item_id else root_key


class SegmentedFile:
    """One file and its twin, written piece by piece. `plain` is None where only the twin is wanted."""

    def __init__(self, header: bytes, separator: bytes, footer: bytes, plain: Path | None, twin: Path) -> None:
        self.bytes = self.gzip_bytes = self.items = self.entries = 0
        self.newest: str | None = None
        self._separator, self._footer = separator, footer
        self._separator_block = deflated(separator) if separator else b""
        self._separator_crc = isal_zlib.crc32(separator)
        self._crc = 0
        self._empty = True
        self._digest, self._gzip_digest = hashlib.sha256(), hashlib.sha256()
        self._plain: BinaryIO | None = plain.open("wb") if plain else None
        self._twin: BinaryIO = twin.open("wb")
        self._write_gzip(GZIP_HEADER)
        if header:
            self._write(header, deflated(header), isal_zlib.crc32(header))

    @property
    def overhead(self) -> int:
        """Plain bytes that are still to come however little is added."""
        return len(self._footer) + len(self._separator)

    def append(self, segment: SealedSegment, part: int) -> SegmentRecord:
        """Writes a whole segment and answers its line of the index."""
        record, content, block = segment
        if content and not self._empty and self._separator:
            self._write(self._separator, self._separator_block, self._separator_crc)
        placed = msgspec.structs.replace(record, part=part, offset=self.bytes, gzip_offset=self.gzip_bytes)
        if content:
            self._write(content, block, record.crc)
            self._empty = False
        self.items += record.accepted
        self.entries += record.entries
        self.newest = max((self.newest, record.newest), key=lambda stamp: stamp or "")
        return placed

    def close(self) -> None:
        """Ends both files; afterwards `sha256` and `gzip_sha256` are known."""
        if self._footer:
            self._write(self._footer, deflated(self._footer), isal_zlib.crc32(self._footer))
        self._write_gzip(b"\x03\x00" + struct.pack("<II", self._crc, self.bytes & 0xFFFFFFFF))
        for file in (self._plain, self._twin):
            if file is not None:
                file.close()
        self.sha256 = self._digest.hexdigest()
        self.gzip_sha256 = self._gzip_digest.hexdigest()

    def abandon(self) -> None:
        for file in (self._plain, self._twin):
            if file is not None:
                file.close()

    def _write(self, content: bytes, block: bytes, crc: int) -> None:
        if self._plain is not None:
            self._plain.write(content)
            self._digest.update(content)
        self._crc = isal_zlib.crc32_combine(self._crc, crc, len(content))
        self.bytes += len(content)
        self._write_gzip(block)

    def _write_gzip(self, block: bytes) -> None:
        self._twin.write(block)
        self._gzip_digest.update(block)
        self.gzip_bytes += len(block)


def gzip_twin(plain: Path, twin: Path) -> None:
    """The `.gz` twin of a finished file that is no sequence of items."""
    with plain.open("rb") as source, twin.open("wb") as target:
        target.write(GZIP_HEADER)
        compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
        crc = size = 0
        while chunk := source.read(1 << 20):
            crc = isal_zlib.crc32(chunk, crc)
            size += len(chunk)
            target.write(compressor.compress(chunk))
        target.write(compressor.flush() + struct.pack("<II", crc, size & 0xFFFFFFFF))


class IndexWriter:
    """The index beside a feed: one JSON line a segment, in the order of the file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def add(self, record: SegmentRecord) -> None:
        self._file.write(_encode(record) + b"\n")

    def close(self) -> None:
        self._file.close()


def read_index(file: BinaryIO) -> Iterator[SegmentRecord]:
    """The segments of a feed, in order; memory holds one."""
    decode = msgspec.json.Decoder(SegmentRecord).decode
    for line in file:
        yield decode(line)
