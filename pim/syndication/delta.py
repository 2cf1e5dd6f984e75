"""What a feed says now that it did not say when somebody pulled it: the difference of two publications, by pages.

A cursor names the publication that its holder has, and while pages are read the one they lead to and the last place
read. Numbers of publications only grow, also when an earlier feed goes out again, so no change is ever passed over.
"""

import base64
import binascii
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.errors import Gone, InvalidInput, NotFound, Violation, known
from pim.base.object_storage import ObjectStorage
from pim.exports.model import ExportDefinition
from pim.syndication import store
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.feed_difference import ItemChange, changed_items, moved_items, settled
from pim.syndication.past_items import past_items, put_back
from pim.syndication.published_items import PublishedFeed, cursor_in_listing, published_feeds, stored_files
from pim.syndication.segments import SegmentRecord
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

UPSERT, DELETE = "upsert", "delete"
CURSOR_EXPIRED = "cursor_expired"
NOTHING = 0
"""The publication of those who have none yet."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """`since` is the publication that the reader has. While its pages are read: the one `until` which they lead, and
    the place (root key, item) `after` which the next begins."""

    file: str
    since: int
    until: int | None = None
    after: tuple[str, str] = ("", "")

    def written(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


class Upsert(msgspec.Struct, frozen=True, tag_field="op", tag=UPSERT):
    """`rev` is the number of the publication that says so: of two changes of one item the greater counts."""

    id: str
    kind: str
    rev: int
    updated_at: datetime | None
    product: dict[str, Any]


class Tombstone(msgspec.Struct, frozen=True, tag_field="op", tag=DELETE):
    """`reason`: rejected by the item schema, or removed from what the export takes."""

    id: str
    kind: str
    rev: int
    deleted_at: datetime | None
    reason: str


class DeltaPage(msgspec.Struct, frozen=True, kw_only=True):
    """`publication` is the one that these changes lead to. `next_cursor` goes on from here, or comes back later."""

    export: str
    file: str
    locale: str | None
    publication: int
    revision: int
    changes: list[Upsert | Tombstone]
    next_cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class PublicationsOfFeed:
    """What there is of one feed. `kept` are the publications by number, `past` those whose files are gone and that are
    remembered; those that wait are neither. `past_saying` is the past one that the cursor names by its content, for
    each feed that has such a one."""

    storage: ObjectStorage
    definition: ExportDefinition
    file: str
    locale: str | None
    current: PublicationRow
    kept: Mapping[int, PublicationRow]
    past: Mapping[int, PublicationRow]
    past_saying: Mapping[str, int]
    files: Mapping[int, Mapping[str, PublicationFileRow]]

    def feed(self, number: int) -> PublishedFeed | None:
        """To be read once. None where the publication did not have it, or there is no such publication."""
        if number not in self.kept:
            return None
        rows = self.files[number]
        stored = stored_files(self.storage, folder_of(self.kept[number]), rows)
        return published_feeds(self.definition, stored, rows.values()).get(self.file)

    def is_remembered(self, number: int) -> bool:
        """Whether it can be told what has changed since, though its files may be gone."""
        return self._ways_from(number)[-1] in self.kept

    def records(self, number: int) -> Generator[SegmentRecord]:
        """Its segments: what was in them, but of a past one not where it stood."""
        *past, there = self._ways_from(number)
        feed = self.feed(there)
        folders = [folder_of(self.past[one]) for one in past]
        try:
            records = feed.records() if feed else iter(())
            yield from put_back(records, past_items(self.storage, folders, self.file)) if past else records
        finally:
            if feed is not None:
                feed.close()

    def _ways_from(self, number: int) -> list[int]:
        """It and those that replaced it, up to the first that is not past."""
        ways = [number]
        while (row := self.past.get(ways[-1])) is not None:
            ways.append(row.superseded_by or NOTHING)
        return ways


def publications_of_feed(
    session: Session,
    storage: ObjectStorage,
    definition: ExportDefinition,
    file: str | None = None,
    locale: str | None = None,
    cursor: str | None = None,
) -> PublicationsOfFeed:
    """The feed called `file`, or the first of the `locale`; without either that of the cursor, or the first there is.
    Raises NotFound."""
    current = store.require_current(session, definition.name)
    kept = {row.number: row for row in store.publications(session, definition.name) if row.state != store.HELD}
    past = {row.number: row for row in store.in_state(session, definition.name, store.PAST)}
    saying = store.past_that_said(session, definition.name, cursor) if cursor and _is_digest(cursor) else {}
    files = {number: store.files_of(session, row) for number, row in kept.items()}
    there = files[current.number]
    feeds = published_feeds(definition, stored_files(storage, folder_of(current), there), there.values())
    fitting = [name for name, feed in feeds.items() if file in (None, name) and locale in (None, feed.locale)]
    if not fitting:
        asked = " and ".join(f"{name} `{value}`" for name, value in (("file", file), ("locale", locale)) if value)
        raise NotFound(f"export `{definition.name}` has no feed with {asked or 'items of its own'}; {known(feeds)}")
    fitting.sort(key=lambda name: definition.files.index(feeds[name].file))
    choices = [
        PublicationsOfFeed(storage, definition, name, feeds[name].locale, current, kept, past, saying, files)
        for name in fitting
    ]
    return next((one for one in choices if cursor and _is_of(one, cursor)), choices[0])


def _is_of(feed: PublicationsOfFeed, cursor: str) -> bool:
    """Whether the cursor is one of this feed."""
    if _is_digest(cursor):
        return _publication_that_says(feed, cursor) is not None
    place = _as_cursor(cursor)
    return place is not None and place.file == feed.file


def delta_page(feed: PublicationsOfFeed, cursor: str | None, limit: int) -> DeltaPage:
    """1. Without a cursor everything is new. A cursor is one that we gave, or the SHA-256 of the file that was pulled,
    or the `cursor` that stands in it. 2. Changes come in the order of the feed, each item once; whoever asks again with
    the same cursor gets them again. 3. There is no more when the reader has what is current.

    Raises Gone for a publication that is not kept any more, InvalidInput for what is no cursor of this feed.
    """
    place = _place(feed, cursor)
    target = feed.kept.get(place.until or NOTHING)
    if target is None:
        place, target = Cursor(feed.file, place.since), feed.current
    found: list[ItemChange] = []
    shown: list[Upsert | Tombstone] = []
    if place.since != target.number:
        found, shown = _read(feed, place, target, limit)
    more = len(found) > limit
    going_on = Cursor(feed.file, place.since, target.number, found[limit - 1].place) if more else None
    return DeltaPage(
        export=feed.definition.name,
        file=feed.file,
        locale=feed.locale,
        publication=target.number,
        revision=target.revision,
        changes=shown,
        next_cursor=(going_on or Cursor(feed.file, target.number)).written(),
        has_more=more or target.number != feed.current.number,
    )


def _read(
    feed: PublicationsOfFeed, place: Cursor, target: PublicationRow, limit: int
) -> tuple[list[ItemChange], list[Upsert | Tombstone]]:
    """The changes after the place and one more, and the first `limit` of them as they are told."""
    try:
        moved = moved_items(_changes(feed, place.since, target.number))
        following = (change for change in _changes(feed, place.since, target.number) if change.place > place.after)
        found = list(islice(settled(following, moved), limit + 1))
        now = feed.feed(target.number)
        if now is None:
            return found, [_told(None, change, target) for change in found[:limit]]
        with closing(now):
            return found, [_told(now, change, target) for change in found[:limit]]
    except EarlierDamaged as damage:
        raise _expired(feed, place.since, f"cannot be read ({damage})") from damage


def _changes(feed: PublicationsOfFeed, since: int, until: int) -> Iterator[ItemChange]:
    before, after = feed.records(since), feed.records(until)
    try:
        yield from changed_items(before, after)
    finally:
        before.close()
        after.close()


def _told(now: PublishedFeed | None, change: ItemChange, target: PublicationRow) -> Upsert | Tombstone:
    kind, _, item = change.id.partition("/")
    if change.after is None or now is None:
        reason = "rejected" if change.is_rejected else "removed"
        return Tombstone(item, kind, target.number, target.current_at, reason)
    return Upsert(item, kind, target.number, target.current_at, now.fields(change.after))


def _place(feed: PublicationsOfFeed, cursor: str | None) -> Cursor:
    if not cursor:
        return Cursor(feed.file, NOTHING)
    if _is_digest(cursor):
        number = _publication_that_says(feed, cursor)
        if number is None:
            raise _expired(feed, None, "is not kept any more")
        return Cursor(feed.file, number)
    place = _as_cursor(cursor)
    if place is None or place.file != feed.file:
        of = f"is one of `{place.file}`, not of `{feed.file}`" if place else "is none that was given out"
        message = f"`cursor` {of}; send the `next_cursor` of an earlier answer, or none to begin"
        raise InvalidInput([Violation("cursor", "wrong_cursor", message)])
    if place.since != NOTHING and not feed.is_remembered(place.since):
        raise _expired(feed, place.since, "is not kept any more")
    return place


def _is_digest(cursor: str) -> bool:
    return set(cursor) <= set("0123456789abcdef") and len(cursor) in (32, 64)


def _as_cursor(text: str) -> Cursor | None:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def _publication_that_says(feed: PublicationsOfFeed, cursor: str) -> int | None:
    """The newest whose file has this digest, or names this cursor."""
    for number, row in feed.kept.items():
        stored = feed.files[number].get(feed.file)
        if stored is None:
            continue
        if stored.sha256 == cursor:
            return number
        files = stored_files(feed.storage, folder_of(row), feed.files[number])
        if cursor_in_listing(files, stored) == cursor:
            return number
    found = feed.past_saying.get(feed.file)
    return found if found is not None and feed.is_remembered(found) else None


def _expired(feed: PublicationsOfFeed, number: int | None, why: str) -> Gone:
    which = "the publication of this cursor" if number is None else f"publication {number}"
    message = f"{which} of export `{feed.definition.name}` {why}; pull the whole feed again, or ask without a cursor"
    return Gone(message, CURSOR_EXPIRED)
