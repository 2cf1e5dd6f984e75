"""What products by identifier, products by uuid and product models have in common over HTTP: all but their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.model import User
from pim.api.batches import LARGEST_BODY, answer_batch
from pim.api.bodies import read_object
from pim.api.documents import product_documents
from pim.api.etags import one_document
from pim.api.history import HISTORY, answer_history
from pim.api.history_words import history_of, prices_of
from pim.api.identity import signed_in
from pim.api.index import BELOW
from pim.api.openapi.parameters import READING, SEARCH_PLACES
from pim.api.openapi.resource import ResourceWords
from pim.api.paging import FARTHEST, address, asked_page, hal_page, parameters_of
from pim.api.past import AS_OF, asked_revision, hidden_now, identifiers_at, structure_at, visible_at
from pim.api.past_pages import PastSight, find_past_page
from pim.api.previewing import DRAFT, reading_session
from pim.api.prices import PRICES, answer_prices
from pim.api.product_pages import find_page
from pim.api.reading import Reading, asked_reading
from pim.api.writing import find_entity, write_one, written
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.model import PRODUCT, Document, Resolved
from pim.catalog.store import resolve_all
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.as_of import entities_as_of, resolved_as_of
from pim.versioning.model import Edit

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Surface:
    """One way to address products or product models; `key` is the property that names one."""

    path: str
    kind: str
    key: str
    words: ResourceWords

    @property
    def by_uuid(self) -> bool:
        return self.key == "uuid"

    @property
    def what(self) -> str:
        return self.kind.replace("_", " ")

    def named(self, name: str) -> Edit:
        """A deletion of what goes by this name; other edits are made from it."""
        if not self.by_uuid:
            return Edit(self.kind, code=name)
        try:
            return Edit(self.kind, uuid=UUID(name))
        except ValueError:
            message = f"`{name}` is not a uuid; write it like 25566245-55c3-42ce-86d9-8610ac459fa8"
            raise InvalidInput([Violation("uuid", "wrong_type", message)]) from None

    def edit(self, document: Document, name: str | None = None) -> Edit:
        """The edit that a document asks for, addressed by itself or by `name`. Raises InvalidInput when they differ."""
        inside = document.get(self.key)
        if name is None:
            name = self.required_name(document)
        elif inside is not None and str(inside).lower() != name.lower() if self.by_uuid else inside not in (None, name):
            message = (
                f'The {self.key} "{inside}" provided in the request body must match the {self.key} "{name}" '
                "provided in the url."
            )
            raise InvalidInput([Violation(self.key, "differs_from_url", message)])
        edit = self.named(name)
        return Edit(edit.kind, edit.code, document, uuid=edit.uuid)

    def required_name(self, document: Document) -> str:
        name = document.get(self.key)
        if isinstance(name, str) and name:
            return name
        advice = "; products without one are written under products-uuid" if self.key == "identifier" else ""
        message = f"{self.key.capitalize()} is missing; `{self.key}` names the {self.what}{advice}"
        raise InvalidInput([Violation(self.key, "required", message)])


def routes_of(surface: Surface) -> list[ControllerRouterHandler]:
    """List, batch, create, get, upsert and delete."""
    one, words = surface.path + "/{name:path}", surface.words

    @get(surface.path, sync_to_thread=True, operation=words.list_all(*SEARCH_PLACES, *READING, AS_OF, DRAFT))
    def list_all(request: AnyRequest, state: State) -> Response[bytes]:
        return answer_list(request, state, surface, parameters_of(request))

    @patch(surface.path, sync_to_thread=True, request_max_body_size=LARGEST_BODY, operation=words.upsert_many())
    def upsert_many(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
        return answer_batch(request, state, body, surface.kind, surface.key, surface.edit)

    @post(surface.path, sync_to_thread=True, operation=words.create(must_name=not surface.by_uuid))
    def create(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        return _create(request, state, surface, body)

    told = [words.get_one(*READING, AS_OF, DRAFT, errors=(422,)), history_of(words), prices_of(words)]

    @get(one, sync_to_thread=True, opt={BELOW: (HISTORY, PRICES)}, operation=told)
    def get_one(request: AnyRequest, state: State) -> Response[Any]:
        name = _name(request)
        if name.endswith(PRICES):
            return answer_prices(request, state, surface.named(name.removesuffix(PRICES)))
        if name.endswith(HISTORY):
            return answer_history(request, state, surface.named(name.removesuffix(HISTORY)), surface.path, name)
        return _get_one(request, state, surface, name)

    @patch(one, sync_to_thread=True, operation=words.upsert_one())
    def upsert_one(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
        return _upsert(request, state, surface, body)

    @delete(one, sync_to_thread=True, status_code=200, operation=words.delete_one())
    def delete_one(request: AnyRequest, state: State) -> Response[Any]:
        edit = surface.named(_name(request))
        _, refusal = write_one(request, state, edit)
        return refusal or Response(None, status_code=204)

    return [list_all, upsert_many, create, get_one, upsert_one, delete_one]


def answer_list(request: AnyRequest, state: State, surface: Surface, parameters: Mapping[str, str]) -> Response[bytes]:
    user = signed_in(request)
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        revision = asked_revision(session, parameters)
        structure = structure_at(session, revision)
        asked = asked_page(parameters, FARTHEST)
        reading = asked_reading(parameters, structure)
        if revision is None:
            found = find_page(session, surface.kind, asked, parameters, reading.channel, user, structure)
        else:
            sight = PastSight(user, structure, reading.channel)
            found = find_past_page(session, surface.kind, asked, parameters, sight, revision)
        shown = _shown(session, structure, found.rows, reading, surface, user, revision)
    items = [
        {"_links": {"self": {"href": address(request, surface.path, document[surface.key])}}, **document}
        for _, document in shown
    ]
    last = str(found.rows[-1].entity.id) if found.rows else None
    page = hal_page(request, surface.path, asked, items, last, found.more, found.count)
    return Response(msgspec.json.encode(page), media_type="application/json")


def _shown(
    session: Session, structure: Structure, resolved: Sequence[Resolved], reading: Reading, surface: Surface,
    user: User, revision: int | None,
) -> list[tuple[Resolved, Document]]:  # fmt: skip
    """What the user may see of them."""
    current = store.current_structure(session)
    documents = product_documents(
        structure, resolved, reading, surface.by_uuid, lambda uuids: identifiers_at(session, uuids, revision)
    )
    shown = [(one, visible_at(user, structure, current, document)) for one, document in documents]
    return [(one, seen) for one, seen in shown if seen is not None]


def _create(request: AnyRequest, state: State, surface: Surface, body: RawBody) -> Response[Any]:
    """Under products-uuid the uuid may be left to us."""
    document = read_object(request, body)
    if surface.by_uuid and "uuid" not in document:
        edit = Edit(PRODUCT, patch=document, must="create")
    else:
        named = surface.edit(document)
        edit = Edit(named.kind, named.code, document, uuid=named.uuid, must="create")
    outcome, refusal = write_one(request, state, edit)
    name = str(outcome.uuid) if surface.by_uuid else outcome.code
    return refusal or written(201, address(request, surface.path, name))


def _get_one(request: AnyRequest, state: State, surface: Surface, name: str) -> Response[Any]:
    user = signed_in(request)
    parameters = parameters_of(request)
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        revision = asked_revision(session, parameters)
        structure = structure_at(session, revision)
        reading = asked_reading(parameters, structure)
        resolved = _named(session, surface.named(name), user, revision)
        shown = _shown(session, structure, resolved, reading, surface, user, revision)
    if not shown:
        verb = "does not exist" if revision is None else f"did not exist at revision {revision}"
        raise NotFound(f"{surface.what.capitalize()} `{name}` {verb} or you do not have permission to see it")
    one, document = shown[0]
    return one_document(request, 0 if "draft" in parameters else one.revision, document)


def _named(session: Session, named: Edit, user: User, revision: int | None) -> list[Resolved]:
    """One, or none."""
    if revision is None:
        entity = find_entity(session, named)
        return resolve_all(session, [entity] if entity else [])
    codes, uuids = ([named.code] if named.code else []), ([named.uuid] if named.uuid else [])
    entities = entities_as_of(session, named.kind, revision, codes, uuids)
    hidden = hidden_now(session, user, named.kind, [entity.id for entity in entities])
    return resolved_as_of(session, [entity for entity in entities if entity.id not in hidden], revision)


def _upsert(request: AnyRequest, state: State, surface: Surface, body: RawBody) -> Response[Any]:
    name = _name(request)
    edit = surface.edit(read_object(request, body), name)
    outcome, refusal = write_one(request, state, edit)
    status = 201 if outcome.status == "created" else 204
    return refusal or written(status, address(request, surface.path, name))


def _name(request: AnyRequest) -> str:
    """Names may hold slashes, which arrive as they are."""
    name = str(request.path_params["name"]).lstrip("/")
    if not name:
        raise HTTPException("the address names nothing", status_code=404)
    return name
