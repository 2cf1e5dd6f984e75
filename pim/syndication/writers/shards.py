"""Snapshot shards for apps that keep the whole catalogue: compressed NDJSON files and a manifest that lists them."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from pim.syndication.feed import Feed, Part, Parting
from pim.syndication.model import Item
from pim.syndication.writers.json_lines import JsonLinesWriter

DIGITS = 16
"""Hexadecimal digits of a shard's digest that its name carries."""


class ShardsWriter(JsonLinesWriter):
    """Options: `updated_field`, the field with an item's last change (`updated_at`), whose newest becomes the
    manifest's `generated_at`; `schema_version`; `shard_bytes`, the most a compressed shard holds (50 MB), and
    `shard_roots`, about how many roots it holds.

    A shard is immutable, its name carries its digest. `snapshot_id` and `cursor` are digests of the content, so the
    same catalogue makes the same manifest; the server knows which publication a cursor belongs to.
    """

    listing_media_type = "application/json"

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self.media_type = "application/gzip"
        most = int(feed.options.get("shard_bytes", 50_000_000))
        self.parting = Parting(
            roots=int(feed.options.get("shard_roots", 4_096)),
            entries=10_000_000,
            bytes=1 << 40,
            gzip_bytes=most,
            gzip_only=True,
        )
        self._feed = feed
        self._updated = str(feed.options.get("updated_field", "updated_at"))

    def stamp(self, item: Item) -> str | None:
        value = item.fields.get(self._updated)
        return str(value) if value else None

    def entries(self, item: Item) -> int:
        return 1

    def part_name(self, number: int, digest: str) -> str:
        path = PurePosixPath(self._feed.name)
        return str(path.with_name(f"{path.stem}-{digest[:DIGITS]}.ndjson.gz"))

    def listing(self, parts: Sequence[Part]) -> bytes:
        feed = self._feed
        identity = hashlib.sha256("\n".join(part.gzip_sha256 for part in parts).encode()).hexdigest()[:32]
        manifest = {
            "schema_version": str(feed.options.get("schema_version", "1")),
            "channel": feed.scope,
            "locale": feed.locale,
            "currency": feed.currency,
            "snapshot_id": identity,
            "generated_at": max((part.newest for part in parts if part.newest), default=None),
            "cursor": identity,
            "shards": [
                {
                    "url": feed.url_of(part.name),
                    "bytes": part.gzip_bytes,
                    "sha256": part.gzip_sha256,
                    "count": part.items,
                    "plain_bytes": part.bytes,
                }
                for part in parts
            ],
            "total": sum(part.items for part in parts),
        }
        return msgspec.json.format(self._encode(manifest), indent=2) + b"\n"
