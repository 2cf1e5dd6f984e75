"""What people decide about publications: they look at what differs, approve, reject, or go back; and who did."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.access.permissions import PUBLISH
from pim.api import export_decisions_words as words
from pim.api.bodies import JSON, read_comment, read_options
from pim.api.documents import instant
from pim.api.exports_shown import ONE, PATH, AnyRequest, asked_export, published
from pim.api.identity import needs, signed_in
from pim.api.paging import address, asked_number, asked_page, hal_page, parameters_of
from pim.api.query_pages import answer_page, listed, streamed
from pim.api.rejected_items import seen_differences
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import Document
from pim.exports.load import load_definition
from pim.syndication import store
from pim.syndication.approval import approve, reject
from pim.syndication.comparison import compared, differences, heading
from pim.syndication.rollback import roll_back
from pim.syndication.tables import DecisionRow, PublicationRow


@get(ONE + "/diff", sync_to_thread=True, operation=words.DIFF)
def get_diff(request: AnyRequest, state: State) -> Response[bytes]:
    """Of what waits against what is current, or of any two that are kept: a row an item or a field of one."""
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    name = asked_export(request, state)
    chosen = [_asked_publication(parameters, which) for which in ("publication", "against")]
    database: Database = state.database
    with database.snapshot_session() as session:
        definition = load_definition(state.settings.exports_folder / name)
        pair = compared(session, state.storage, definition, *chosen)
        everything = map(msgspec.to_builtins, differences(pair, parameters.get("file")))
        rows = seen_differences(session, signed_in(request), everything)
        shown, last = streamed(iter(rows), asked)
        told = heading(pair)
    page = hal_page(request, f"{PATH}/{name}/diff", asked, shown.rows, last, shown.more, shown.count)
    return Response(msgspec.json.encode({**told, **page}), media_type=JSON)


@post(ONE + "/approve", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=words.APPROVE)
def approve_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """What waits goes out as it was checked."""
    given = read_options(request, body, ("publication", "comment"))
    number, comment = _number(given, "publication"), read_comment(given)
    name, by = asked_export(request, state), signed_in(request).username
    return _shown(request, state, approve(state.database, state.storage, name, number, by=by, comment=comment))


@post(ONE + "/reject", sync_to_thread=True, status_code=200, guards=[needs(PUBLISH)], operation=words.REJECT)
def reject_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """What waits is thrown away."""
    given = read_options(request, body, ("publication", "comment"))
    number, comment = _number(given, "publication"), read_comment(given)
    name, by = asked_export(request, state), signed_in(request).username
    rejected = reject(state.database, state.storage, name, number, by=by, comment=comment)
    return Response(msgspec.json.encode({"export": name, "rejected": rejected.number}), media_type=JSON)


@post(ONE + "/rollback", sync_to_thread=True, guards=[needs(PUBLISH)], operation=words.ROLL_BACK)
def roll_back_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """To the publication that `to` names, by default the one before the current one, under a new number."""
    given = read_options(request, body, ("to", "comment"))
    to, comment = _number(given, "to"), read_comment(given)
    rolled = roll_back(
        state.database, state.storage, asked_export(request, state), to, by=signed_in(request).username, comment=comment
    )
    answer = _shown(request, state, rolled)
    answer.status_code = 201
    answer.headers["Location"] = address(request, PATH, rolled.export, "publications", str(rolled.number))
    return answer


@get(ONE + "/decisions", sync_to_thread=True, operation=words.DECISIONS)
def list_decisions(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first: who let what out, threw it away, or went back, when and why."""
    name = asked_export(request, state)
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.session() as session:
        page = listed(store.decisions(session, name), asked, key=lambda row: -(row.id or 0), after=lambda at: -int(at))
    return answer_page(request, f"{PATH}/{name}/decisions", asked, page, _decision, lambda row: row.id)


def _shown(request: AnyRequest, state: State, row: PublicationRow) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        document = published(request, session, row, state.settings)
    return Response(msgspec.json.encode(document), media_type=JSON)


def _decision(row: DecisionRow) -> Document:
    return {
        "publication": row.number,
        "verdict": row.verdict,
        "author": row.author,
        "decided": instant(row.decided_at),
        "held_because": row.held_because,
        "comment": row.comment,
    }


def _number(given: Document, name: str) -> int | None:
    number: Any = given.get(name)
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        message = f"`{name}` is {number!r}; write the number of a publication"
        raise InvalidInput([Violation(name, "wrong_type", message)])
    return number


def _asked_publication(parameters: dict[str, str], name: str) -> int | None:
    problems: list[Violation] = []
    number = asked_number(parameters, name, 0, problems) if name in parameters else None
    if problems:
        raise InvalidInput(problems)
    return number


ROUTES: list[ControllerRouterHandler] = [get_diff, approve_one, reject_one, roll_back_one, list_decisions]
