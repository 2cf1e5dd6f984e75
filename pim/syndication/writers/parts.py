"""Feeds whose readers take only so much at once: several whole documents, listed by the file itself."""

from collections.abc import Callable, Sequence

import msgspec

from pim.syndication.feed import Feed, Part, Parting, SequenceWriter
from pim.syndication.model import Item

UNLIMITED = 1 << 40
LIMITS = ("most", "most_bytes")

MakeWriter = Callable[[Feed], SequenceWriter]


def in_parts(make: MakeWriter) -> MakeWriter:
    """The writer, which cuts its feed into parts where the options of the file say how much a document holds: `most`
    entries, or `most_bytes`."""

    def made(feed: Feed) -> SequenceWriter:
        writer = make(feed)
        return PartsWriter(feed, writer) if any(limit in feed.options for limit in LIMITS) else writer

    return made


def numbered(name: str, number: int) -> str:
    """The name of a part of the file of this name: `products-2.csv`."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{number}{dot}{suffix}"


class PartsWriter:
    """Each part is a document as the writer makes it, called like the file with a number; the file lists them. What
    fits into one document is the file itself."""

    listing_media_type = "application/json"

    def __init__(self, feed: Feed, writer: SequenceWriter) -> None:
        self._feed, self._entries_of = feed, getattr(writer, "entries", lambda item: 1)
        self.media_type, self.separator = writer.media_type, writer.separator
        self.header, self.item, self.footer = writer.header, writer.item, writer.footer
        most, most_bytes = (int(feed.options.get(limit, UNLIMITED)) for limit in LIMITS)
        self.parting = Parting(roots=UNLIMITED, entries=most, bytes=most_bytes, gzip_bytes=UNLIMITED)

    def stamp(self, item: Item) -> str | None:
        return None

    def entries(self, item: Item) -> int:
        return int(self._entries_of(item))

    def part_name(self, number: int, digest: str) -> str:
        return numbered(self._feed.name, number)

    def listing(self, parts: Sequence[Part]) -> bytes | None:
        if len(parts) == 1:
            return None
        listed = [
            {"name": part.name, "url": self._feed.url_of(part.name), "entries": part.entries, "bytes": part.bytes}
            for part in parts
        ]
        return msgspec.json.encode({"parts": listed}) + b"\n"
