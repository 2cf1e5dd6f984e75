"""Column mappings: what the headers of sheets mean that are handed in as imports."""

from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.permissions import EDIT_PRODUCTS
from pim.api.bodies import JSON, read_object
from pim.api.identity import current_user, needs, signed_in
from pim.api.mappings_words import CREATE, DELETE, GET, LIST, UPSERT
from pim.api.paging import address, asked_page, parameters_of
from pim.api.query_pages import answer_page, listed
from pim.api.writing import written
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.base.schema_checking import writable
from pim.catalog.model import Document
from pim.intake.sheets import store
from pim.intake.sheets.check_mapping import SCHEMA, read_mapping
from pim.intake.tables import ColumnMappingRow
from pim.versioning.store import current_structure

PATH = "/import-mappings"
ONE = PATH + "/{code:str}"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=LIST)
def list_mappings(request: AnyRequest, state: State) -> Response[bytes]:
    signed_in(request)
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        page = listed(store.list_mappings(session), asked, attrgetter("code"))
    return answer_page(request, PATH, asked, page, partial(_item, request), attrgetter("code"))


@get(ONE, sync_to_thread=True, operation=GET)
def get_mapping(request: AnyRequest, state: State) -> Response[bytes]:
    signed_in(request)
    database: Database = state.database
    with database.snapshot_session() as session:
        row = store.get_row(session, request.path_params["code"])
    return Response(msgspec.json.encode(_item(request, row)), media_type=JSON)


@post(PATH, sync_to_thread=True, guards=[needs(EDIT_PRODUCTS)], operation=CREATE)
def create_mapping(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
    document = _sent(request, body)
    database: Database = state.database
    with database.session() as session:
        code = document.get("code")
        if isinstance(code, str) and store.find_mapping(session, code) is not None:
            message = f"column mapping `{code}` exists already; patch it"
            raise InvalidInput([Violation("code", "taken", message)])
        _save(session, request, document)
    return written(201, address(request, PATH, document["code"]))


@patch(ONE, sync_to_thread=True, guards=[needs(EDIT_PRODUCTS)], operation=UPSERT)
def upsert_mapping(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
    document, code = _sent(request, body), request.path_params["code"]
    if document.get("code", code) != code:
        message = f"Property `code` is `{document['code']}`, the address says `{code}`; send the same, or leave it out"
        raise InvalidInput([Violation("code", "immutable", message)])
    database: Database = state.database
    with database.session() as session:
        row = store.find_mapping(session, code)
        is_new = _save(session, request, {**(row.document if row else {}), **document, "code": code})
    return written(201 if is_new else 204, address(request, PATH, code))


@delete(ONE, sync_to_thread=True, status_code=204, guards=[needs(EDIT_PRODUCTS)], operation=DELETE)
def delete_mapping(request: AnyRequest, state: State) -> None:
    database: Database = state.database
    with database.session() as session:
        store.delete_mapping(session, request.path_params["code"])


def _sent(request: AnyRequest, body: bytes) -> Document:
    """Without what only we write: a document that was read may be sent back."""
    document = writable(SCHEMA, read_object(request, body))
    document.pop("_links", None)
    return document


def _save(session: Session, request: AnyRequest, document: Document) -> bool:
    """Whether it is new. Raises InvalidInput with every problem."""
    mapping = read_mapping(document, current_structure(session))
    return store.save_mapping(session, mapping, current_user(request), now())


def _item(request: AnyRequest, row: ColumnMappingRow) -> Document:
    links = {"self": {"href": address(request, PATH, row.code)}}
    return {"_links": links, **store.as_document(row)}


ROUTES: list[ControllerRouterHandler] = [list_mappings, get_mapping, create_mapping, upsert_mapping, delete_mapping]
