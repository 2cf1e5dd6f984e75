"""One JSON document: an array of the items, or an object that holds it beside constant members."""

from typing import Any

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import Feed
from pim.syndication.model import Item


class JsonArrayWriter:
    """Options: `envelope`, constant members of the object around the array; `list`, the member that holds the array
    (`items` where only an envelope is given); `media_type`. Without the first two the document is the bare array."""

    separator = b",\n"

    def __init__(self, feed: Feed) -> None:
        self.media_type = str(feed.options.get("media_type", "application/json"))
        envelope: dict[str, Any] = dict(feed.options.get("envelope", {}))
        self._list: str | None = feed.options.get("list", "items" if envelope else None)
        if self._list is not None and self._list in envelope:
            message = f"file `{feed.name}`: `{self._list}` is both the list and a member of the envelope; rename one"
            raise InvalidInput([Violation("files.options", "duplicate_member", message)], f"export `{feed.export}`")
        self._envelope = envelope
        self._encode = msgspec.json.Encoder().encode

    def header(self) -> bytes:
        if self._list is None:
            return b"[\n"
        members = self._encode(self._envelope)[1:-1]
        return b"{" + members + (b"," if members else b"") + self._encode(self._list) + b":[\n"

    def item(self, item: Item) -> bytes:
        return self._encode(item.fields)

    def footer(self) -> bytes:
        return b"\n]\n" if self._list is None else b"\n]}\n"
