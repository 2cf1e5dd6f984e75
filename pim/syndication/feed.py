"""What a writer is given, and the shapes a writer may have."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pim.catalog.structure import Structure
from pim.syndication.model import Item

MEDIA = "media/"
"""Where media files are in object storage: this and their code."""


class MadeBefore(Protocol):
    """An artifact as an earlier publication has it, made by the same program from the same definition and structure."""

    def had(self, item: Item) -> bool:
        """Whether it was made from this item, just as it is now."""

    def lines(self, name: str) -> Iterator[bytes]:
        """Of the file `name`; none when it cannot be read."""

    def fetch(self, name: str, target: Path) -> bool:
        """Copies the file `name` to `target`; False when it is not there as it was published."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One file of one export, as its writer sees it. No clock: `as_of` is the commit time of the revision.

    `locale` is None in a file that spans locales. `options` is the file's entry in export.yaml, `folder` the export's
    own folder (templates, lookups), `constants` those of the export in this locale. `open_media` opens a media file by
    its code and raises NotFound. `item_schema` is the JSON Schema that every item of the export is valid against.
    `made_before` is there for artifacts alone, when a run goes on from an earlier publication.
    """

    export: str
    name: str
    locale: str | None
    locales: tuple[str, ...]
    scope: str
    currency: str | None
    options: Mapping[str, Any]
    folder: Path
    structure: Structure
    as_of: datetime
    public_url: str
    open_media: Callable[[str], BinaryIO]
    constants: Mapping[str, Any] = field(default_factory=dict)
    item_schema: Mapping[str, Any] = field(default_factory=dict)
    made_before: MadeBefore | None = None

    def url_of(self, name: str) -> str:
        """Where the file `name` of this export is pulled from."""
        return f"{self.public_url}/feeds/{self.export}/{name}"


class SequenceWriter(Protocol):
    """A feed that is a header, its items in order with separators between them, and a footer.

    `item` is a pure function of the item: the bytes of an item never depend on its neighbours. An item that has nothing
    to say in this file gives no bytes, and is not counted.
    """

    media_type: str
    separator: bytes

    def header(self) -> bytes: ...
    def item(self, item: Item) -> bytes: ...
    def footer(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a long sequence is cut into parts: after about every `roots`-th root (by hash), and in any case before a
    part would hold more than `entries`, `bytes` or `gzip_bytes`. `gzip_only` parts are stored compressed only."""

    roots: int
    entries: int
    bytes: int
    gzip_bytes: int
    gzip_only: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One finished part. `entries` and `newest` add up what the writer's `entries` and `stamp` said of its items."""

    name: str
    items: int
    entries: int
    newest: str | None
    bytes: int
    gzip_bytes: int
    gzip_sha256: str


class PartedWriter(SequenceWriter, Protocol):
    """A sequence that is cut into parts, and a listing of them that carries the feed's own name.

    `stamp` is a text of an item whose greatest the listing wants to know (when it was changed), `entries` how much of
    the parts' limit the item uses. `part_name` is given the number of the part (from 1) and the digest of what is
    stored. `listing` answers None where the only part is the feed itself.
    """

    parting: Parting

    def stamp(self, item: Item) -> str | None: ...
    def entries(self, item: Item) -> int: ...
    def part_name(self, number: int, digest: str) -> str: ...
    def listing(self, parts: Sequence[Part]) -> bytes | None: ...

    listing_media_type: str


Put = Callable[[str, bytes | Path, str], None]
"""(file name, content, media type): adds one file to the publication being built. The feed itself has the name
`Feed.name`; all others accompany it."""


class ArtifactWriter(Protocol):
    """A feed that is made whole from all its items (a PDF, a set of label images and their index)."""

    def __call__(self, feed: Feed, items: Iterable[Item], put: Put) -> None: ...
