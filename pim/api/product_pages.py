"""Which products or product models a page shows, as the search and the reader's limits say."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible_categories
from pim.api.paging import Asked
from pim.api.query_pages import Found
from pim.base.errors import InvalidInput, Violation
from pim.catalog import store
from pim.catalog.filters import Search, parse_search, product_page, read_search
from pim.catalog.model import Channel, Resolved
from pim.catalog.structure import Structure


def find_page(
    session: Session, kind: str, asked: Asked, parameters: Mapping[str, str], channel: Channel | None, user: User,
    structure: Structure,
) -> Found[Resolved]:  # fmt: skip
    """Raises InvalidInput or NotFound for a search that is wrong, Unreadable for one that is no JSON."""
    narrowed = _narrowed(parameters.get("search"), channel, visible_categories(user, structure))
    search = search_in(narrowed, parameters, structure, kind)
    page = product_page(
        session, search, after=after_id(asked), page=asked.page, limit=asked.limit, with_count=asked.with_count
    )
    by_id = {entity.id: entity for entity in store.entities_by_id(session, kind, page.ids)}
    resolved = store.resolve_all(session, [by_id[entity_id] for entity_id in page.ids])
    return Found(resolved, len(page.ids) == asked.limit, page.count)


def search_in(text: str | None, parameters: Mapping[str, str], structure: Structure, kind: str) -> Search:
    return parse_search(
        text,
        locale=parameters.get("search_locale"),
        scope=parameters.get("search_scope"),
        structure=structure,
        kind=kind,
    )


def _narrowed(search: str | None, channel: Channel | None, seen: frozenset[str] | None) -> str | None:
    """A channel shows the products of its category tree, a user those of their categories and those without any."""
    conditions: list[dict[str, Any]] = []
    if channel is not None:
        conditions.append({"operator": "IN CHILDREN", "value": [channel.category_tree]})
    if seen is not None:
        conditions.append({"operator": "IN OR UNCLASSIFIED", "value": sorted(seen)})
    if not conditions:
        return search
    asked = read_search(search)
    own = asked.get("categories", [])
    if not isinstance(own, list):
        return search  # whoever reads it says what is wrong
    return msgspec.json.encode({**asked, "categories": [*own, *conditions]}).decode()


def after_id(asked: Asked) -> int | None:
    if asked.after is None:
        return None
    if not asked.after.isdigit():
        message = "The cursor is not one of ours; take `search_after` from the link `next` of a page"
        raise InvalidInput([Violation("search_after", "unknown_cursor", message)])
    return int(asked.after)
