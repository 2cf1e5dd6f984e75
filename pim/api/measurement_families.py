"""Measurement families: listed whole, written as one JSON array, answered as one."""

from typing import Any

import msgspec
from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.batches import MOST_LINES, answer_array
from pim.api.bodies import JSON
from pim.api.documents import structure_document
from pim.api.identity import signed_in
from pim.api.openapi.answers import ARRAY, sends
from pim.api.openapi.operation import Content, Operation
from pim.api.openapi.shapes import a_list, a_ref
from pim.api.openapi.wording import MEASUREMENTS
from pim.api.paging import parameters_of
from pim.api.past import AS_OF, asked_revision, structure_at
from pim.api.previewing import DRAFT, reading_session
from pim.base.database import Database
from pim.versioning.model import Edit

KIND = "measurement_family"


_EXAMPLE = [
    {
        "code": "Loudness",
        "labels": {"en_GB": "Loudness"},
        "standard_unit_code": "DECIBEL",
        "units": {
            "DECIBEL": {"code": "DECIBEL", "symbol": "dB", "convert_from_standard": [{"operator": "mul", "value": "1"}]}
        },
    }
]

LIST = Operation(
    id="listMeasurementFamilies",
    tag=MEASUREMENTS,
    summary="List measurement families",
    description="All of them at once.",
    parameters=[AS_OF, DRAFT],
    answers={200: sends(a_list(a_ref("MeasurementFamily")), "Every measurement family with its units")},
    errors=(404, 422),
)

WRITE = Operation(
    id="upsertMeasurementFamilies",
    tag=MEASUREMENTS,
    summary="Create or update measurement families",
    description=f"At most {MOST_LINES}, all of them one changeset; each is taken or refused by itself.",
    body=[Content({**a_list(a_ref("MeasurementFamilyInput")), "maxItems": MOST_LINES}, JSON, _EXAMPLE)],
    answers={200: ARRAY},
)


@get("/measurement-families", sync_to_thread=True, operation=LIST)
def list_measurement_families(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    user, parameters = signed_in(request), parameters_of(request)
    database: Database = state.database
    with reading_session(database, user, parameters) as session:
        structure = structure_at(session, asked_revision(session, parameters))
    found = sorted(key for key in structure.entities if key[0] == KIND)
    documents = [structure_document(structure.entities[key], structure) for key in found]
    return Response(msgspec.json.encode(documents), media_type=JSON)


@patch("/measurement-families", sync_to_thread=True, operation=WRITE)
def write_measurement_families(request: Request[Any, Any, Any], state: State, body: RawBody) -> Response[bytes]:
    return answer_array(request, state, body, KIND, lambda document: Edit(KIND, document["code"], document))


ROUTES: list[ControllerRouterHandler] = [list_measurement_families, write_measurement_families]
