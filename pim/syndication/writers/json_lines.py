"""NDJSON: one item a line."""

import msgspec

from pim.syndication.feed import Feed
from pim.syndication.model import Item


class JsonLinesWriter:
    """Options: `media_type`."""

    separator = b""

    def __init__(self, feed: Feed) -> None:
        self.media_type = str(feed.options.get("media_type", "application/x-ndjson"))
        self._encode = msgspec.json.Encoder().encode

    def header(self) -> bytes:
        return b""

    def item(self, item: Item) -> bytes:
        return self._encode(item.fields) + b"\n"

    def footer(self) -> bytes:
        return b""
