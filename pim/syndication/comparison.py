"""What one publication would say differently from another: for whoever decides about a held one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.errors import NotFound, known
from pim.base.object_storage import ObjectStorage
from pim.exports.model import ExportDefinition
from pim.syndication import store
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.feed_difference import ItemChange, changed_items, moved_items, newly_rejected, settled
from pim.syndication.gate import feed_difference
from pim.syndication.lineage import sources_of
from pim.syndication.published_items import PublishedFeed, published_feeds, stored_files
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow
from pim.syndication.validity import attributes_of
from pim.syndication.writers.read_back import Fields

ADDED, REMOVED, REJECTED, CHANGED = "added", "removed", "rejected", "changed"


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One row: an item that came or went (`change` is added, removed, or rejected: its item schema keeps it out now),
    or one field of one that changed. `field` is dotted (`variants.0.price`), `attributes` are those that the mapping
    takes it from; None before or after is nothing."""

    file: str
    locale: str | None
    item: str
    kind: str
    change: str
    field: str | None = None
    before: Any = None
    after: Any = None
    attributes: list[str] = []


class FileDifference(msgspec.Struct, frozen=True):
    """`rejected` counts the items that are rejected and were not, whether or not they were in the file."""

    file: str
    locale: str | None
    items_before: int
    items_after: int
    added: int
    removed: int
    changed: int
    rejected: int
    price_swings: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two publications of one export, and their files."""

    definition: ExportDefinition
    storage: ObjectStorage
    before: PublicationRow
    after: PublicationRow
    files_before: Mapping[str, PublicationFileRow]
    files_after: Mapping[str, PublicationFileRow]


def compared(
    session: Session,
    storage: ObjectStorage,
    definition: ExportDefinition,
    number: int | None = None,
    against: int | None = None,
) -> Compared:
    """`number` with `against`. By default what waits for approval with what is current, and where nothing waits, what
    is current with what was before. Raises NotFound."""
    there = {row.number: row for row in store.publications(session, definition.name)}
    current = store.require_current(session, definition.name)
    held = store.held_publication(session, definition.name)
    after = _among(there, definition, number) if number is not None else held or current
    if against is None:
        earlier = [row for row in there.values() if row.state != store.HELD and row.number < after.number]
        if after.number == current.number and not earlier:
            raise NotFound(f"publication {after.number} of export `{definition.name}` is the first that is kept")
        before = earlier[0] if after.number == current.number else current
    else:
        before = _among(there, definition, against)
    files = store.files_of(session, before), store.files_of(session, after)
    return Compared(definition, storage, before, after, *files)


def file_differences(pair: Compared) -> list[FileDifference]:
    """Numbers of every feed that both have, in the order of their names."""
    return [_file_difference(pair, name) for name in _shared(pair)]


def differences(pair: Compared, file: str | None = None) -> Iterator[Difference]:
    """Item by item and field by field, feed by feed (or of one `file`), in the order of the feeds. Raises NotFound
    for a file that not both have, or that cannot be read."""
    shared = _shared(pair)
    if file is not None and file not in shared:
        raise NotFound(f"export `{pair.definition.name}` has no items to compare in `{file}`; {known(shared)}")
    for name in shared:
        if file in (None, name):
            yield from _differences(pair, name)


def comparison(pair: Compared, file: str | None = None, limit: int | None = None) -> dict[str, Any]:
    """The data behind `pim exports diff NAME [--json]`; with the first `limit` rows."""
    found = list(islice(differences(pair, file), None if limit is None else limit + 1))
    return {**heading(pair), "differences": found[:limit], "more": limit is not None and len(found) > limit}


def heading(pair: Compared) -> dict[str, Any]:
    return {
        "name": pair.definition.name,
        "publication": pair.after.number,
        "state": pair.after.state,
        "reason": pair.after.reason,
        "against": pair.before.number,
        "files": file_differences(pair),
    }


def _shared(pair: Compared) -> list[str]:
    """Feeds whose items can be compared."""
    before, after = _feeds(pair)
    return sorted(before.keys() & after.keys())


def _feeds(pair: Compared) -> tuple[dict[str, PublishedFeed], dict[str, PublishedFeed]]:
    before = stored_files(pair.storage, folder_of(pair.before), pair.files_before)
    after = stored_files(pair.storage, folder_of(pair.after), pair.files_after)
    return (
        published_feeds(pair.definition, before, pair.files_before.values()),
        published_feeds(pair.definition, after, pair.files_after.values()),
    )


@contextmanager
def _opened(pair: Compared, name: str) -> Iterator[tuple[PublishedFeed, PublishedFeed]]:
    """The feed before and after, to be read once."""
    before, after = (feeds[name] for feeds in _feeds(pair))
    try:
        yield before, after
    except EarlierDamaged as damage:
        numbers = f"publications {pair.before.number} and {pair.after.number} of export `{pair.definition.name}`"
        raise NotFound(f"{numbers} cannot be compared in `{name}`: {damage}") from damage
    finally:
        before.close()
        after.close()


def _file_difference(pair: Compared, name: str) -> FileDifference:
    with _opened(pair, name) as (before, after):
        found = feed_difference(before, after, pair.definition.gate.prices)
    with _opened(pair, name) as (before, after):
        rejected = sum(1 for _ in newly_rejected(before.records(), after.records()))
    row = pair.files_after[name]
    return FileDifference(
        name, row.locale, pair.files_before[name].items, row.items, found.added, found.removed, found.changed, rejected,
        found.swings,
    )  # fmt: skip


def _differences(pair: Compared, name: str) -> Iterator[Difference]:
    sources = sources_of(pair.definition)
    with _opened(pair, name) as (before, after):
        moved = moved_items(changed_items(before.records(), after.records()))
    with _opened(pair, name) as (before, after):
        for change in settled(changed_items(before.records(), after.records()), moved):
            yield from _of_item(before, after, change, sources)


def _of_item(
    before: PublishedFeed, after: PublishedFeed, change: ItemChange, sources: Mapping[str, list[str]]
) -> Iterator[Difference]:
    kind, _, item = change.id.partition("/")
    if change.before is not None and change.after is not None:
        part = f"{after.file.part}." if after.file.part else ""
        for field, old, new in field_changes(before.fields(change.before), after.fields(change.after)):
            locale, field = (after.locale, field) if after.locale else field.split(".", 1)
            yield Difference(
                file=after.name, locale=locale, item=item, kind=kind, change=CHANGED, field=field, before=old,
                after=new, attributes=attributes_of(part + field, sources),
            )  # fmt: skip
    else:
        what = ADDED if change.before is None else REJECTED if change.is_rejected else REMOVED
        yield Difference(file=after.name, locale=after.locale, item=item, kind=kind, change=what)


def field_changes(before: Fields, after: Fields) -> list[tuple[str, Any, Any]]:
    """(dotted field, before, after) of each leaf that differs, in the order of the fields as they are now, what is gone
    last. A list of plain values is one leaf."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    names = dict.fromkeys((*new, *old))
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        for at, inner in enumerate(value):
            yield from _leaves(f"{path}.{at}" if path else str(at), inner)
    else:
        yield path, value


def _among(there: Mapping[int, PublicationRow], definition: ExportDefinition, number: int) -> PublicationRow:
    if number not in there:
        raise NotFound(f"Publication `{number}` of export `{definition.name}` is not kept; {known(map(str, there))}")
    return there[number]
