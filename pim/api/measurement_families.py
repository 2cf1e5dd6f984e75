"""Measurement families: listed whole, written as one JSON array, answered as one."""

from typing import Any

import msgspec
from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.batches import told_line
from pim.api.bodies import COLLECTION, JSON, as_json, check_content_type
from pim.api.dialect_errors import told
from pim.api.documents import structure_document
from pim.api.identity import signed_in
from pim.api.writing import commit
from pim.base.database import Database
from pim.base.errors import InvalidInput, Unreadable, Violation
from pim.catalog.model import Document
from pim.versioning import store
from pim.versioning.model import Edit

KIND = "measurement_family"
MOST = 100


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
    if request.headers.get("content-type") != COLLECTION:  # as which clients in use send their array
        check_content_type(request, JSON)
    documents = as_json(body)
    if not isinstance(documents, list):
        raise Unreadable("Invalid json message received: an array of measurement families is needed")
    if len(documents) > MOST:
        message = f"at most {MOST} measurement families are written at once; you sent {len(documents)}"
        raise InvalidInput([Violation("", "too_many", message)])
    answers: list[Document] = [{} for _ in documents]
    edits: dict[int, Edit] = {}
    for n, document in enumerate(documents):
        code = document.get("code") if isinstance(document, dict) else None
        if isinstance(code, str) and code:
            answers[n]["code"] = code
            edits[n] = Edit(KIND, code, document)
        else:
            missing = Violation("code", "required", "Code is missing; `code` names the measurement family")
            answers[n] |= {"status_code": 422, **told([missing])}
    database: Database = state.database
    with database.session() as session:
        outcomes = commit(session, state, signed_in(request), list(edits.values()))
    for n, outcome in zip(edits, outcomes, strict=True):
        answers[n] |= told_line(outcome)
    return Response(msgspec.json.encode(answers), media_type=JSON)


ROUTES: list[ControllerRouterHandler] = [list_measurement_families, write_measurement_families]
