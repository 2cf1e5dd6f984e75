"""Deliveries that hold only what has changed, for those who take partial updates."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session

from pim.base.installation import Installation
from pim.delivery import store
from pim.exports.destination_check import is_chosen
from pim.exports.destinations import AnyDestination
from pim.exports.model import ExportDefinition
from pim.syndication import store as publications
from pim.syndication.cut_out import CutOut, cut_out
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.feed_difference import changed_items, moved_items, settled
from pim.syndication.published_items import PublishedFeed, published_feeds, stored_files
from pim.syndication.staged import FEED, PART
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

CHANGES = "changes"
"""The part of a publication that such a delivery hands over."""

MOST = 10_000
"""Changed items of one file beyond which the whole feed goes."""


class Changes(NamedTuple):
    """`folder` is where the files are stored, `items` the ids of what is in them."""

    folder: str
    files: list[PublicationFileRow]
    items: list[str]


def changes_to_send(
    here: Installation,
    session: Session,
    definition: ExportDefinition,
    destination: AnyDestination,
    publication: PublicationRow,
    at: datetime,
) -> Changes | None:
    """What the publication says differently than the last one that was delivered there; no files when it says the same.

    None when the whole feed has to go: nothing was delivered yet, what was is not kept any more or had other files, an
    item has gone (which a partial update cannot say), too much has changed, or a later publication was tried, of which
    nobody knows what has arrived.
    """
    last = store.last_delivered(session, publication.export, destination.name)
    base = publications.kept_publication(session, publication.export, last.number) if last else None
    if last is None or base is None or store.was_tried_since(session, last, publication.number):
        return None
    sent, now = (_Published.read(session, one, destination) for one in (base, publication))
    if sent.chosen.keys() != now.chosen.keys() or any(file.role == PART for file in now.chosen.values()):
        return None
    try:
        changed = dict(_changed(here, definition, sent, now))
        if changed.keys() != now.chosen.keys() or any(ids is None for ids in changed.values()):
            return None
        return _stored(
            here, session, definition, destination, now, {name: ids or [] for name, ids in changed.items()}, at
        )
    except EarlierDamaged:
        return None


def forget_changes(here: Installation, session: Session, before: datetime) -> None:
    """Files of deliveries that were planned long ago."""
    for row in store.changes_sent_before(session, before):
        for key in here.storage.list(f"{_folder(row.export, row.number, row.destination)}/"):
            here.storage.delete(key)
        session.delete(row)


Files = Mapping[str, PublicationFileRow]


@dataclass(frozen=True, slots=True)
class _Published:
    """A publication, all its files, and those of them that the destination gets."""

    row: PublicationRow
    files: Files
    chosen: Files

    @staticmethod
    def read(session: Session, row: PublicationRow, destination: AnyDestination) -> "_Published":
        files = publications.files_of(session, row)
        sent = {n: file for n, file in files.items() if file.role in (FEED, PART) and is_chosen(destination, n)}
        return _Published(row, files, sent)

    def feeds(self, here: Installation, definition: ExportDefinition) -> dict[str, PublishedFeed]:
        stored = stored_files(here.storage, folder_of(self.row), self.files)
        return published_feeds(definition, stored, self.chosen.values())


def _changed(
    here: Installation, definition: ExportDefinition, before: _Published, after: _Published
) -> Iterator[tuple[str, list[str] | None]]:
    """File → ids of its items that say something else; None where the whole file has to go."""
    olds, news = before.feeds(here, definition), after.feeds(here, definition)
    for name, new in news.items():
        with closing(new), closing(olds[name]) as old:
            listed = list(islice(changed_items(old.records(), new.records()), MOST + 1))
        changes = list(settled(listed, moved_items(listed)))
        too_much = len(listed) > MOST or any(change.after is None for change in changes)
        yield name, None if too_much else [change.id for change in changes]


def _stored(
    here: Installation,
    session: Session,
    definition: ExportDefinition,
    destination: AnyDestination,
    published: _Published,
    changed: Mapping[str, list[str]],
    at: datetime,
) -> Changes:
    """Files in which nothing has changed are not sent."""
    publication, feeds = published.row, published.feeds(here, definition)
    folder = _folder(publication.export, publication.number, destination.name)
    rows: list[PublicationFileRow] = []
    for name, ids in changed.items():
        if ids:
            with closing(feeds[name]) as feed:
                cut = cut_out(feed, partial(here.storage.open, f"{folder_of(publication)}/{name}"), ids)
            here.storage.put(f"{folder}/{name}", cut.content, published.files[name].media_type)
            rows.append(_as_row(published.files[name], cut))
    items = sorted({item for ids in changed.values() for item in ids})
    if rows:
        store.note_changes(session, publication, destination.name, items, at)
    return Changes(folder, rows, items)


def _as_row(whole: PublicationFileRow, cut: CutOut) -> PublicationFileRow:
    """Not of the database: what a plan of parcels wants to know of a file."""
    digest = hashlib.sha256(cut.content).hexdigest()
    told = {"bytes": len(cut.content), "sha256": digest, "items": cut.items, "gzip_bytes": None, "gzip_sha256": None}
    return PublicationFileRow(**{**whole.model_dump(), **told})


def _folder(export: str, number: int, destination: str) -> str:
    return f"changes/{export}/{number}/{destination}"
