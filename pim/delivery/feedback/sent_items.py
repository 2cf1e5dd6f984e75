"""What a publication said of items: their marks, and which items a report means."""

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator
from contextlib import closing

from sqlmodel import Session

from pim.base.object_storage import ObjectStorage
from pim.exports.model import ExportDefinition
from pim.syndication import store as publications
from pim.syndication.published_items import PublishedFeed, published_feeds, stored_files
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationRow


def item_marks(
    session: Session,
    storage: ObjectStorage,
    definition: ExportDefinition,
    publication: PublicationRow,
    roots: Collection[str],
) -> dict[str, str]:
    """Item id → a digest of what all feeds of the publication say of it, of the items of these roots."""
    wanted, digests = sorted(set(roots)), dict[str, list[str]]()
    for feed in _feeds(session, storage, definition, publication):
        for item, digest in _digests(feed, wanted):
            digests.setdefault(item, []).append(f"{feed.name} {digest}")
    return {item: hashlib.sha256("\n".join(said).encode()).hexdigest() for item, said in digests.items()}


def ids_by_field(
    session: Session,
    storage: ObjectStorage,
    definition: ExportDefinition,
    publication: PublicationRow,
    field: str,
    named: Collection[str],
) -> dict[str, str]:
    """What stands in `field` of an item → the item's id, of those that are `named`. Reads every item."""
    found: dict[str, str] = {}
    for feed in _feeds(session, storage, definition, publication):
        for seen in feed.items():
            said = feed.fields(seen)
            for fields in (of for _, of in feed.by_locale(said)):
                value = fields.get(field)
                if isinstance(value, str | int) and str(value) in named:
                    found.setdefault(str(value), seen.item.id)
    return found


def _feeds(
    session: Session, storage: ObjectStorage, definition: ExportDefinition, publication: PublicationRow
) -> Iterator[PublishedFeed]:
    rows = publications.files_of(session, publication)
    feeds = published_feeds(definition, stored_files(storage, folder_of(publication), rows), rows.values())
    for _, feed in sorted(feeds.items()):
        with closing(feed):
            yield feed


def _digests(feed: PublishedFeed, roots: list[str]) -> Iterator[tuple[str, str]]:
    """Segments without any of the roots are passed over unread."""
    for record in feed.records():
        end = len(roots) if record.until is None else bisect_left(roots, record.until)
        inside = roots[bisect_left(roots, record.start) : end]
        if inside:
            yield from ((one.id, one.digest) for one in record.items if one.root_key in inside)
