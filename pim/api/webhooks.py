"""Webhooks over HTTP: who is told what, what they were told, and their secrets, each shown once."""

from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import col

from pim.access.permissions import ADMINISTER
from pim.api import webhooks_words as words
from pim.api.bodies import JSON, read_object, read_options
from pim.api.documents import instant
from pim.api.identity import needs, signed_in
from pim.api.paging import FARTHEST, address, asked_page, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, listed, sliced
from pim.base.clock import now
from pim.base.database import Database
from pim.catalog.model import Document
from pim.delivery.webhooks import store, subscribe
from pim.delivery.webhooks.tables import WebhookMessageRow, WebhookRow
from pim.delivery.webhooks.tell import TEST, tell_one
from pim.syndication.run_export import export_names

PATH = "/webhooks"
ONE = PATH + "/{webhook_id:int}"
_OURS = ("_links", "id", "paused", "author", "created")
"""What only we write: a document that was read may be sent back."""

AnyRequest = Request[Any, Any, Any]
ADMINISTRATORS = [needs(ADMINISTER)]


@get(PATH, sync_to_thread=True, guards=ADMINISTRATORS, operation=words.LIST)
def list_webhooks(request: AnyRequest, state: State) -> Response[bytes]:
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        page = listed(store.webhooks(session), asked, attrgetter("id"), after=_number)
    return answer_page(request, PATH, asked, page, partial(_document, request), attrgetter("id"))


@post(PATH, sync_to_thread=True, guards=ADMINISTRATORS, operation=words.CREATE)
def create_webhook(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """The one answer beside `renew-secret` that shows the secret."""
    database: Database = state.database
    with database.session() as session:
        document, by = _sent(request, body), signed_in(request).username
        row = subscribe.subscribe(session, document, export_names(state.settings), by=by, at=now())
    answer = _with_secret(request, row)
    answer.status_code = 201
    answer.headers["Location"] = address(request, PATH, str(row.id))
    return answer


@get(ONE, sync_to_thread=True, guards=ADMINISTRATORS, operation=words.GET)
def get_webhook(request: AnyRequest, state: State) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        row = store.get_webhook(session, request.path_params["webhook_id"])
    return Response(msgspec.json.encode(_document(request, row)), media_type=JSON)


@patch(ONE, sync_to_thread=True, guards=ADMINISTRATORS, operation=words.CHANGE)
def change_webhook(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    database: Database = state.database
    with database.session() as session:
        document, number = _sent(request, body), request.path_params["webhook_id"]
        row = subscribe.change(session, number, document, export_names(state.settings))
    return Response(msgspec.json.encode(_document(request, row)), media_type=JSON)


@delete(ONE, sync_to_thread=True, status_code=204, guards=ADMINISTRATORS, operation=words.DELETE)
def delete_webhook(request: AnyRequest, state: State) -> None:
    database: Database = state.database
    with database.session() as session:
        session.delete(store.get_webhook(session, request.path_params["webhook_id"]))


@post(ONE + "/renew-secret", sync_to_thread=True, status_code=200, guards=ADMINISTRATORS, operation=words.RENEW)
def renew_secret(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    database: Database = state.database
    with database.session() as session:
        row = subscribe.renew_secret(session, request.path_params["webhook_id"])
    return _with_secret(request, row)


@post(ONE + "/test", sync_to_thread=True, status_code=202, guards=ADMINISTRATORS, operation=words.TEST)
def test_webhook(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """Also one that is paused, so that one can see whether it hears again."""
    read_options(request, body, ())
    database: Database = state.database
    with database.session() as session:
        webhook = store.get_webhook(session, request.path_params["webhook_id"])
        message = tell_one(session, webhook, TEST, {"asked_by": signed_in(request).username}, now())
    return Response(msgspec.json.encode(_message(message)), status_code=202, media_type=JSON)


@get(ONE + "/messages", sync_to_thread=True, guards=ADMINISTRATORS, operation=words.MESSAGES)
def list_messages(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first."""
    asked, number = asked_page(parameters_of(request), FARTHEST), request.path_params["webhook_id"]
    before = cursor_numbers(asked, 1)
    query = store.messages(number)
    database: Database = state.database
    with database.snapshot_session() as session:
        store.get_webhook(session, number)
        count = counted(session, query, asked)
        if before is not None:
            query = query.where(col(WebhookMessageRow.id) < before[0])
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    return answer_page(request, f"{PATH}/{number}/messages", asked, page, _message, attrgetter("id"))


def _sent(request: AnyRequest, body: bytes) -> Document:
    return {name: value for name, value in read_object(request, body).items() if name not in _OURS}


def _number(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdigit() else 0


def _with_secret(request: AnyRequest, row: WebhookRow) -> Response[bytes]:
    return Response(msgspec.json.encode({**_document(request, row), "secret": row.secret}), media_type=JSON)


def _document(request: AnyRequest, row: WebhookRow) -> Document:
    here = address(request, PATH, str(row.id))
    return {
        "_links": {"self": {"href": here}, "messages": {"href": f"{here}/messages"}},
        "id": row.id,
        "url": row.url,
        "events": row.events,
        "exports": row.exports,
        "enabled": row.paused is None,
        "paused": row.paused,
        "author": row.author,
        "created": instant(row.created_at),
    }


def _message(row: WebhookMessageRow) -> Document:
    return {
        "id": row.id,
        "event": row.event,
        "body": row.body,
        "state": row.state,
        "attempts": row.attempts,
        "answer": row.answer,
        "created": instant(row.created_at),
        "next_attempt": instant(row.next_at) if row.next_at else None,
        "ended": instant(row.ended_at) if row.ended_at else None,
    }


ROUTES: list[ControllerRouterHandler] = [
    list_webhooks,
    create_webhook,
    get_webhook,
    change_webhook,
    delete_webhook,
    renew_secret,
    test_webhook,
    list_messages,
]
