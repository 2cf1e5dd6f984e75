"""A feed of a few items of a published one, cut out of its file: nothing is rendered, so these bytes are those that
everybody else gets."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from typing import BinaryIO, NamedTuple

from pim.syndication.earlier import EarlierDamaged
from pim.syndication.published_items import PublishedFeed


class CutOut(NamedTuple):
    content: bytes
    items: int


class _Places(NamedTuple):
    """Where in the file the wanted items stand, where the first two of all do, and where the last one ends."""

    wanted: list[tuple[int, int]]
    first: list[tuple[int, int]]
    end: int


def cut_out(feed: PublishedFeed, open_file: Callable[[], BinaryIO], wanted: Collection[str]) -> CutOut:
    """The header, the items whose ids are `wanted`, and the footer. `feed` is read from its beginning, and was not read
    before; it is one file, in one part. Raises EarlierDamaged when it is not what was published."""
    places = _places(feed, frozenset(wanted))
    if not places.first:
        raise EarlierDamaged(f"`{feed.name}` has no items to cut out")
    with closing(open_file()) as file:
        header = _read(file, 0, places.first[0][0])
        separator = _read(file, places.first[0][1], places.first[1][0]) if len(places.first) > 1 else b""
        items = [_read(file, start, end) for start, end in places.wanted]
        file.seek(places.end)
        return CutOut(header + separator.join(items) + file.read(), len(items))


def _places(feed: PublishedFeed, wanted: frozenset[str]) -> _Places:
    chosen: list[tuple[int, int]] = []
    first: list[tuple[int, int]] = []
    end = 0
    for start, stop, item in _standing(feed):
        if len(first) < 2:
            first.append((start, stop))
        if item in wanted:
            chosen.append((start, stop))
        end = stop
    return _Places(chosen, first, end)


def _standing(feed: PublishedFeed) -> Iterator[tuple[int, int, str]]:
    """(start, end, id) of all items, in order."""
    for record, item in feed.items():
        if record.part:
            raise EarlierDamaged(f"`{feed.name}` is cut into parts; take it whole")
        if item.length:
            start = record.offset + item.offset
            yield start, start + item.length, item.id


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)
