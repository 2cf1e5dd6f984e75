"""The ordered feed of changes: a page at a time, an answer that waits for the next one, or a stream of events."""

import time
from functools import partial
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.types import ControllerRouterHandler

from pim.access.model import User
from pim.api.bodies import JSON
from pim.api.event_stream import EVENTS, event_stream, wait_for_nudge
from pim.api.identity import signed_in
from pim.api.links import link_to
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter
from pim.api.openapi.shapes import BOOLEAN, INTEGER, a_list, a_ref, an_object, or_null
from pim.api.openapi.wording import HISTORY
from pim.api.paging import address, asked_number, parameters_of
from pim.api.sight import sight_of
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.base.notifications import Notifications
from pim.catalog.model import Document
from pim.versioning import store
from pim.versioning.changes_feed import FeedEntry, FeedPage, Position, changes_feed, parse_position

PATH = "/changes"
LARGEST_LIMIT = 1000
LONGEST_WAIT = 60
"""Seconds."""

AnyRequest = Request[Any, Any, Any]


_CHANGE = an_object(
    {
        "_links": a_ref("Links"),
        "revision": {**INTEGER, "description": "That changed it last"},
        "op": {"enum": ["upsert", "delete"]},
        "kind": {**TEXT, "description": "`product`, `product_model`, `family`, …"},
        "code": or_null(TEXT),
        "owner": {**TEXT, "description": "The attribute of an option, the family of a variant"},
        "uuid": {**TEXT, "format": "uuid"},
    },
    optional=("_links", "owner", "uuid"),
)

_PAGE = an_object(
    {
        "_links": a_ref("PageLinks"),
        "after": {**TEXT, "description": "The place to go on from"},
        "head": {**INTEGER, "description": "The newest revision"},
        "more": {**BOOLEAN, "description": "Whether more is known already"},
        "_embedded": an_object({"items": a_list(_CHANGE)}),
    }
)

_AFTER = Parameter("after", "The place to go on from: the `after` of an earlier answer; 0 is the beginning", TEXT)

LIST_CHANGES = Operation(
    id="listChanges",
    tag=HISTORY,
    summary="List what has changed",
    description="In the order of revisions, each thing once, deletions as tombstones. Keep `after` and come again with "
    "it; with `wait` the answer comes as soon as there is something to tell.",
    parameters=[
        _AFTER,
        Parameter("limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": LARGEST_LIMIT, "default": 100}),
        Parameter("wait", "Seconds to wait for a change", {**INTEGER, "minimum": 0, "maximum": LONGEST_WAIT}),
    ],
    answers={200: sends(_PAGE, "What has changed, and where to go on")},
    errors=(410, 422),
)

STREAM_CHANGES = Operation(
    id="streamChanges",
    tag=HISTORY,
    summary="Follow what changes",
    description="Server-sent events: `upsert` and `delete`, each with a change as its data and the place behind it as "
    "its id, so a client that comes again with `Last-Event-ID` misses nothing. Ends after some minutes; come again.",
    parameters=[_AFTER, Parameter("Last-Event-ID", "The place to go on from", place="header")],
    answers={200: Answer("Events, for as long as the client listens", [Content(TEXT, "text/event-stream")])},
    errors=(410, 422),
)


@get(PATH, operation=LIST_CHANGES)
async def list_changes(request: AnyRequest, state: State) -> Response[bytes]:
    """What comes after a place, at once or, with `wait`, as soon as there is something."""
    parameters = parameters_of(request)
    problems: list[Violation] = []
    limit = asked_number(parameters, "limit", 100, problems, most=LARGEST_LIMIT)
    wait = asked_number(parameters, "wait", 0, problems, least=0, most=LONGEST_WAIT)
    after = _asked_position(parameters.get("after", "0"), problems)
    if problems:
        raise InvalidInput(problems)
    user = await to_thread.run_sync(signed_in, request)
    read = partial(_read, state.database, user, after, limit)
    page = await to_thread.run_sync(read)
    if not page.entries and wait:
        page = await _read_later(request, state, user, wait, read, page)
    return Response(msgspec.json.encode(_shown(request, page, after, limit)), media_type=JSON)


async def _read_later(
    request: AnyRequest, state: State, user: User, wait: int, read: "partial[FeedPage]", page: FeedPage
) -> FeedPage:
    """The page as soon as it has entries, the empty one when the time is up."""
    notifications: Notifications = state.notifications
    until = time.monotonic() + wait
    async with notifications.subscribe(store.REVISIONS, user.username) as subscription:
        while not page.entries:
            page = await to_thread.run_sync(read)
            left = until - time.monotonic()
            if page.entries or left <= 0 or not await wait_for_nudge(request, subscription, left):
                break
    return page


@get(PATH + EVENTS, sync_to_thread=True, operation=STREAM_CHANGES)
def stream_changes(request: AnyRequest, state: State) -> ServerSentEvent:
    """Every entry as an event whose id is the place behind it, so that a client that comes again goes on there. Without
    a place it begins with what comes next."""
    user = signed_in(request)
    problems: list[Violation] = []
    text = request.headers.get("last-event-id") or parameters_of(request).get("after")
    after = _asked_position(text, problems) if text is not None else None
    if problems:
        raise InvalidInput(problems)
    database: Database = state.database
    if after is None:
        with database.session() as session:
            after = Position(store.head_revision(session))
    _read(database, user, after, 1)  # a place that cannot be is told before the stream begins
    at = after

    def look() -> tuple[list[ServerSentEventMessage], bool]:
        nonlocal at
        page = _read(database, user, at, LARGEST_LIMIT)
        at = page.next
        return [_event(request, entry) for entry in page.entries], False

    return event_stream(state.notifications, store.REVISIONS, user.username, look)


def _asked_position(text: str, problems: list[Violation]) -> Position:
    try:
        return parse_position(text)
    except InvalidInput as error:
        problems += error.violations
        return Position(0)


def _read(database: Database, user: User, after: Position, limit: int) -> FeedPage:
    with database.snapshot_session() as session:
        sight = sight_of(user, store.current_structure(session))
        return changes_feed(session, after, limit, sight)


def _shown(request: AnyRequest, page: FeedPage, after: Position, limit: int) -> Document:
    def at(position: Position) -> Document:
        return {"href": f"{address(request, PATH)}?after={position}&limit={limit}"}

    return {
        "_links": {"self": at(after), "next": at(page.next)},
        "after": str(page.next),
        "head": page.head,
        "more": page.more,
        "_embedded": {"items": [_item(request, entry) for entry in page.entries]},
    }


def _item(request: AnyRequest, entry: FeedEntry) -> Document:
    link = link_to(request, entry.kind, entry.code, entry.owner, entry.uuid) if entry.op == "upsert" else None
    return {
        **({"_links": {"self": {"href": link}}} if link else {}),
        "revision": entry.revision,
        "op": entry.op,
        "kind": entry.kind,
        "code": entry.code,
        **({"owner": entry.owner} if entry.owner else {}),
        **({"uuid": str(entry.uuid)} if entry.uuid else {}),
    }


def _event(request: AnyRequest, entry: FeedEntry) -> ServerSentEventMessage:
    return ServerSentEventMessage(msgspec.json.encode(_item(request, entry)), entry.op, str(entry.at))


ROUTES: list[ControllerRouterHandler] = [list_changes, stream_changes]
