"""Records of reference entities and assets of asset families over HTTP.

As the dialect has it, batches are JSON arrays and lists have cursors only; values say `channel` for their scope.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible_locales
from pim.api.batches import LARGEST_BODY, answer_array
from pim.api.bodies import JSON, read_object
from pim.api.documents import instant
from pim.api.etags import one_document
from pim.api.history import HISTORY, answer_history
from pim.api.history_words import history_of
from pim.api.identity import signed_in
from pim.api.linked_media import link_to
from pim.api.openapi.operation import Parameter
from pim.api.owners import check_owner
from pim.api.paging import Asked, address, asked_page, hal_page, parameters_of
from pim.api.past import AS_OF, asked_revision, structure_at
from pim.api.previewing import DRAFT, reading_session
from pim.api.reading import Reading, asked_reading
from pim.api.structure import Resource
from pim.api.structure_words import WORDS
from pim.api.values import in_reading
from pim.api.writing import write_one, written
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog import store as catalog_store
from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.filter_linked import LinkedPage, linked_page, parse_linked_search
from pim.catalog.filters import read_search
from pim.catalog.model import ASSET, RECORD, Document, Entity, OwnedAttribute
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.linked_as_of import all_linked_as_of, linked_as_of
from pim.versioning.model import Edit

AnyRequest = Request[Any, Any, Any]

RESOURCES = [
    Resource("/reference-entities/{reference_entity:str}/records", RECORD),
    Resource("/asset-families/{asset_family:str}/assets", ASSET),
]

_READING = (
    Parameter("channel", "A channel: only its values, in its locales"),
    Parameter("locales", "Only values of these locales, separated by commas"),
    AS_OF,
    DRAFT,
)


def routes_of(resource: Resource) -> list[ControllerRouterHandler]:
    """List, batch, create, get, history, upsert and delete."""
    one, words = resource.path + "/{code:str}", WORDS[resource.kind]

    @get(resource.path, sync_to_thread=True, operation=words.list_all(*_READING))
    def list_all(request: AnyRequest, state: State) -> Response[bytes]:
        return _list(request, state, resource)

    @patch(resource.path, sync_to_thread=True, request_max_body_size=LARGEST_BODY, operation=words.upsert_many())
    def upsert_many(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
        owner = _owner(request, state, resource)
        return answer_array(request, state, body, resource.kind, lambda document: resource.edit(document, owner))

    @post(resource.path, sync_to_thread=True, operation=words.create())
    def create(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner = _owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner)
        _, refusal = write_one(request, state, replace(edit, must="create"))
        return refusal or written(201, address(request, resource.at(owner), edit.code or ""))

    @get(one, sync_to_thread=True, operation=words.get_one(*_READING, errors=(422,)))
    def get_one(request: AnyRequest, state: State) -> Response[Any]:
        return _get_one(request, state, resource)

    @get(one + HISTORY, sync_to_thread=True, operation=history_of(words))
    def get_history(request: AnyRequest, state: State) -> Response[bytes]:
        code, owner = request.path_params["code"], resource.owner(request.path_params)
        named = Edit(resource.kind, code, owner=owner)
        return answer_history(request, state, named, resource.at(owner), f"{code}{HISTORY}")

    @patch(one, sync_to_thread=True, operation=words.upsert_one())
    def upsert_one(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner = _owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner, request.path_params["code"])
        outcome, refusal = write_one(request, state, edit)
        status = 201 if outcome.status == "created" else 204
        return refusal or written(status, address(request, resource.at(owner), edit.code or ""))

    @delete(one, sync_to_thread=True, status_code=200, operation=words.delete_one())
    def delete_one(request: AnyRequest, state: State) -> Response[Any]:
        owner = _owner(request, state, resource)
        _, refusal = write_one(request, state, Edit(resource.kind, request.path_params["code"], owner=owner))
        return refusal or Response(None, status_code=204)

    return [list_all, upsert_many, create, get_one, get_history, upsert_one, delete_one]


ROUTES: list[ControllerRouterHandler] = [route for resource in RESOURCES for route in routes_of(resource)]


def _owner(request: AnyRequest, state: State, resource: Resource) -> str:
    """Raises NotFound for a reference entity or an asset family that is not there."""
    database: Database = state.database
    with database.snapshot_session() as session:
        return _owner_in(store.current_structure(session), request, resource)


def _owner_in(structure: Structure, request: AnyRequest, resource: Resource) -> str:
    owner = resource.owner(request.path_params)
    check_owner(structure, resource.kind, owner)
    return owner


def _list(request: AnyRequest, state: State, resource: Resource) -> Response[bytes]:
    user = signed_in(request)
    parameters = parameters_of(request)
    asked = asked_page(parameters, only_cursors=True)
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        revision = asked_revision(session, parameters)
        structure = structure_at(session, revision)
        owner = _owner_in(structure, request, resource)
        reading = _reading(parameters, structure)
        search = parse_linked_search(parameters.get("search"), resource.kind, owner, structure)
        if revision is None:
            page = linked_page(session, search, after=asked.after, limit=asked.limit, with_count=asked.with_count)
        else:
            page = _past_page(session, resource.kind, owner, asked, parameters, revision)
    path = resource.at(owner)
    items = [
        {
            "_links": {"self": {"href": address(request, path, entity.code)}},
            **_document(request, entity, structure, reading, user),
        }
        for entity in page.entities
    ]
    last = page.entities[-1].code if page.entities else None
    shown = hal_page(request, path, asked, items, last, len(page.entities) == asked.limit, page.count)
    return Response(msgspec.json.encode(shown), media_type=JSON)


def _past_page(
    session: Session, kind: str, owner: str, asked: Asked, parameters: Mapping[str, str], revision: int
) -> LinkedPage:
    """Searched by code only: what they said then is in no index."""
    codes = _codes_only(parameters)
    if codes is None and asked.with_count:
        message = "Records and assets are not counted as of a revision, but for those searched by code; leave it out"
        raise InvalidInput([Violation("with_count", "not_with_as_of", message)])
    if codes is None:
        everything = all_linked_as_of(session, kind, owner, revision, asked.after or "")
        return LinkedPage(list(islice(everything, asked.limit)))
    there = linked_as_of(session, kind, owner, revision, codes)
    behind = [entity for entity in there if entity.code.encode() > (asked.after or "").encode()]
    return LinkedPage(behind[: asked.limit], len(there) if asked.with_count else None)


def _codes_only(parameters: Mapping[str, str]) -> set[str] | None:
    """What a search that was found right asks for; None for everything."""
    search = read_search(parameters.get("search"))
    if search.keys() - {"code"}:
        message = f"{', '.join(sorted(search.keys() - {'code'}))} cannot be asked as of a revision; search by `code`"
        raise InvalidInput([Violation("search", "not_with_as_of", message)])
    asked = search.get("code", [])
    named = [set(one["value"]) for one in ([asked] if isinstance(asked, dict) else asked)]
    return set.intersection(*named) if named else None


def _get_one(request: AnyRequest, state: State, resource: Resource) -> Response[Any]:
    user = signed_in(request)
    parameters = parameters_of(request)
    code = request.path_params["code"]
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        revision = asked_revision(session, parameters)
        structure = structure_at(session, revision)
        owner = _owner_in(structure, request, resource)
        reading = _reading(parameters, structure)
        if revision is None:
            found = catalog_store.linked_by_code(session, resource.kind, owner, [code])
        else:
            found = linked_as_of(session, resource.kind, owner, revision, [code])
    if not found:
        verb = "does not exist" if revision is None else f"did not exist at revision {revision}"
        raise NotFound(f"{resource.what.capitalize()} `{code}` {verb} in `{owner}`")
    matched = 0 if "draft" in parameters else found[0].revision
    return one_document(request, matched, _document(request, found[0], structure, reading, user))


def _reading(parameters: Mapping[str, str], structure: Structure) -> Reading:
    """By channel and locales, as for products, but that the dialect calls the scope `channel` here."""
    asked = {name: parameters[name] for name in ("locales",) if name in parameters}
    if "channel" in parameters:
        asked["scope"] = parameters["channel"]
    return asked_reading(asked, structure)


def _document(request: AnyRequest, entity: Entity, structure: Structure, reading: Reading, user: User) -> Document:
    attributes = structure.owned_attributes.get((entity.kind, entity.owner), {})
    values: Document = {}
    for code, entries in visible_locales(user, entity.document["values"]).items():
        shown = [_value(request, entry, attributes[code]) for entry in entries if in_reading(entry, reading)]
        if shown:
            values[code] = shown
    times = {"created": instant(entity.created), "updated": instant(entity.updated)}
    return {"code": entity.code, "values": values, **times}


def _value(request: AnyRequest, entry: Mapping[str, Any], attribute: OwnedAttribute) -> Document:
    """Numbers are texts in the dialect; files and links come with where they can be had."""
    data = entry["data"]
    value: Document = {"locale": entry["locale"], "channel": entry["scope"], "data": data}
    if attribute.type == "pim_catalog_number":
        value["data"] = str(data)
    if attribute.type in MEDIA_TYPES or attribute.prefix is not None:
        value["_links"] = link_to(request, attribute, data)
    return value
