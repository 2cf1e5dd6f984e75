"""One JSON document: an array of the items, or an object that holds it beside constant members."""

from collections.abc import Sequence
from typing import Any

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.text import filled


class JsonArrayWriter:
    """Options: `envelope`, constant members of the object around the array, whose texts may have names of constants,
    `{locale}` and `{language}` in braces; `list`, the member that holds the array (`items` where only an envelope is
    given); `entries`, the field of an item whose entries stand in the array instead of the item; `media_type`. Without
    the first two the document is the bare array."""

    separator = b",\n"

    def __init__(self, feed: Feed) -> None:
        self.media_type = str(feed.options.get("media_type", "application/json"))
        envelope: dict[str, Any] = _filled(feed, dict(feed.options.get("envelope", {})))
        self._list: str | None = feed.options.get("list", "items" if envelope else None)
        if self._list is not None and self._list in envelope:
            message = f"file `{feed.name}`: `{self._list}` is both the list and a member of the envelope; rename one"
            raise InvalidInput([Violation("files.options", "duplicate_member", message)], f"export `{feed.export}`")
        self._envelope = envelope
        self._entries: str | None = feed.options.get("entries")
        self._encode = msgspec.json.Encoder().encode

    def header(self) -> bytes:
        if self._list is None:
            return b"[\n"
        members = self._encode(self._envelope)[1:-1]
        return b"{" + members + (b"," if members else b"") + self._encode(self._list) + b":[\n"

    def item(self, item: Item) -> bytes:
        if self._entries is None:
            return self._encode(item.fields)
        return self.separator.join(map(self._encode, self._entries_of(item)))

    def footer(self) -> bytes:
        return b"\n]\n" if self._list is None else b"\n]}\n"

    def entries(self, item: Item) -> int:
        """How many the item has in the array."""
        return len(self._entries_of(item))

    def _entries_of(self, item: Item) -> Sequence[Any]:
        return (item.fields.get(self._entries) or ()) if self._entries else (item.fields,)


def _filled(feed: Feed, value: Any) -> Any:
    if isinstance(value, str):
        return filled(feed, value)
    if isinstance(value, list):
        return [_filled(feed, entry) for entry in value]
    if isinstance(value, dict):
        return {name: _filled(feed, member) for name, member in value.items()}
    return value
