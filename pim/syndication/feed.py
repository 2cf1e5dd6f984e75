"""What a writer is given, and the two shapes a writer may have."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pim.catalog.structure import Structure
from pim.syndication.model import Item


@dataclass(frozen=True, slots=True)
class Feed:
    """One file of one export, as its writer sees it. No clock here: `as_of` is the commit time of the revision.

    `locale` is None in a file that spans locales. `options` is the file's entry in export.yaml, `folder` the export's
    own folder (templates, lookups). `open_media` opens a media file by its code and raises NotFound.
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


class SequenceWriter(Protocol):
    """A feed that is a header, its items in order with separators between them, and a footer.

    `item` is a pure function of the item: the bytes of an item never depend on its neighbours.
    """

    media_type: str
    separator: bytes

    def header(self) -> bytes: ...
    def item(self, item: Item) -> bytes: ...
    def footer(self) -> bytes: ...


Put = Callable[[str, bytes | Path, str], None]
"""(file name, content, media type): adds one file to the publication being built."""


class ArtifactWriter(Protocol):
    """A feed that is made whole from all its items (a PDF, a set of label images and their index)."""

    def __call__(self, feed: Feed, items: Iterable[Item], put: Put) -> None: ...
