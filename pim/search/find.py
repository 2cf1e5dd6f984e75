"""Answering a search: words by the index, everything else by the database, so that filters find here what they find in
the list of products."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from pim.access.model import User
from pim.access.permissions import visible_attributes, visible_categories
from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.filters import found_by, parse_search
from pim.catalog.store import among
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductRow
from pim.search.conditions import conditions_of
from pim.search.fields import EVERYBODY
from pim.search.followed_index import OpenIndex
from pim.search.matching import NO_WORDS, Matching, matching
from pim.search.model import Field
from pim.search.order import RELEVANCE, Order, ordered_ids, read_order
from pim.search.query_language import ParsedQuery, parse_query
from pim.search.reader import Reader


@dataclass(frozen=True, slots=True)
class SearchAsked:
    """`after` is the cursor of the page before; `sort` as `order.read_order` reads it, empty for the usual order."""

    text: str = ""
    locale: str | None = None
    scope: str | None = None
    sort: str = ""
    limit: int = 10
    after: int = 0


@dataclass(frozen=True, slots=True)
class Searcher:
    """Who searches, in which catalogue."""

    user: User
    structure: Structure
    channel_of_export: Mapping[str, str] = field(default_factory=dict)

    def fields(self, opened: OpenIndex, locale: str | None) -> list[Field]:
        """Those that this user sees, of one locale or of all."""
        groups, locales = self.user.view.attribute_groups, self.user.view.locales
        return [
            one
            for one in opened.fields
            if (groups is None or one.group == EVERYBODY or one.group in groups)
            and (not one.locale or locales is None or one.locale in locales)
            and (not one.locale or locale is None or one.locale == locale)
        ]

    def reader(self, locale: str | None, scope: str | None) -> Reader:
        """Raises InvalidInput for a locale that this user does not see."""
        seen = self.user.view.locales
        if locale is not None and seen is not None and locale not in seen:
            message = f"locale `{locale}` is not active; {known(sorted(seen))}"
            raise InvalidInput([Violation("locale", "unknown_locale", message)])
        attributes = visible_attributes(self.user, self.structure)
        return Reader(self.structure, attributes, seen, locale, scope, self.channel_of_export)


@dataclass(frozen=True, slots=True)
class SearchFound:
    """`ids` of the page, in order, and the cursor behind it where more follows. `where` are the conditions on rows of
    products that all that was found fulfils; `matches` gives the ids of all that say the words, None without words."""

    ids: tuple[int, ...]
    next: int | None
    where: Sequence[ColumnElement[bool]]
    matches: Callable[[], Sequence[int]] | None = None
    matching: Matching = NO_WORDS
    scores: Mapping[int, float] = field(default_factory=dict)
    known_count: int | None = None

    @property
    def chosen(self) -> list[ColumnElement[bool]]:
        """All of it as conditions on rows of products."""
        words = [] if self.matches is None else [among(col(ProductRow.id), self.matches())]
        return [*words, *self.where]

    def count(self, session: Session) -> int:
        if self.known_count is not None:
            return self.known_count
        found: int = session.execute(select(func.count()).select_from(ProductRow).where(*self.chosen)).scalar_one()
        return found


def find(session: Session, opened: OpenIndex | None, searcher: Searcher, asked: SearchAsked) -> SearchFound:
    """`opened` may be None for a search without words. Raises InvalidInput naming everything that cannot be read."""
    parsed, where = _understood(session, searcher, asked)
    order = read_order(asked.sort, parsed.has_words, searcher.reader(asked.locale, asked.scope))
    if not parsed.has_words:
        return _page(session, where, order, asked)
    assert opened is not None
    matched = matching(parsed, opened, searcher.fields(opened, asked.locale))
    if matched.node is None:
        return _only_ignored(session, parsed, where, order, asked, matched)
    if order.key == RELEVANCE and not where:
        node, index = matched.node, opened.index
        return _by_index(opened, matched, lambda: index.ids(node), asked)
    ids = opened.index.ids(matched.node)
    chosen = [among(col(ProductRow.id), ids), *where]
    if order.key != RELEVANCE:
        return _page(session, chosen, order, asked, matched)
    allowed = session.execute(select(col(ProductRow.id)).where(*chosen)).scalars().all()
    return _by_index(opened, matched, lambda: allowed, asked, allowed)


def needs_index(text: str) -> bool:
    """Whether a search has words in it."""
    return parse_query(text).has_words


def limits(searcher: Searcher) -> dict[str, list[dict[str, Any]]]:
    """What a user's limits say, as the parameter `search` has it."""
    seen = visible_categories(searcher.user, searcher.structure)
    return {} if seen is None else {"categories": [{"operator": "IN OR UNCLASSIFIED", "value": sorted(seen)}]}


def _understood(
    session: Session, searcher: Searcher, asked: SearchAsked
) -> tuple[ParsedQuery, list[ColumnElement[bool]]]:
    parsed = parse_query(asked.text)
    conditions = conditions_of(parsed.filters, searcher.reader(asked.locale, asked.scope))
    for name, added in limits(searcher).items():
        conditions.setdefault(name, []).extend(added)
    return parsed, where_of(session, searcher, conditions, asked.locale, asked.scope)


def where_of(
    session: Session, searcher: Searcher, conditions: Mapping[str, Any], locale: str | None, scope: str | None
) -> list[ColumnElement[bool]]:
    try:
        search = parse_search(msgspec.json.encode(conditions), locale=locale, scope=scope, structure=searcher.structure)
    except InvalidInput as error:
        raise InvalidInput([Violation("q", one.code, one.message) for one in error.violations]) from error
    return found_by(session, search)


def _only_ignored(
    session: Session, parsed: ParsedQuery, where: list[ColumnElement[bool]], order: Order, asked: SearchAsked,
    matched: Matching,
) -> SearchFound:  # fmt: skip
    """Words that say nothing find nothing by themselves, and do not stand in the way of filters."""
    if parsed.filters:
        return _page(session, where, order.without_words(), asked, matched)
    return SearchFound((), None, (), lambda: (), matched, known_count=0)


def _by_index(
    opened: OpenIndex, matched: Matching, matches: Callable[[], Sequence[int]], asked: SearchAsked,
    allowed: Sequence[int] | None = None,
) -> SearchFound:  # fmt: skip
    assert matched.node is not None
    after = min(asked.after, opened.index.count())  # engines make room for all that they pass over
    hits = opened.index.query(matched.node, asked.limit, after, allowed)
    ids = tuple(entity_id for entity_id, _ in hits.ranked)
    reached = asked.after + len(ids)
    following = reached if ids and reached < hits.count else None
    return SearchFound(ids, following, (), matches, matched, dict(hits.ranked), hits.count)


def _page(
    session: Session, chosen: Sequence[ColumnElement[bool]], order: Order, asked: SearchAsked,
    matched: Matching = NO_WORDS,
) -> SearchFound:  # fmt: skip
    found = ordered_ids(session, chosen, order, asked.after, asked.limit + 1)
    ids = tuple(found[: asked.limit])
    more = len(found) > asked.limit
    return SearchFound(ids, order.cursor(ids, asked.after) if more else None, chosen, matching=matched)
