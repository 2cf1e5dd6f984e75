"""Searching products over HTTP: by words and filters, while somebody types, and for what is alike."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON
from pim.api.identity import signed_in
from pim.api.paging import address, asked_number, asked_page, hal_page, parameters_of
from pim.api.products import BY_UUID
from pim.api.query_pages import cursor_numbers
from pim.api.saved_searches import with_saved
from pim.api.search_words import MOST_SUGGESTED, SEARCH_PRODUCTS, SIMILAR, SUGGEST
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.model import Document
from pim.catalog.store import products_by_code
from pim.search.facets import usual_facets
from pim.search.find import SearchAsked, Searcher
from pim.search.results import ResultItem, SearchDoor, search, similar_products, suggest
from pim.versioning.store import current_structure

PATH = "/search"
_USUAL = "usual"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=SEARCH_PRODUCTS)
def search_products(request: AnyRequest, state: State) -> Response[bytes]:
    door = _door(request, state)
    sent = parameters_of(request)
    parameters = with_saved(door, sent)
    page = asked_page({"limit": "10", **sent}, only_cursors=True)
    cursor = cursor_numbers(page, 1)
    asked = SearchAsked(
        text=parameters.get("q", ""),
        locale=parameters.get("locale"),
        scope=parameters.get("scope"),
        sort=parameters.get("sort", ""),
        limit=page.limit,
        after=cursor[0] if cursor else 0,
    )
    facets = _facets(door, asked, parameters.get("facets", ""))
    results = search(
        door, asked, facets=facets, with_count=page.with_count, up_to_now=_waits_for_now(parameters)
    )  # fmt: skip
    items = [_item(request, one) for one in results.items]
    last = str(results.next) if results.next is not None else None
    document = hal_page(request, PATH, page, items, last, results.next is not None, results.count) | {
        "revision": results.revision,
        "corrections": [asdict(one) for one in results.corrections],
        "did_you_mean": results.did_you_mean,
        "ignored": list(results.ignored),
        "facets": [asdict(one) for one in results.facets],
    }
    return Response(msgspec.json.encode(document), media_type=JSON)


@get(f"{PATH}/suggestions", sync_to_thread=True, operation=SUGGEST)
def suggest_words(request: AnyRequest, state: State) -> Response[bytes]:
    parameters = parameters_of(request)
    asked = SearchAsked(parameters.get("q", ""), parameters.get("locale"), limit=_limit(parameters))
    found = suggest(_door(request, state), asked)
    document = {"words": list(found.words), "products": [_item(request, one) for one in found.products]}
    return Response(msgspec.json.encode(document), media_type=JSON)


@get(f"{PATH}/similar/{{product:path}}", sync_to_thread=True, operation=SIMILAR)
def list_similar(request: AnyRequest, state: State) -> Response[bytes]:
    door, parameters = _door(request, state), parameters_of(request)
    asked = SearchAsked(locale=parameters.get("locale"), limit=_limit(parameters))
    found = similar_products(door, _uuid(door, str(request.path_params["product"]).lstrip("/")), asked)
    return Response(msgspec.json.encode({"products": [_item(request, one) for one in found]}), media_type=JSON)


def _door(request: AnyRequest, state: State) -> SearchDoor:
    return SearchDoor(state.database, state.search, signed_in(request), state.settings.exports_folder)


def _facets(door: SearchDoor, asked: SearchAsked, written: str) -> list[str]:
    if written != _USUAL:
        return [name for name in written.split(",") if name]
    with door.database.snapshot_session() as session:
        searcher = Searcher(door.user, current_structure(session))
        return usual_facets(searcher.reader(asked.locale, asked.scope))


def _waits_for_now(parameters: Mapping[str, str]) -> bool:
    consistency = parameters.get("consistency", "eventual")
    if consistency not in ("eventual", "session"):
        message = f"consistency `{consistency}` does not exist; known: eventual, session"
        raise InvalidInput([Violation("consistency", "unknown", message)])
    return consistency == "session"


def _limit(parameters: Mapping[str, str]) -> int:
    problems: list[Violation] = []
    limit = asked_number(parameters, "limit", 8, problems, most=MOST_SUGGESTED)
    if problems:
        raise InvalidInput(problems)
    return limit


def _uuid(door: SearchDoor, name: str) -> UUID:
    """Of the product of this identifier or uuid; whether the reader sees it is told later."""
    with door.database.snapshot_session() as session:
        uuids = [entity.uuid for entity in products_by_code(session, [name]) if entity.uuid]
    if uuids:
        return uuids[0]
    try:
        return UUID(name)
    except ValueError:
        raise NotFound(f"Product `{name}` does not exist or you do not have permission to see it") from None


def _item(request: AnyRequest, one: ResultItem) -> Document:
    link = address(request, BY_UUID.path, str(one.uuid))
    return {"_links": {"self": {"href": link}}, **asdict(one)}


ROUTES: list[ControllerRouterHandler] = [search_products, suggest_words, list_similar]
