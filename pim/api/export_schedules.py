"""When an export runs by itself, how that went, and stopping it."""

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.access.permissions import PUBLISH
from pim.api.bodies import JSON, read_comment, read_options
from pim.api.exports_shown import ONE, AnyRequest, asked_export
from pim.api.exports_words import NAME
from pim.api.identity import needs, signed_in
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Content, Operation
from pim.api.openapi.shapes import NO_OPTIONS, an_object, of_struct
from pim.api.openapi.wording import EXPORTS
from pim.base.clock import now
from pim.base.database import Database
from pim.delivery.schedules.state import ScheduleState, pause, resume, schedule_state

_STATE = sends(of_struct(ScheduleState), "How it stands")

GET = Operation(
    id="getExportSchedule",
    tag=EXPORTS,
    summary="Get an export's schedule",
    description="When it runs by itself next, what made it run last and how that ended, what a run that is due waits "
    "for, and who paused it. 404 for an export without a schedule.",
    parameters=[NAME],
    answers={200: _STATE},
    errors=(404,),
)

PAUSE = Operation(
    id="pauseExport",
    tag=EXPORTS,
    summary="Pause an export",
    description="No run begins by itself until somebody resumes; what falls due meanwhile is passed over.",
    parameters=[NAME],
    body=[Content(an_object({"comment": TEXT}, optional=("comment",)), example={"comment": "The shop moves"})],
    body_required=False,
    answers={200: _STATE},
    errors=(404, 409, 422),
)

RESUME = Operation(
    id="resumeExport",
    tag=EXPORTS,
    summary="Resume an export",
    description="It runs by itself again, with what falls due from now on.",
    parameters=[NAME],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={200: _STATE},
    errors=(404, 409),
)


@get(ONE + "/schedule", sync_to_thread=True, operation=GET)
def get_schedule(request: AnyRequest, state: State) -> Response[bytes]:
    return _shown(state, asked_export(request, state))


@post(ONE + "/pause", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=PAUSE)
def pause_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    comment = read_comment(read_options(request, body, ("comment",)))
    name, database = asked_export(request, state), state.database
    with database.session() as session:
        pause(session, state.settings, name, signed_in(request).username, now(), comment)
    return _shown(state, name)


@post(ONE + "/resume", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=RESUME)
def resume_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    name, database = asked_export(request, state), state.database
    with database.session() as session:
        resume(session, state.settings, name, now())
    return _shown(state, name)


def _shown(state: State, name: str) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        document = schedule_state(session, state.settings, name, now())
    return Response(msgspec.json.encode(document), media_type=JSON)


ROUTES: list[ControllerRouterHandler] = [get_schedule, pause_one, resume_one]
