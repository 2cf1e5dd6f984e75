"""Measurement families: listed whole, written as one JSON array, answered as one."""

from typing import Any

import msgspec
from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.batches import answer_array
from pim.api.bodies import JSON
from pim.api.documents import structure_document
from pim.api.identity import signed_in
from pim.base.database import Database
from pim.versioning import store
from pim.versioning.model import Edit

KIND = "measurement_family"


@get("/measurement-families", sync_to_thread=True)
def list_measurement_families(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    signed_in(request)
    database: Database = state.database
    with database.snapshot_session() as session:
        structure = store.current_structure(session)
    found = sorted(key for key in structure.entities if key[0] == KIND)
    documents = [structure_document(structure.entities[key], structure) for key in found]
    return Response(msgspec.json.encode(documents), media_type=JSON)


@patch("/measurement-families", sync_to_thread=True, status_code=200)
def write_measurement_families(request: Request[Any, Any, Any], state: State, body: RawBody) -> Response[bytes]:
    return answer_array(request, state, body, KIND, lambda document: Edit(KIND, document["code"], document))


ROUTES: list[ControllerRouterHandler] = [list_measurement_families, write_measurement_families]
