"""One search from end to end: the index brought forward as far as was asked, what was found, and what is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col

from pim.access.model import User
from pim.access.permissions import visible
from pim.base.database import Database
from pim.base.errors import NotFound
from pim.catalog.model import Document, Resolved
from pim.catalog.store import among, products, products_by_uuid, resolve_all
from pim.catalog.tables import ProductRow
from pim.exports.load import load_definitions
from pim.search.contract import BrokenIndex
from pim.search.documents import DocumentMaker, linked_labels
from pim.search.facets import Facet, count_facets
from pim.search.find import SearchAsked, Searcher, SearchFound, find, limits, needs_index, where_of
from pim.search.followed_index import FollowedIndex, OpenIndex
from pim.search.shown import Highlight, highlights, label_of, surface, words_beginning
from pim.search.similar import similar
from pim.versioning import store

PATIENCE = 20.0
"""Seconds for which somebody waits for an index, or for a revision in it."""
_SUGGESTED_FROM = 30
_SPARE = 5

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ResultItem:
    """A product that was found, as its reader sees it. `score` is None where nothing was ranked."""

    identifier: str | None
    uuid: UUID
    label: str
    family: str | None
    categories: Sequence[str]
    enabled: bool
    score: float | None
    highlights: Sequence[Highlight]


@dataclass(frozen=True, slots=True)
class Corrected:
    typed: str
    instead: str


@dataclass(frozen=True, slots=True)
class Results:
    """`revision` is the one that the words were looked up in; None where there were none. `next` is the cursor behind
    the page. `did_you_mean` is the whole search with its mistyped words corrected, as it was answered."""

    revision: int | None
    items: Sequence[ResultItem]
    next: int | None
    count: int | None
    corrections: Sequence[Corrected]
    did_you_mean: str | None
    ignored: Sequence[str]
    facets: Sequence[Facet]


@dataclass(frozen=True, slots=True)
class Suggestions:
    words: Sequence[str]
    products: Sequence[ResultItem]


@dataclass(frozen=True, slots=True)
class SearchDoor:
    """Where somebody searches. `patience` is None for who waits as long as it takes."""

    database: Database
    index: FollowedIndex
    user: User
    exports_folder: Path
    patience: float | None = PATIENCE


def search(
    door: SearchDoor,
    asked: SearchAsked,
    *,
    facets: Sequence[str] = (),
    with_count: bool = False,
    up_to_now: bool = False,
) -> Results:  # fmt: skip
    """With `up_to_now` everything that was committed before is found. Raises InvalidInput, and TemporaryFailure while
    there is no index, or none that far."""

    def answer(session: Session, opened: OpenIndex | None) -> Results:
        searcher = _searcher(session, door, asked.text)
        locales = _looked_into(searcher, asked)
        found = find(session, opened, searcher, asked)
        documents = _documents(session, searcher, found.ids)
        items = [_item(one, document, searcher, found, asked) for one, document in documents]
        read = [document for _, document in documents]
        corrections = [
            Corrected(one.typed, surface(one, read, searcher.structure, locales)) for one in found.matching.corrections
        ]
        return Results(
            revision=opened.state.revision if opened else None,
            items=items,
            next=found.next,
            count=found.count(session) if with_count else None,
            corrections=corrections,
            did_you_mean=_corrected(asked.text, corrections),
            ignored=found.matching.ignored,
            facets=count_facets(session, found.chosen, facets, searcher.reader(asked.locale, asked.scope)),
        )

    return _answered(door, answer, needs_index(asked.text), up_to_now)


def suggest(door: SearchDoor, asked: SearchAsked) -> Suggestions:
    """As somebody types: words that go on as the last one begins, and products that what is typed finds so far."""
    *before, last = asked.text.split() or [""]
    if not any(letter.isalnum() for letter in last):
        return Suggestions((), ())
    text = " ".join([*before, f"{last.rstrip('*')}*"])

    def answer(session: Session, opened: OpenIndex | None) -> Suggestions:
        searcher = _searcher(session, door, asked.text)
        locales = _looked_into(searcher, asked)
        found = find(session, opened, searcher, replace(asked, text=text, limit=_SUGGESTED_FROM))
        documents = _documents(session, searcher, found.ids)
        words = words_beginning(last, [document for _, document in documents], searcher.structure, locales)
        items = [_item(one, document, searcher, found, asked) for one, document in documents[: asked.limit]]
        return Suggestions(words[: asked.limit], items)

    return _answered(door, answer, True, False)


def similar_products(door: SearchDoor, uuid: UUID, asked: SearchAsked) -> list[ResultItem]:
    """The most alike first. Raises NotFound when the reader does not see the product."""

    def answer(session: Session, opened: OpenIndex | None) -> list[ResultItem]:
        assert opened is not None
        searcher = _searcher(session, door, "")
        seen = [one for one, _ in _seen(resolve_all(session, products_by_uuid(session, [uuid])), searcher)]
        if not seen:
            raise NotFound(f"Product `{uuid}` does not exist or you do not have permission to see it")
        made = DocumentMaker(searcher.structure).document(seen[0], linked_labels(session, seen, searcher.structure))
        hits = similar(opened, made, searcher.fields(opened, asked.locale), _SPARE * asked.limit)
        where = where_of(session, searcher, limits(searcher), asked.locale, asked.scope)
        found = SearchFound(tuple(entity_id for entity_id, _ in hits.ranked), None, where, scores=dict(hits.ranked))
        documents = _documents(session, searcher, found.ids)[: asked.limit]
        return [_item(one, document, searcher, found, asked) for one, document in documents]

    return _answered(door, answer, True, False)


def _answered(
    door: SearchDoor, answer: Callable[[Session, OpenIndex | None], Answer], by_words: bool, up_to_now: bool
) -> Answer:
    """A damaged index is told, and asked once more when a new one is there."""
    for last in (False, True):
        opened = _opened(door, up_to_now or last) if by_words else None
        try:
            with door.database.snapshot_session() as session:
                return answer(session, opened)
        except BrokenIndex as error:
            if last or opened is None:
                raise
            door.index.broken(opened, error)
    raise AssertionError("unreachable")


def _opened(door: SearchDoor, up_to_now: bool) -> OpenIndex:
    """Who does not wait for the newest revision still makes the index go on to it."""
    with door.database.session() as session:
        head = store.head_revision(session)
    opened = door.index.opened(head if up_to_now else None, door.patience)
    if opened.state.revision < head:
        door.index.catch_up()
    return opened


def _searcher(session: Session, door: SearchDoor, text: str) -> Searcher:
    """Definitions of exports are read only where one may be named."""
    structure = store.current_structure(session)
    channels: Mapping[str, str] = {}
    if "complete" in text:
        channels = {
            name: next((one for one in definition.channel if one in structure.channels), "")
            for name, definition in load_definitions(door.exports_folder).items()
        }
    return Searcher(door.user, structure, channels)


def _locales(searcher: Searcher, locale: str | None) -> list[str]:
    seen = searcher.user.view.locales
    active = [one for one in sorted(searcher.structure.active_locales) if seen is None or one in seen]
    return [locale, *(one for one in active if one != locale)] if locale in active else active


def _looked_into(searcher: Searcher, asked: SearchAsked) -> list[str]:
    return [asked.locale] if asked.locale else _locales(searcher, None)


def _documents(session: Session, searcher: Searcher, ids: Sequence[int]) -> list[tuple[Resolved, Document]]:
    """In the order of the ids, as this reader sees them."""
    resolved = resolve_all(session, products(session, among(col(ProductRow.id), ids))) if ids else []
    by_id = {one.entity.id: one for one in resolved}
    return _seen([by_id[one] for one in ids if one in by_id], searcher)


def _seen(resolved: Sequence[Resolved], searcher: Searcher) -> list[tuple[Resolved, Document]]:
    shown = ((one, visible(searcher.user, searcher.structure, one.document)) for one in resolved)
    return [(one, document) for one, document in shown if document is not None]


def _item(one: Resolved, document: Document, searcher: Searcher, found: SearchFound, asked: SearchAsked) -> ResultItem:
    assert one.entity.uuid is not None
    locales = _locales(searcher, asked.locale)
    return ResultItem(
        identifier=document["identifier"],
        uuid=one.entity.uuid,
        label=label_of(document, searcher.structure, locales[0] if locales else None, locales) or one.code,
        family=document["family"],
        categories=document["categories"],
        enabled=document["enabled"],
        score=found.scores.get(one.entity.id),
        highlights=highlights(document, searcher.structure, found.matching, _looked_into(searcher, asked)),
    )


def _corrected(text: str, corrections: Sequence[Corrected]) -> str | None:
    if not corrections:
        return None
    for one in corrections:
        text = text.replace(one.typed, one.instead, 1)
    return text
