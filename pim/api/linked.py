"""Records of reference entities and assets of asset families over HTTP.

As the dialect has it, batches are JSON arrays and lists have cursors only; values say `channel` for their scope.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.access.model import User
from pim.access.permissions import visible_locales
from pim.api.batches import LARGEST_BODY, answer_array
from pim.api.bodies import JSON, read_object
from pim.api.documents import instant
from pim.api.etags import one_document
from pim.api.identity import signed_in
from pim.api.linked_media import link_to
from pim.api.openapi.operation import Parameter
from pim.api.owners import check_owner
from pim.api.paging import address, asked_page, hal_page, parameters_of
from pim.api.reading import Reading, asked_reading
from pim.api.structure import Resource
from pim.api.structure_words import WORDS
from pim.api.values import in_reading
from pim.api.writing import write_one, written
from pim.base.database import Database
from pim.base.errors import NotFound
from pim.catalog import store as catalog_store
from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.filter_linked import linked_page, parse_linked_search
from pim.catalog.model import ASSET, RECORD, Document, Entity, OwnedAttribute
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.model import Edit

AnyRequest = Request[Any, Any, Any]

RESOURCES = [
    Resource("/reference-entities/{reference_entity:str}/records", RECORD),
    Resource("/asset-families/{asset_family:str}/assets", ASSET),
]

_READING = (
    Parameter("channel", "A channel: only its values, in its locales"),
    Parameter("locales", "Only values of these locales, separated by commas"),
)


def routes_of(resource: Resource) -> list[ControllerRouterHandler]:
    """List, batch, create, get, upsert and delete."""
    one, words = resource.path + "/{code:str}", WORDS[resource.kind]

    @get(resource.path, sync_to_thread=True, operation=words.list_all(*_READING))
    def list_all(request: AnyRequest, state: State) -> Response[bytes]:
        return _list(request, state, resource)

    @patch(resource.path, sync_to_thread=True, request_max_body_size=LARGEST_BODY, operation=words.upsert_many())
    def upsert_many(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
        owner, _ = _owner(request, state, resource)
        return answer_array(request, state, body, resource.kind, lambda document: resource.edit(document, owner))

    @post(resource.path, sync_to_thread=True, operation=words.create())
    def create(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner, _ = _owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner)
        _, refusal = write_one(request, state, replace(edit, must="create"))
        return refusal or written(201, address(request, resource.at(owner), edit.code or ""))

    @get(one, sync_to_thread=True, operation=words.get_one(*_READING, errors=(422,)))
    def get_one(request: AnyRequest, state: State) -> Response[Any]:
        return _get_one(request, state, resource)

    @patch(one, sync_to_thread=True, operation=words.upsert_one())
    def upsert_one(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner, _ = _owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner, request.path_params["code"])
        outcome, refusal = write_one(request, state, edit)
        status = 201 if outcome.status == "created" else 204
        return refusal or written(status, address(request, resource.at(owner), edit.code or ""))

    @delete(one, sync_to_thread=True, status_code=200, operation=words.delete_one())
    def delete_one(request: AnyRequest, state: State) -> Response[Any]:
        owner, _ = _owner(request, state, resource)
        _, refusal = write_one(request, state, Edit(resource.kind, request.path_params["code"], owner=owner))
        return refusal or Response(None, status_code=204)

    return [list_all, upsert_many, create, get_one, upsert_one, delete_one]


ROUTES: list[ControllerRouterHandler] = [route for resource in RESOURCES for route in routes_of(resource)]


def _owner(request: AnyRequest, state: State, resource: Resource) -> tuple[str, Structure]:
    """Raises NotFound for a reference entity or an asset family that is not there."""
    database: Database = state.database
    with database.snapshot_session() as session:
        structure = store.current_structure(session)
    owner = resource.owner(request.path_params)
    check_owner(structure, resource.kind, owner)
    return owner, structure


def _list(request: AnyRequest, state: State, resource: Resource) -> Response[bytes]:
    user = signed_in(request)
    owner, structure = _owner(request, state, resource)
    parameters = parameters_of(request)
    asked = asked_page(parameters, only_cursors=True)
    reading = _reading(parameters, structure)
    search = parse_linked_search(parameters.get("search"), resource.kind, owner, structure)
    database: Database = state.database
    with database.snapshot_session() as session:
        page = linked_page(session, search, after=asked.after, limit=asked.limit, with_count=asked.with_count)
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


def _get_one(request: AnyRequest, state: State, resource: Resource) -> Response[Any]:
    user = signed_in(request)
    owner, structure = _owner(request, state, resource)
    reading = _reading(parameters_of(request), structure)
    code = request.path_params["code"]
    database: Database = state.database
    with database.snapshot_session() as session:
        found = catalog_store.linked_by_code(session, resource.kind, owner, [code])
    if not found:
        raise NotFound(f"{resource.what.capitalize()} `{code}` does not exist in `{owner}`")
    return one_document(request, found[0].revision, _document(request, found[0], structure, reading, user))


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
