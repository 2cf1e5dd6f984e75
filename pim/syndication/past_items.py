"""What is remembered of a publication whose files are gone: its items that the next one did not have, or had otherwise.

From there a reader who still has it can be told what has changed since: the items of any later publication, with those
put back that differ, are its items. So a month of cursors costs what has changed in a month.
"""

import gzip
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, cast

import msgspec

from pim.base.object_storage import ObjectStorage
from pim.syndication.earlier import UNREADABLE, EarlierDamaged, EarlierSequence
from pim.syndication.feed_difference import changed_items
from pim.syndication.segments import IndexedItem, SegmentRecord

PAST = "past/"
"""Where this is, below the folder of the publication: the files of feeds go, this stays."""

_IN_MEMORY = 8 * 2**20


class PastItem(msgspec.Struct, frozen=True, array_like=True):
    """`digest` is None for an item that the publication did not have. `root` as that of an IndexedItem."""

    id: str
    root: str | None
    digest: str | None

    @property
    def place(self) -> tuple[str, str]:
        return self.root or self.id, self.id


PastItems = dict[tuple[str, str], PastItem]
"""By place: (root key, item)."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(str | PastItem).decode
"""The name of a feed heads its items."""


def remember_items(
    storage: ObjectStorage, folder: str, then: Mapping[str, EarlierSequence], following: Mapping[str, EarlierSequence]
) -> None:
    """Stores what is different in the feeds of the publication that followed. Raises EarlierDamaged."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        with gzip.GzipFile(fileobj=spool, mode="wb", mtime=0) as lines:
            for feed in sorted({*then, *following}):
                lines.write(_encode(feed) + b"\n")
                lines.writelines(_encode(item) + b"\n" for item in _differing(then.get(feed), following.get(feed)))
        spool.seek(0)
        storage.put(_key(folder), cast(BinaryIO, spool), "application/gzip")


def _differing(then: EarlierSequence | None, following: EarlierSequence | None) -> Iterator[PastItem]:
    for change in changed_items(then.records() if then else (), following.records() if following else ()):
        root = None if change.root_key == change.id else change.root_key
        yield PastItem(change.id, root, change.before.item.digest if change.before else None)


def past_items(storage: ObjectStorage, folders: Iterable[str], feed: str) -> PastItems:
    """What publications that followed one another (`folders`, the first first) had otherwise than the one after them,
    as it was in the first. Raises EarlierDamaged."""
    found: PastItems = {}
    for folder in folders:
        for item in _read(storage, folder, feed):
            found.setdefault(item.place, item)
    return found


def _read(storage: ObjectStorage, folder: str, feed: str) -> Iterator[PastItem]:
    try:
        with storage.open(_key(folder)) as stored, gzip.GzipFile(fileobj=stored) as lines:
            here = False
            for line in map(_decode, lines):
                if isinstance(line, str):
                    here = line == feed
                elif here:
                    yield line
    except UNREADABLE as error:
        raise EarlierDamaged(f"what is remembered of it cannot be read: {error}") from error


def put_back(records: Iterable[SegmentRecord], past: PastItems) -> Iterator[SegmentRecord]:
    """The segments of a later publication with the items of the earlier one: their ids, places and digests are right,
    where they stand in a file is not."""
    places = sorted(past)
    there = False
    for record in records:
        there = True
        begin = bisect_left(places, (record.start, ""))
        end = len(places) if record.until is None else bisect_left(places, (record.until, ""))
        yield _with(record, {place: past[place] for place in places[begin:end]}) if begin < end else record
    if not there and places:
        yield _with(_EVERYTHING, past)


_EVERYTHING = SegmentRecord(
    start="", until=None, length=0, gzip_length=0, crc=0, entries=0, newest=None, next_change_at=None, accepted=0,
    refused=0, item_lines=msgspec.Raw(b"[]"), rejected_lines=msgspec.Raw(b"[]"),
)  # fmt: skip


def _with(record: SegmentRecord, past: Mapping[tuple[str, str], PastItem]) -> SegmentRecord:
    kept = [item for item in record.items if (item.root_key, item.id) not in past]
    back = [IndexedItem(one.id, one.root, 0, 0, one.digest) for one in past.values() if one.digest is not None]
    return msgspec.structs.replace(record, item_lines=msgspec.Raw(_encode(_in_order([*kept, *back]))))


def _in_order(items: Sequence[IndexedItem]) -> list[IndexedItem]:
    return sorted(items, key=lambda item: (item.root_key, item.id))


def _key(folder: str) -> str:
    return f"{folder}/{PAST}items.jsonl.gz"
