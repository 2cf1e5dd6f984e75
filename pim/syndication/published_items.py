"""The items of a finished feed, stored or still in the run's folder: which there are, and what it says of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

import msgspec

from pim.base.object_storage import ObjectStorage
from pim.exports.model import ExportDefinition, FileDefinition
from pim.exports.scope import ANY
from pim.syndication.artifact_output import items_name
from pim.syndication.earlier import EarlierDamaged, EarlierSequence, index_name, inflated_record, names_in, names_name
from pim.syndication.segments import IndexedItem, SegmentRecord
from pim.syndication.staged import FEED, GZIP, RECORDS, StagedFile
from pim.syndication.tables import PublicationFileRow
from pim.syndication.writers.read_back import Fields, ReadItem, item_reader


@dataclass(frozen=True, slots=True)
class FeedFiles:
    """The files of one publication. `names` are all under which something is stored, `open` opens one of them."""

    names: frozenset[str]
    open: Callable[[str], BinaryIO]


class Seen(NamedTuple):
    """An item and the segment it stands in."""

    record: SegmentRecord
    item: IndexedItem


class PublishedFeed:
    """One feed of a publication. Items are read from front to back; to begin again, make another."""

    def __init__(
        self, files: FeedFiles, file: FileDefinition, name: str, locale: str | None, currencies: Mapping[str, str]
    ) -> None:
        """`currencies` is what the export's definition says, locale → currency."""
        self.name, self.locale, self.file = name, locale, file
        self._currencies = currencies
        self._sequence, self._whole = _sequence(files, name)
        self._read: ReadItem | None = None
        self._content: tuple[SegmentRecord, bytes] | None = None

    def records(self) -> Iterator[SegmentRecord]:
        """Raises EarlierDamaged, as `fields` does."""
        return self._sequence.records()

    def items(self) -> Iterator[Seen]:
        for record in self.records():
            for item in record.items:
                yield Seen(record, item)

    def fields(self, seen: Seen) -> Fields:
        """What the feed says of the item; in a file that spans locales, by locale."""
        record, item = seen
        if self._content is None or self._content[0] is not record:
            self._content = record, self._sequence.segment(record).content
        if self._read is None:
            self._read = self._reader()
        content = self._content[1][item.offset : item.offset + item.length]
        try:
            return self._read(content)
        except (ValueError, SyntaxError, LookupError) as error:
            raise EarlierDamaged(f"item `{item.id}` of `{self.name}` cannot be read: {error}") from error

    def by_locale(self, fields: Fields) -> Iterator[tuple[str, Fields]]:
        """What it says in each locale: its own, or those of a file that spans locales."""
        if self.locale is not None:
            yield self.locale, fields
        else:
            yield from ((locale, of) for locale, of in fields.items() if isinstance(of, dict))

    def currency_in(self, locale: str) -> str | None:
        return self._currencies.get(locale) or self._currencies.get(ANY)

    def close(self) -> None:
        self._sequence.close()

    def _reader(self) -> ReadItem:
        if self._whole:
            return item_reader("", {}, b"")
        return item_reader(self.file.writer, self.file.options, self._sequence.header())


class FileFacts(Protocol):
    """A row of the database, or a file that waits in the run's folder."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def locale(self) -> str | None: ...


def published_feeds(
    definition: ExportDefinition, files: FeedFiles, rows: Iterable[FileFacts]
) -> dict[str, PublishedFeed]:
    """Those that the definition knows and that have an index, by name."""
    found: dict[str, PublishedFeed] = {}
    for row in rows:
        file = definition.file_called(row.name, row.locale) if row.role == FEED else None
        if file is not None and _index_of(files, row.name) is not None:
            found[row.name] = PublishedFeed(files, file, row.name, row.locale, definition.currency)
    return found


def indexed_sequences(files: FeedFiles, rows: Iterable[FileFacts]) -> dict[str, EarlierSequence]:
    """The items of every feed that has an index, by name; each to be read once."""
    feeds = [row.name for row in rows if row.role == FEED and _index_of(files, row.name) is not None]
    return {name: _sequence(files, name)[0] for name in feeds}


def cursor_in_listing(files: FeedFiles, row: FileFacts) -> str | None:
    """The cursor that a listing of shards names; every other feed is no listing, or names none."""
    if not row.name.endswith(".json") or f"{RECORDS}{names_name(row.name)}{GZIP}" not in files.names:
        return None
    with files.open(row.name) as listing:
        found: str | None = msgspec.json.decode(listing.read()).get("cursor")
    return found


def stored_files(storage: ObjectStorage, folder: str, rows: Mapping[str, PublicationFileRow]) -> FeedFiles:
    names = [*rows, *(name + GZIP for name, row in rows.items() if row.gzip_sha256 is not None)]
    return FeedFiles(frozenset(names), lambda name: storage.open(f"{folder}/{name}"))


def staged_files(staged: Sequence[StagedFile]) -> FeedFiles:
    paths = {file.name: file.path for file in staged}
    paths |= {file.name + GZIP: file.twin for file in staged if file.twin is not None}
    return FeedFiles(frozenset(paths), lambda name: paths[name].open("rb"))


def _index_of(files: FeedFiles, feed: str) -> tuple[str, bool] | None:
    """The record that indexes the feed, and whether it is of items behind a file made whole."""
    for name, whole in ((items_name(feed), True), (feed, False)):
        stored = f"{RECORDS}{index_name(name)}{GZIP}"
        if stored in files.names:
            return stored, whole
    return None


def _sequence(files: FeedFiles, feed: str) -> tuple[EarlierSequence, bool]:
    found = _index_of(files, feed)
    if found is None:
        raise EarlierDamaged(f"`{feed}` has no index")
    index, whole = found

    def open_twin(part: int) -> BinaryIO:
        if whole:
            return files.open(f"{RECORDS}{items_name(feed)}{GZIP}")
        names = f"{RECORDS}{names_name(feed)}{GZIP}"
        name = names_in(inflated_record(files.open(names)))[part] if names in files.names else feed
        return files.open(name + GZIP if name + GZIP in files.names else name)

    return EarlierSequence(lambda: inflated_record(files.open(index)), open_twin), whole
