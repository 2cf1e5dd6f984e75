"""The catalogue's structure over HTTP: one table of resources, one set of handlers.

The dialect only reads locales and currencies, and knows groups only as codes; here they are written like the rest, so
that a catalogue can be built through the API from nothing. Deletions are ours too, refused while something needs what
would go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.batches import LARGEST_BODY, answer_batch
from pim.api.bodies import JSON, read_object
from pim.api.documents import structure_document
from pim.api.etags import one_document
from pim.api.identity import signed_in
from pim.api.linked_media import links_of
from pim.api.openapi.parameters import WITH_TABLE_SELECT_OPTIONS
from pim.api.owners import check_owner
from pim.api.paging import address, asked_page, is_true, parameters_of
from pim.api.past import AS_OF, asked_revision, structure_at
from pim.api.previewing import DRAFT, reading_session
from pim.api.query_pages import answer_page, listed
from pim.api.structure_words import WORDS
from pim.api.writing import write_one, written
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.filter_structure import parse_structure_search
from pim.catalog.model import OWNED_KINDS, Document, Entity, owner_fields, owner_of
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.model import Edit

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """`path` is that of the list; one inside another's has the fields that name its owner in it.

    `paging` is "pages" as the client asks, "cursors" only, "whole" for an array of all, or "whole or counted": some
    clients take that array for a page, and ask for a count, which only a page can have.
    """

    path: str
    kind: str
    paging: str = "pages"

    @property
    def what(self) -> str:
        return self.kind.replace("_", " ")

    def owner(self, path_params: Mapping[str, Any]) -> str:
        return owner_of(self.kind, path_params)

    def at(self, owner: str) -> str:
        path = self.path
        for field, name in owner_fields(self.kind, owner).items():
            path = path.replace(f"{{{field}:str}}", name)
        return path

    def edit(self, document: Document, owner: str, code: str | None = None) -> Edit:
        """The edit that a document asks for. Raises InvalidInput when it contradicts its address."""
        problems = [_differs("code", document["code"], code)] if document.get("code", code) != code and code else []
        for field, own in owner_fields(self.kind, owner).items():
            if document.get(field, own) != own:
                problems.append(_differs(field, document[field], own))
        name = code if code is not None else document.get("code")
        if not isinstance(name, str) or not name:
            message = f"Code is missing; `code` names the {self.what}"
            problems.append(Violation("code", "required", message))
        if problems:
            raise InvalidInput(problems)
        return Edit(self.kind, str(name), document, owner=owner)


RESOURCES = [
    Resource("/families", "family"),
    Resource("/families/{family:str}/variants", "family_variant"),
    Resource("/attributes", "attribute"),
    Resource("/attributes/{attribute:str}/options", "attribute_option"),
    Resource("/attribute-groups", "attribute_group"),
    Resource("/association-types", "association_type"),
    Resource("/channels", "channel"),
    Resource("/categories", "category"),
    Resource("/locales", "locale"),
    Resource("/currencies", "currency"),
    Resource("/group-types", "group_type"),
    Resource("/groups", "group"),
    Resource("/reference-entities", "reference_entity", "cursors"),
    Resource("/reference-entities/{reference_entity:str}/attributes", "reference_entity_attribute", "whole or counted"),
    Resource(
        "/reference-entities/{reference_entity:str}/attributes/{attribute:str}/options",
        "reference_entity_attribute_option",
        "whole",
    ),
    Resource("/asset-families", "asset_family", "cursors"),
    Resource("/asset-families/{asset_family:str}/attributes", "asset_family_attribute", "whole"),
    Resource(
        "/asset-families/{asset_family:str}/attributes/{attribute:str}/options",
        "asset_family_attribute_option",
        "whole",
    ),
]


def routes_of(resource: Resource) -> list[ControllerRouterHandler]:
    """List, batch, create, get, upsert and delete."""
    one, words = resource.path + "/{code:str}", WORDS[resource.kind]
    reading = (AS_OF, DRAFT, *((WITH_TABLE_SELECT_OPTIONS,) if resource.kind == "attribute" else ()))

    @get(resource.path, sync_to_thread=True, operation=words.list_all(*reading))
    def list_all(request: AnyRequest, state: State) -> Response[bytes]:
        return _list(request, state, resource)

    @patch(resource.path, sync_to_thread=True, request_max_body_size=LARGEST_BODY, operation=words.upsert_many())
    def upsert_many(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
        owner = _existing_owner(request, state, resource)
        return answer_batch(
            request, state, body, resource.kind, "code", lambda document: resource.edit(document, owner)
        )

    @post(resource.path, sync_to_thread=True, operation=words.create())
    def create(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner = _existing_owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner)
        _, refusal = write_one(request, state, replace(edit, must="create"))
        return refusal or written(201, address(request, resource.at(owner), edit.code or ""))

    @get(one, sync_to_thread=True, operation=words.get_one(*reading, errors=(422,)))
    def get_one(request: AnyRequest, state: State) -> Response[Any]:
        return _get_one(request, state, resource)

    @patch(one, sync_to_thread=True, operation=words.upsert_one())
    def upsert_one(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        owner = _existing_owner(request, state, resource)
        edit = resource.edit(read_object(request, body), owner, request.path_params["code"])
        outcome, refusal = write_one(request, state, edit)
        status = 201 if outcome.status == "created" else 204
        location = address(request, resource.at(owner), edit.code or "")
        return refusal or written(status, location)

    @delete(one, sync_to_thread=True, status_code=200, operation=words.delete_one())
    def delete_one(request: AnyRequest, state: State) -> Response[Any]:
        owner = _existing_owner(request, state, resource)
        edit = Edit(resource.kind, request.path_params["code"], owner=owner)
        _, refusal = write_one(request, state, edit)
        return refusal or written(204, address(request, resource.at(owner)))

    return [list_all, upsert_many, create, get_one, upsert_one, delete_one]


ROUTES: list[ControllerRouterHandler] = [route for resource in RESOURCES for route in routes_of(resource)]


def _list(request: AnyRequest, state: State, resource: Resource) -> Response[bytes]:
    user, parameters = signed_in(request), parameters_of(request)
    asked = asked_page(parameters, only_cursors=resource.paging == "cursors")
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        structure = structure_at(session, asked_revision(session, parameters))
    owner = _owner(request, structure, resource)
    keeps = parse_structure_search(parameters.get("search"), resource.kind, structure)
    entities = (entity for key, entity in structure.entities.items() if key[:2] == (resource.kind, owner))
    found = sorted(filter(keeps, entities), key=_byte_order)
    if resource.paging == "whole" or (resource.paging == "whole or counted" and not asked.with_count):
        return Response(msgspec.json.encode([structure_document(e, structure) for e in found]), media_type=JSON)
    path = resource.at(owner)
    with_options = _with_table_select_options(parameters)
    page = listed(found, asked, key=_byte_order, after=str.encode)
    return answer_page(
        request, path, asked, page, lambda entity: _item(request, path, entity, structure, with_options),
        attrgetter("code"),
    )  # fmt: skip


def _byte_order(entity: Entity) -> bytes:
    return entity.code.encode()


def _item(request: AnyRequest, path: str, entity: Entity, structure: Structure, with_options: bool) -> Document:
    links = {"self": {"href": address(request, path, entity.code)}, **links_of(request, entity)}
    return {"_links": links, **structure_document(entity, structure, with_options)}


def _with_table_select_options(parameters: Mapping[str, str]) -> bool:
    problems: list[Violation] = []
    asked = is_true(parameters, "with_table_select_options", problems)
    if problems:
        raise InvalidInput(problems)
    return asked


def _get_one(request: AnyRequest, state: State, resource: Resource) -> Response[Any]:
    user, parameters = signed_in(request), parameters_of(request)
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        structure = structure_at(session, asked_revision(session, parameters))
    owner = _owner(request, structure, resource)
    code = request.path_params["code"]
    entity = structure.entities.get((resource.kind, owner, code))
    if entity is None:
        raise NotFound(f"{resource.what.capitalize()} `{code}` does not exist")
    document = structure_document(entity, structure, _with_table_select_options(parameters))
    if links := links_of(request, entity):
        document = {"_links": links, **document}
    return one_document(request, 0 if "draft" in parameters else entity.revision, document)


def _existing_owner(request: AnyRequest, state: State, resource: Resource) -> str:
    if resource.kind not in OWNED_KINDS:
        return ""
    database: Database = state.database
    with database.snapshot_session() as session:
        return _owner(request, store.current_structure(session), resource)


def _owner(request: AnyRequest, structure: Structure, resource: Resource) -> str:
    """Raises NotFound for an owner (an attribute, a family, …) that is not there."""
    owner = resource.owner(request.path_params)
    check_owner(structure, resource.kind, owner)
    return owner


def _differs(name: str, inside: Any, outside: str) -> Violation:
    message = (
        f'The {name} "{inside}" provided in the request body must match the {name} "{outside}" provided in the url.'
    )
    return Violation(name, "differs_from_url", message)
