"""Saved searches over HTTP: one's own, and those that others share."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar import patch as patch_route
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON, read_object
from pim.api.identity import signed_in
from pim.api.openapi.answers import EMPTY, sends, sends_page, writes
from pim.api.openapi.operation import TEXT, Content, Operation
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import BOOLEAN, INSTANT, a_ref, an_object, or_null
from pim.api.openapi.wording import SEARCHING
from pim.api.paging import address, asked_page, parameters_of
from pim.api.query_pages import answer_page, listed
from pim.api.writing import written
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import Document
from pim.search import saved
from pim.search.results import SearchDoor
from pim.search.saved import SETTINGS
from pim.search.tables import SavedSearchRow

PATH = "/saved-searches"
ONE = PATH + "/{code:str}"
SAMPLE: Document = {"code": "unpriced_tents", "title": "Tents without a price", "q": "family:tents -has:price"}

_SETTINGS = {name: or_null(TEXT) for name in SETTINGS}
_SAVED = an_object(
    {"_links": a_ref("Links"), "code": TEXT, "title": TEXT, "owner": TEXT, "shared": BOOLEAN, **_SETTINGS,
     "updated": INSTANT},
    optional=("_links",),
)  # fmt: skip
_INPUT = an_object(
    {"code": TEXT, "title": TEXT, "shared": BOOLEAN, **_SETTINGS}, optional=("code", "title", "shared", *SETTINGS)
)
_CODE = in_path("code", "The code of the saved search", SAMPLE["code"])

LIST = Operation(
    id="listSavedSearches", tag=SEARCHING, summary="List saved searches",
    description="Your own, and those that others share.", parameters=PAGING,
    answers={200: sends_page(_SAVED, "A page of saved searches, in order of their codes")}, errors=(422,),
)  # fmt: skip
GET = Operation(
    id="getSavedSearch", tag=SEARCHING, summary="Get a saved search", parameters=[_CODE],
    answers={200: sends(_SAVED, "The saved search")}, errors=(404,),
)  # fmt: skip
CREATE = Operation(
    id="createSavedSearch", tag=SEARCHING, summary="Save a search",
    description="Under a code of your choice; `GET /search?saved=…` asks it.", body=[Content(_INPUT, example=SAMPLE)],
    answers={201: writes("Saved")},
)  # fmt: skip
UPSERT = Operation(
    id="upsertSavedSearch", tag=SEARCHING, summary="Save or change a search",
    description="What is left out stays as it is. Only its owner changes it.", parameters=[_CODE],
    body=[Content(_INPUT, example={"shared": True})], answers={201: writes("Saved"), 204: writes("Changed")},
)  # fmt: skip
DELETE = Operation(
    id="deleteSavedSearch", tag=SEARCHING, summary="Delete a saved search", parameters=[_CODE],
    answers={204: EMPTY}, errors=(403, 404),
)  # fmt: skip

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=LIST)
def list_saved(request: AnyRequest, state: State) -> Response[bytes]:
    user, asked = signed_in(request), asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        page = listed(saved.list_searches(session, user.username), asked, attrgetter("code"))
    return answer_page(request, PATH, asked, page, partial(_item, request), attrgetter("code"))


@get(ONE, sync_to_thread=True, operation=GET)
def get_saved(request: AnyRequest, state: State) -> Response[bytes]:
    user, database = signed_in(request), state.database
    with database.snapshot_session() as session:
        row = saved.get_search(session, request.path_params["code"], user.username)
    return Response(msgspec.json.encode(_item(request, row)), media_type=JSON)


@post(PATH, sync_to_thread=True, operation=CREATE)
def create_saved(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
    user, document = signed_in(request), read_object(request, body)
    code = document.get("code")
    if not isinstance(code, str):
        raise InvalidInput([Violation("code", "required", "the saved search has no `code`; give it one")])
    database: Database = state.database
    with database.session() as session:
        if session.get(SavedSearchRow, code) is not None:
            raise InvalidInput([Violation("code", "taken", f"saved search `{code}` exists already; patch it")])
        saved.save_search(session, code, _sent(document), user.username, now())
    return written(201, address(request, PATH, code))


@patch_route(ONE, sync_to_thread=True, operation=UPSERT)
def upsert_saved(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
    user, document, code = signed_in(request), read_object(request, body), request.path_params["code"]
    if document.get("code", code) != code:
        message = f"Property `code` is `{document['code']}`, the address says `{code}`; send the same, or leave it out"
        raise InvalidInput([Violation("code", "immutable", message)])
    database: Database = state.database
    with database.session() as session:
        is_new = saved.save_search(session, code, _sent(document), user.username, now())
    return written(201 if is_new else 204, address(request, PATH, code))


@delete(ONE, sync_to_thread=True, status_code=204, operation=DELETE)
def delete_saved(request: AnyRequest, state: State) -> None:
    user, database = signed_in(request), state.database
    with database.session() as session:
        saved.delete_search(session, request.path_params["code"], user.username)


def with_saved(door: SearchDoor, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a request, and behind them those of the saved search that it names."""
    if "saved" not in parameters:
        return dict(parameters)
    with door.database.snapshot_session() as session:
        row = saved.get_search(session, parameters["saved"], door.user.username)
    return {**row.settings, **parameters}


def _sent(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "_links"}


def _item(request: AnyRequest, row: SavedSearchRow) -> Document:
    return {"_links": {"self": {"href": address(request, PATH, row.code)}}, **saved.as_document(row)}


ROUTES: list[ControllerRouterHandler] = [list_saved, get_saved, create_saved, upsert_saved, delete_saved]
