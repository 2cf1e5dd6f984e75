"""Deliveries and destinations over HTTP: what went where, every attempt, trying again, pausing and going on."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import col

from pim.access.permissions import PUBLISH
from pim.api import deliveries_words as words
from pim.api.bodies import JSON, read_comment, read_options
from pim.api.documents import instant
from pim.api.identity import needs, signed_in
from pim.api.paging import FARTHEST, address, asked_page, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, listed, sliced
from pim.base.clock import now
from pim.base.database import Database
from pim.catalog.model import Document
from pim.delivery import store
from pim.delivery.circuit import PAUSED_BY_HAND, pause, resume
from pim.delivery.destinations import DestinationState, destination_states, require_destination
from pim.delivery.retry import retry_delivery
from pim.delivery.tables import DeliveryAttemptRow, DeliveryRow

PATH, DESTINATIONS = "/deliveries", "/destinations"
ONE = PATH + "/{delivery_id:int}"
ONE_DESTINATION = DESTINATIONS + "/{export:str}/{destination:str}"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=words.LIST)
def list_deliveries(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first."""
    parameters = parameters_of(request)
    asked = asked_page(parameters, FARTHEST)
    before = cursor_numbers(asked, 1)
    query = store.deliveries(*(_listed(parameters, name) for name in ("export", "destination", "state")))
    database: Database = state.database
    with database.snapshot_session() as session:
        count = counted(session, query, asked)
        if before is not None:
            query = query.where(col(DeliveryRow.id) < before[0])
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    return answer_page(request, PATH, asked, page, partial(_document, request), attrgetter("id"))


@get(ONE, sync_to_thread=True, operation=words.GET)
def get_delivery(request: AnyRequest, state: State) -> Response[bytes]:
    """With its files, as they are called there, and every attempt."""
    database: Database = state.database
    with database.snapshot_session() as session:
        row = store.get_delivery(session, request.path_params["delivery_id"])
        attempts = store.attempts(session, row.id or 0)
    files = [_file(parcel, index < row.sent) for index, parcel in enumerate(row.files)]
    document = {**_document(request, row), "files": files, "attempts": [_attempt(one) for one in attempts]}
    return Response(msgspec.json.encode(document), media_type=JSON)


@post(ONE + "/retry", sync_to_thread=True, status_code=202, guards=[needs(PUBLISH)], operation=words.RETRY)
def retry_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    database: Database = state.database
    with database.session() as session:
        by = signed_in(request).username
        row = retry_delivery(session, request.path_params["delivery_id"], by=by, at=now())
    return Response(msgspec.json.encode(_document(request, row)), status_code=202, media_type=JSON)


@get(DESTINATIONS, sync_to_thread=True, operation=words.DESTINATIONS)
def list_destinations(request: AnyRequest, state: State) -> Response[bytes]:
    """Of all exports, in order of their names."""
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        everything = destination_states(session, state.settings)
    page = listed(everything, asked, _place, after=lambda cursor: tuple(cursor.split("/", 1)))
    cursor = lambda one: "/".join(_place(one))  # noqa: E731 - what the key is made of, as one text
    return answer_page(request, DESTINATIONS, asked, page, partial(_destination, request), cursor)


@post(ONE_DESTINATION + "/pause", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=words.PAUSE)
def pause_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    reason = read_comment(read_options(request, body, ("comment",))) or PAUSED_BY_HAND
    export, name = request.path_params["export"], request.path_params["destination"]
    require_destination(state.settings, export, name)
    database: Database = state.database
    with database.session() as session:
        pause(session, export, name, reason=reason, by=signed_in(request).username, at=now())
    return _shown(request, state, export, name)


@post(
    ONE_DESTINATION + "/resume", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=words.RESUME
)
def resume_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    export, name = request.path_params["export"], request.path_params["destination"]
    require_destination(state.settings, export, name)
    database: Database = state.database
    with database.session() as session:
        resume(session, export, name, by=signed_in(request).username, at=now())
    return _shown(request, state, export, name)


def _shown(request: AnyRequest, state: State, export: str, name: str) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        (one,) = [one for one in destination_states(session, state.settings, [export]) if one.name == name]
    return Response(msgspec.json.encode(_destination(request, one)), media_type=JSON)


def _listed(parameters: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in parameters.get(name, "").split(",") if one.strip()]


def _document(request: AnyRequest, row: DeliveryRow) -> Document:
    return {
        "_links": {"self": {"href": address(request, PATH, str(row.id))}},
        "id": row.id,
        "export": row.export,
        "destination": row.destination,
        "publication": row.number,
        "part": row.part or None,
        "revision": row.revision,
        "state": row.state,
        "file_count": len(row.files),
        "arrived_count": row.sent,
        "attempt_count": row.attempts,
        "error": row.error,
        "author": row.author,
        "created": instant(row.created_at),
        "next_attempt": instant(row.next_at) if row.next_at else None,
        "ended": instant(row.ended_at) if row.ended_at else None,
    }


def _file(parcel: Document, has_arrived: bool) -> Document:
    return {
        "name": parcel["name"],
        "of": [source["name"] for source in parcel.get("sources", ())],
        "bytes": parcel.get("bytes"),
        "sha256": parcel.get("sha256"),
        "has_arrived": has_arrived,
    }


def _attempt(row: DeliveryAttemptRow) -> Document:
    return {
        "started": instant(row.started_at),
        "seconds": row.seconds,
        "files": row.files,
        "bytes": row.bytes,
        "outcome": row.outcome,
        "answer": row.answer,
        "worker": row.worker,
    }


def _place(one: DestinationState) -> tuple[str, str]:
    return one.export, one.name


def _destination(request: AnyRequest, one: DestinationState) -> Document:
    paused = {"reason": one.paused.reason, "author": one.paused.author, "since": instant(one.paused.paused_at)} if (
        one.paused
    ) else None  # fmt: skip
    deliveries = f"{address(request, PATH)}?export={one.export}&destination={one.name}"
    return {
        "_links": {"deliveries": {"href": deliveries}},
        "export": one.export,
        "name": one.name,
        "transport": one.transport,
        "paused": paused,
    }


ROUTES: list[ControllerRouterHandler] = [
    list_deliveries,
    get_delivery,
    retry_one,
    list_destinations,
    pause_one,
    resume_one,
]
