"""Background work over HTTP: what was asked for, how far it is, and asking for exports and imports by their codes."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.types import ControllerRouterHandler
from sqlalchemy import Select
from sqlmodel import col

from pim.access.model import User
from pim.access.permissions import ADMINISTER, EDIT_PRODUCTS, PUBLISH, may
from pim.api.bodies import JSON, read_options
from pim.api.documents import instant
from pim.api.event_stream import EVENTS, event_stream
from pim.api.identity import needs, signed_in
from pim.api.jobs_words import CANCEL, GET, LAUNCH_EXPORT, LAUNCH_IMPORT, LIST, STREAM
from pim.api.paging import FARTHEST, address, asked_page, is_true, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, sliced
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.jobs import cancel_job, store
from pim.base.jobs.model import CANCELLED, ENDED
from pim.base.jobs.tables import JobRow
from pim.catalog.model import Document
from pim.intake.import_job import defer_import
from pim.intake.inbox import keep_from_inbox
from pim.intake.sheets.store import find_mapping
from pim.syndication.export_job import defer_export_run
from pim.syndication.run_export import export_names

PATH = "/jobs"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=LIST)
def list_jobs(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first: one's own, or everybody's for administrators."""
    user = signed_in(request)
    parameters = parameters_of(request)
    asked = asked_page(parameters, FARTHEST)
    before = cursor_numbers(asked, 1)
    query = _wanted(parameters, user)
    database: Database = state.database
    with database.snapshot_session() as session:
        count = counted(session, query, asked)
        if before is not None:
            query = query.where(col(JobRow.id) < before[0])
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    return answer_page(request, PATH, asked, page, partial(_document, request), attrgetter("id"))


@get(PATH + "/{job_id:int}", sync_to_thread=True, operation=GET)
def get_one_job(request: AnyRequest, state: State) -> Response[bytes]:
    return Response(msgspec.json.encode(_document(request, _job(request, state))), media_type=JSON)


@post(PATH + "/{job_id:int}/cancel", sync_to_thread=True, operation=CANCEL)
def cancel_one_job(request: AnyRequest, state: State) -> Response[bytes]:
    """200 when it will never begin, 202 when it runs and stops in a moment."""
    job_id = _job(request, state).id
    database: Database = state.database
    with database.session() as session:
        row = cancel_job(session, job_id)
    status = 200 if row.state == CANCELLED else 202
    return Response(msgspec.json.encode(_document(request, row)), status_code=status, media_type=JSON)


@get(PATH + "/{job_id:int}" + EVENTS, sync_to_thread=True, operation=STREAM)
def stream_job(request: AnyRequest, state: State) -> ServerSentEvent | Response[None]:
    """The job at once and after each change, until it has ended. Whoever comes again is told only what is newer; when
    there will be nothing newer, the answer is 204, after which clients stop asking."""
    row, seen = _job(request, state), _number(request.headers.get("last-event-id", "0"))
    if row.state in ENDED and row.version <= seen:
        return Response(None, status_code=204)
    database: Database = state.database

    def look() -> tuple[list[ServerSentEventMessage], bool]:
        nonlocal seen
        with database.session() as session:
            now_at = store.get_job(session, row.id)
        if now_at.version <= seen:
            return [], False
        seen = now_at.version
        return [_event(request, now_at)], now_at.state in ENDED

    return event_stream(state.notifications, store.JOBS, signed_in(request).username, look)


@post(
    PATH + "/export/{code:str}",
    status_code=200,
    sync_to_thread=True,
    guards=[needs(PUBLISH)],
    operation=LAUNCH_EXPORT,
)
def launch_export(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """Runs the export of this name; with `full` without a look at what is published."""
    options = _options(request, body, ("full",))
    code: str = request.path_params["code"]
    if code not in (names := export_names(state.settings)):
        raise NotFound(f"Export `{code}` does not exist; {known(names)}")
    database: Database = state.database
    with database.session() as session:
        job_id = defer_export_run(session, [code], by=signed_in(request).username, full=options["full"])
    return launched(request, job_id)


@post(
    PATH + "/import/{code:str}",
    status_code=200,
    sync_to_thread=True,
    guards=[needs(EDIT_PRODUCTS)],
    operation=LAUNCH_IMPORT,
)
def launch_import(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """Takes in what lies in the inbox under this name, as it is now; a sheet by the column mapping of this name, if one
    is saved."""
    options = _options(request, body, ("dry_run",))
    code: str = request.path_params["code"]
    upload = keep_from_inbox(state.settings, state.storage, code)
    by = signed_in(request).username
    database: Database = state.database
    with database.session() as session:
        mapping = code if find_mapping(session, code) else None
        job_id = defer_import(session, upload, by=by, mapping=mapping, dry_run=options["dry_run"])
    return launched(request, job_id)


def launched(request: AnyRequest, job_id: int, status: int = 200) -> Response[bytes]:
    """The answer to whoever asked for a job: its id, and where to look for it."""
    headers = {"Location": address(request, PATH, str(job_id))}
    return Response(
        msgspec.json.encode({"execution_id": str(job_id)}), status_code=status, media_type=JSON, headers=headers
    )


def _job(request: AnyRequest, state: State) -> JobRow:
    """Raises NotFound for one that is not theirs to see."""
    user = signed_in(request)
    database: Database = state.database
    with database.session() as session:
        return store.get_job(session, request.path_params["job_id"], None if may(user, ADMINISTER) else user.username)


def _wanted(parameters: Mapping[str, str], user: User) -> Select[JobRow]:
    """What the query of a list asks for, within what its asker may see. Raises InvalidInput."""
    author = (parameters.get("author") or None) if may(user, ADMINISTER) else user.username
    return store.jobs_of(author, _listed(parameters, "state"), _listed(parameters, "kind"))


def _listed(parameters: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in parameters.get(name, "").split(",") if one.strip()]


def _options(request: AnyRequest, body: bytes, flags: tuple[str, ...]) -> dict[str, bool]:
    """The body of who launches a job: none, or an object of flags. Raises InvalidInput naming what nobody knows."""
    document = read_options(request, body, flags)
    problems: list[Violation] = []
    given = {name: str(document.get(name, False)) for name in flags}
    options = {name: is_true(given, name, problems) for name in flags}
    if problems:
        raise InvalidInput(problems)
    return options


def _number(text: str) -> int:
    """Of a place in a stream; 0 for what was never ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _document(request: AnyRequest, row: JobRow) -> Document:
    here = address(request, PATH, str(row.id))
    return {
        "_links": {"self": {"href": here}, "events": {"href": here + EVENTS}},
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "author": row.author,
        "arguments": row.arguments,
        "progress": {"done": row.done, "total": row.total, "what": row.what or None},
        "result": row.result,
        "error": row.error,
        "cancel_requested": row.cancel_requested,
        "attempts": row.attempts,
        "worker": row.worker,
        "created": instant(row.created),
        "started": instant(row.started) if row.started else None,
        "finished": instant(row.finished) if row.finished else None,
    }


def _event(request: AnyRequest, row: JobRow) -> ServerSentEventMessage:
    name = row.state if row.state in ENDED else "progress"
    return ServerSentEventMessage(msgspec.json.encode(_document(request, row)), name, row.version)


ROUTES: list[ControllerRouterHandler] = [
    list_jobs,
    get_one_job,
    cancel_one_job,
    stream_job,
    launch_export,
    launch_import,
]
