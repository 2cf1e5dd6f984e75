"""Drafts over HTTP: edits that wait beside the catalogue, are reviewed, and are merged when they are applied."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import EDIT_PRODUCTS, PUBLISH, REVIEW, check_may
from pim.api import drafts_words as words
from pim.api.bodies import JSON, read_options
from pim.api.dialect_errors import told_each
from pim.api.drafts_shown import seen_draft, shown_conflict, shown_draft, shown_whole
from pim.api.identity import needs, signed_in
from pim.api.paging import address, asked_page, parameters_of
from pim.api.problems import dialect_problem
from pim.api.query_pages import answer_page, listed
from pim.api.reverting import Guard
from pim.api.writing import written
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.model import STRUCTURE_KINDS
from pim.syndication.run_export import export_names
from pim.versioning.catch_up_job import defer_catch_up
from pim.versioning.drafts import review, store
from pim.versioning.drafts.apply_draft import apply_draft, conflicts_of
from pim.versioning.drafts.edit_draft import edit_draft
from pim.versioning.drafts.resolve_draft import drop_edits, resolve_draft
from pim.versioning.drafts.schedule import parse_moment, schedule_draft, unschedule_draft
from pim.versioning.drafts.written_edits import read_edits

PATH = "/drafts"
ONE = PATH + "/{code:str}"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=words.LIST)
def list_drafts(request: AnyRequest, state: State) -> Response[bytes]:
    """In order of their names. Users who do not see everything see their own."""
    user, parameters = signed_in(request), parameters_of(request)
    asked = asked_page(parameters)
    states = [one for one in parameters.get("state", "").split(",") if one]
    author = parameters.get("author") if user.view.is_everything else user.username
    database: Database = state.database
    with database.snapshot_session() as session:
        rows = sorted(store.list_drafts(session, states, author), key=lambda row: row.code)
        page = listed(rows, asked, lambda row: row.code)
    return answer_page(request, PATH, asked, page, lambda row: shown_draft(request, PATH, row), lambda row: row.code)


@post(PATH, sync_to_thread=True, guards=[needs(EDIT_PRODUCTS)], operation=words.CREATE)
def create_one(request: AnyRequest, state: State, body: RawBody) -> Response[Any]:
    given = read_options(request, body, ("code", "reason"))
    code, reason = _text(given, "code"), _text(given, "reason", needed=False)
    database: Database = state.database
    with database.session() as session:
        store.create_draft(session, code or "", signed_in(request).username, now(), reason)
    return written(201, address(request, PATH, code or ""))


@get(ONE, sync_to_thread=True, operation=words.GET)
def get_one(request: AnyRequest, state: State) -> Response[bytes]:
    """With its edits and with what was done with it."""
    user = signed_in(request)
    database: Database = state.database
    with database.snapshot_session() as session:
        answer = shown_whole(request, PATH, session, user, seen_draft(session, user, _code(request)))
    return Response(msgspec.json.encode(answer), media_type=JSON)


@delete(ONE, sync_to_thread=True, status_code=204, guards=[needs(EDIT_PRODUCTS)], operation=words.DELETE)
def delete_one(request: AnyRequest, state: State) -> None:
    user = signed_in(request)
    database: Database = state.database
    with database.session() as session:
        if seen_draft(session, user, _code(request)).author != user.username:
            check_may(user, REVIEW)
        review.delete_draft(session, _code(request))


@post(ONE + "/edits", sync_to_thread=True, status_code=200, guards=[needs(EDIT_PRODUCTS)], operation=words.EDIT)
def edit_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """All of the edits or, with everything that is wrong, none. Whoever may not make one in the catalogue may not make
    it in a draft."""
    given = read_options(request, body, ("edits",))
    edits = given.get("edits")
    if not isinstance(edits, list) or not edits:
        raise InvalidInput([Violation("edits", "wrong_type", "`edits` is a list of edits, one at least")])

    def act(session: Session, user: User, code: str) -> None:
        guard = Guard(session, user, state)
        edit_draft(session, code, read_edits(edits), user.username, now(), guard.used, guard.allowed)

    return _after(request, state, act)


@delete(
    ONE + "/edits/{number:int}",
    sync_to_thread=True,
    status_code=200,
    guards=[needs(EDIT_PRODUCTS)],
    operation=words.DROP,
)
def drop_one(request: AnyRequest, state: State) -> Response[bytes]:
    number: int = request.path_params["number"]
    return _after(request, state, lambda session, user, code: drop_edits(session, code, [number], user.username, now()))


@get(ONE + "/conflicts", sync_to_thread=True, operation=words.CONFLICTS)
def get_conflicts(request: AnyRequest, state: State) -> Response[bytes]:
    """What would keep it from being applied now."""
    user = signed_in(request)
    database: Database = state.database
    with database.session() as session:
        draft = seen_draft(session, user, _code(request))
        found = conflicts_of(session, draft, now(), Guard(session, user, state).used)
        answer = {"conflicts": [shown_conflict(session, user, one) for one in found]}
    return Response(msgspec.json.encode(answer), media_type=JSON)


@post(ONE + "/resolve", sync_to_thread=True, status_code=200, guards=[needs(EDIT_PRODUCTS)], operation=words.RESOLVE)
def resolve_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    given = read_options(request, body, ("take", "edits"))
    take, numbers = _text(given, "take"), given.get("edits", [])
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        raise InvalidInput([Violation("edits", "wrong_type", "`edits` is a list of the numbers of edits in conflict")])

    def act(session: Session, user: User, code: str) -> None:
        used = Guard(session, user, state).used
        resolve_draft(session, code, take or "", numbers, user.username, now(), used)

    return _after(request, state, act)


@post(ONE + "/submit", sync_to_thread=True, status_code=200, guards=[needs(EDIT_PRODUCTS)], operation=words.SUBMIT)
def submit_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    comment = _comment(request, body)
    return _after(request, state, lambda s, user, code: review.submit_draft(s, code, user.username, now(), comment))


@post(ONE + "/approve", sync_to_thread=True, status_code=200, guards=[needs(REVIEW)], operation=words.APPROVE)
def approve_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    comment, by_others = _comment(request, body), state.settings.review_by_others

    def act(session: Session, user: User, code: str) -> None:
        review.approve_draft(session, code, user.username, now(), comment, by_others)

    return _after(request, state, act)


@post(ONE + "/reject", sync_to_thread=True, status_code=200, guards=[needs(REVIEW)], operation=words.REJECT)
def reject_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    comment = _comment(request, body)
    return _after(request, state, lambda s, user, code: review.reject_draft(s, code, user.username, now(), comment))


@post(ONE + "/comment", sync_to_thread=True, status_code=200, operation=words.COMMENT)
def comment_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    given = read_options(request, body, ("comment",))
    comment = _text(given, "comment") or ""
    return _after(request, state, lambda s, user, code: review.comment_draft(s, code, user.username, now(), comment))


@post(ONE + "/apply", sync_to_thread=True, status_code=200, guards=[needs(REVIEW)], operation=words.APPLY)
def apply_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """All of it or, with 409 and the draft `conflicted`, nothing."""
    read_options(request, body, ())
    user, code = signed_in(request), _code(request)
    database: Database = state.database
    with database.session() as session:
        seen_draft(session, user, code)
        done = apply_draft(session, code, user.username, now(), Guard(session, user, state).used)
        if any(change.kind in STRUCTURE_KINDS for change in done.changes):
            defer_catch_up(session, by=user.username)
        answer = shown_draft(request, PATH, done.draft)
    if not done.conflicts:
        return Response(msgspec.json.encode(answer), media_type=JSON)
    violations = [
        Violation(one.path, one.reason, one.message, one.attribute, one.locale, one.scope, f"{one.kind}/{one.code}")
        for one in done.conflicts
    ]
    message = f"draft `{code}` is in conflict with the catalogue, so nothing was written; see its `conflicts`"
    return dialect_problem(409, {}, message=message, errors=told_each(violations))


@post(
    ONE + "/schedule",
    sync_to_thread=True,
    status_code=200,
    guards=[needs(REVIEW), needs(PUBLISH)],
    operation=words.SCHEDULE,
)
def schedule_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    given = read_options(request, body, ("at", "until", "zone", "exports"))
    zone = _text(given, "zone", needed=False) or "UTC"
    starts_at, ends_at = (_moment(given, name, zone) for name in ("at", "until"))
    exports, there = given.get("exports", []), export_names(state.settings)
    if not isinstance(exports, list) or (unknown := [one for one in exports if one not in there]):
        shown = f"; there is no `{unknown[0]}`" if isinstance(exports, list) else ""
        raise InvalidInput([Violation("exports", "unknown", f"`exports` is a list of exports{shown}; {known(there)}")])

    def act(session: Session, user: User, code: str) -> None:
        schedule_draft(session, code, starts_at, exports, user.username, now(), ends_at)

    return _after(request, state, act)


@post(ONE + "/unschedule", sync_to_thread=True, status_code=200, guards=[needs(REVIEW)], operation=words.UNSCHEDULE)
def unschedule_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    return _after(request, state, lambda s, user, code: unschedule_draft(s, code, user.username, now()))


def _after(request: AnyRequest, state: State, act: Callable[[Session, User, str], Any]) -> Response[bytes]:
    """The draft as `act` leaves it."""
    user, code = signed_in(request), _code(request)
    database: Database = state.database
    with database.session() as session:
        seen_draft(session, user, code)
        act(session, user, code)
        answer = shown_draft(request, PATH, store.get_draft(session, code))
    return Response(msgspec.json.encode(answer), media_type=JSON)


def _code(request: AnyRequest) -> str:
    return str(request.path_params["code"])


def _comment(request: AnyRequest, body: bytes) -> str | None:
    return _text(read_options(request, body, ("comment",)), "comment", needed=False)


def _moment(given: dict[str, Any], name: str, zone: str) -> datetime | None:
    text = _text(given, name, needed=False)
    return None if text is None else parse_moment(text, zone, name)


def _text(given: dict[str, Any], name: str, needed: bool = True) -> str | None:
    text = given.get(name)
    if isinstance(text, str) or (text is None and not needed):
        return text
    raise InvalidInput([Violation(name, "wrong_type", f"`{name}` is a text")])


ROUTES: list[ControllerRouterHandler] = [
    list_drafts,
    create_one,
    get_one,
    delete_one,
    edit_one,
    drop_one,
    get_conflicts,
    resolve_one,
    submit_one,
    approve_one,
    reject_one,
    comment_one,
    apply_one,
    schedule_one,
    unschedule_one,
]
