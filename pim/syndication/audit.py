"""Whether all exports say the same of a product: what the current publications say of it, compared.

Feeds stand in the order of the catalogue's roots, so they are read side by side: memory holds what is said of one root.
A title or a picture is compared within a locale, a price within a currency, the rest whoever says it in any locale.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from typing import NamedTuple

import msgspec
from sqlmodel import Session

from pim.base.errors import InvalidInput, NotFound
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.exports.load import load_definition
from pim.exports.model import MEANINGS, ExportDefinition
from pim.syndication import store
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.published_items import PublishedFeed, published_feeds, stored_files
from pim.syndication.sayings import said_of
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationRow
from pim.versioning.store import head_revision

PER_LOCALE = ("title", "image")
PER_CURRENCY = ("price", "sale_price")
CUT = "…"
MOST = 1000
"""Contradictions that are told; all are counted."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one export says, and at which revision."""

    export: str
    file: str
    locale: str | None
    revision: int
    value: str


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Exports say different things of one product. `locale` or `currency` is the one within which they differ.
    `declared` says for each export that does so on purpose why; a contradiction that is none without these is
    no finding."""

    product: str
    meaning: str
    locale: str | None
    currency: str | None
    statements: list[Statement]
    declared: dict[str, str]


class AuditedExport(msgspec.Struct, frozen=True, kw_only=True):
    """`behind` counts the revisions since the one it shows; `is_stale` when another export shows a newer one. `problem`
    is why it could not be compared."""

    export: str
    publication: int
    revision: int
    behind: int
    is_stale: bool
    waiting: int | None
    says: list[str]
    problem: str | None


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """`contradictions` and `declared` are the first of each; the counts are of all. `is_clean` when there is no
    contradiction that nobody declared, nothing stale, and nothing that could not be read."""

    revision: int
    exports: list[AuditedExport]
    products: int
    contradictions_count: int
    declared_count: int
    contradictions: list[Contradiction]
    declared: list[Contradiction]

    @property
    def is_clean(self) -> bool:
        return not self.contradictions_count and not any(one.is_stale or one.problem for one in self.exports)


class Said(NamedTuple):
    """One thing that one feed says of one product."""

    root_key: str
    product: str
    meaning: str
    within: str | None
    statement: Statement


class _Speaker(NamedTuple):
    publication: PublicationRow
    definition: ExportDefinition
    feeds: list[PublishedFeed]


def audit(session: Session, storage: ObjectStorage, settings: Settings, product: str | None = None) -> Audit:
    """Of every current publication; the contradictions of one `product`, or of all."""
    current = [row for row in store.publications(session) if row.state == store.CURRENT]
    speakers: list[_Speaker] = []
    problems: dict[str, str] = {}
    with ExitStack() as opened:
        for row in current:
            try:
                speaker = _speaker(session, storage, settings, row)
            except (InvalidInput, NotFound) as error:
                problems[row.export] = str(error)
                continue
            speakers.append(speaker)
            for feed in speaker.feeds:
                opened.callback(feed.close)
        found, declared, products = _compare(speakers, product, problems)
    return Audit(
        revision=head_revision(session),
        exports=list(_exports(session, current, speakers, problems)),
        products=products,
        contradictions_count=found.count,
        declared_count=declared.count,
        contradictions=found.first,
        declared=declared.first,
    )


class _Counted:
    """The first of many, and how many they are."""

    def __init__(self) -> None:
        self.first: list[Contradiction] = []
        self.count = 0

    def add(self, one: Contradiction) -> None:
        self.count += 1
        if len(self.first) < MOST:
            self.first.append(one)


def _compare(speakers: list[_Speaker], product: str | None, problems: dict[str, str]) -> tuple[_Counted, _Counted, int]:
    found, declared, products = _Counted(), _Counted(), 0
    differs = {speaker.publication.export: speaker.definition.differs for speaker in speakers}
    said = merge(*(_said(speaker, feed, problems) for speaker in speakers for feed in speaker.feeds), key=_root_of)
    for _, of_root in groupby(said, key=_root_of):
        everything = sorted((one for one in of_root if product in (None, one.product)), key=_subject_of)
        products += len({one.product for one in everything})
        for (code, meaning, within), group in groupby(everything, key=_subject_of):
            statements = [one.statement for one in group]
            if _differing({one.value for one in statements}) < 2:
                continue
            on_purpose = {one.export: why for one in statements if (why := differs[one.export].get(meaning))}
            contradiction = Contradiction(
                product=code,
                meaning=meaning,
                locale=within if meaning in PER_LOCALE else None,
                currency=within if meaning in PER_CURRENCY else None,
                statements=statements,
                declared=on_purpose,
            )
            rest = {one.value for one in statements if one.export not in on_purpose}
            (found if _differing(rest) > 1 else declared).add(contradiction)
    return found, declared, products


def _differing(values: set[str]) -> int:
    """How many different things are said. A text that was cut short says what begins the same."""
    cut = {one for one in values if one.endswith(CUT)}
    whole = values - cut
    return len(whole) + sum(1 for one in cut if not any(other.startswith(one.rstrip(CUT)) for other in values - {one}))


def _said(speaker: _Speaker, feed: PublishedFeed, problems: dict[str, str]) -> Iterator[Said]:
    """In the order of the roots. What cannot be read ends the feed, with its problem."""
    publication = speaker.publication
    try:
        for seen in feed.items():
            item = seen.item.id.partition("/")[2]
            for locale, fields in feed.by_locale(feed.fields(seen)):
                for code, said in said_of(feed.file, fields, feed.currency_in(locale)):
                    for meaning, value in said.items():
                        statement = Statement(
                            export=publication.export, file=feed.name, locale=locale, revision=publication.revision,
                            value=value,
                        )  # fmt: skip
                        yield Said(
                            seen.item.root_key, code or item, meaning, _within(meaning, locale, value), statement
                        )
    except EarlierDamaged as damage:
        problems[publication.export] = f"`{feed.name}` of publication {publication.number} cannot be read: {damage}"


def _within(meaning: str, locale: str, value: str) -> str | None:
    if meaning in PER_LOCALE:
        return locale
    return value.partition(" ")[2] if meaning in PER_CURRENCY else None


def _root_of(said: Said) -> str:
    return said.root_key


def _subject_of(said: Said) -> tuple[str, str, str]:
    return said.product, said.meaning, said.within or ""


def _speaker(session: Session, storage: ObjectStorage, settings: Settings, row: PublicationRow) -> _Speaker:
    definition = load_definition(settings.exports_folder / row.export)
    rows = store.files_of(session, row)
    feeds = published_feeds(definition, stored_files(storage, folder_of(row), rows), rows.values())
    return _Speaker(row, definition, [feed for feed in feeds.values() if feed.file.says])


def _exports(
    session: Session, current: list[PublicationRow], speakers: list[_Speaker], problems: dict[str, str]
) -> Iterator[AuditedExport]:
    head, newest = head_revision(session), max((row.revision for row in current), default=0)
    says = {one.publication.export: {name for feed in one.feeds for name in feed.file.says} for one in speakers}
    for row in current:
        held = store.held_publication(session, row.export)
        yield AuditedExport(
            export=row.export,
            publication=row.number,
            revision=row.revision,
            behind=head - row.revision,
            is_stale=row.revision < newest,
            waiting=held.number if held else None,
            says=[meaning for meaning in MEANINGS if meaning in says.get(row.export, ())],
            problem=problems.get(row.export),
        )
