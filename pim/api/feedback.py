"""What those who got our feeds say of them: what is rejected where and why; and taking in their reports."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.access.permissions import PUBLISH
from pim.api import feedback_words as words
from pim.api.bodies import JSON
from pim.api.exports_shown import ONE, PATH, AnyRequest, asked_export
from pim.api.identity import needs, signed_in
from pim.api.paging import asked_number, asked_page, hal_page, parameters_of
from pim.api.query_pages import streamed
from pim.api.rejected_items import seen_issues
from pim.base.clock import now
from pim.base.errors import InvalidInput, Violation
from pim.base.installation import Installation
from pim.catalog.model import Document
from pim.delivery.feedback.places import LARGEST
from pim.delivery.feedback.state import feedback
from pim.delivery.feedback.tables import FeedbackReportRow
from pim.delivery.feedback.take_report import take_report


@get("/feedback", sync_to_thread=True, operation=words.LIST_ALL)
def list_all_feedback(request: AnyRequest, state: State) -> Response[bytes]:
    return _page(request, state, "/feedback", [])


@get(ONE + "/feedback", sync_to_thread=True, operation=words.LIST)
def list_feedback(request: AnyRequest, state: State) -> Response[bytes]:
    name = asked_export(request, state)
    return _page(request, state, f"{PATH}/{name}/feedback", [name])


@post(
    ONE + "/feedback", sync_to_thread=True, request_max_body_size=LARGEST, guards=[needs(PUBLISH)],
    operation=words.ADD,
)  # fmt: skip
def add_feedback(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """201 for a report that is new, 200 for one that was taken in before."""
    name, parameters = asked_export(request, state), parameters_of(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in words.KINDS:
        message = f"`{kind or 'none'}` is no type of a report; send one of: {', '.join(words.KINDS)}"
        raise HTTPException(message, status_code=415)
    taken = take_report(
        _here(state), name, bytes(body), name=parameters.get("name", "report"), by=signed_in(request).username,
        at=now(), format=parameters.get("format"), number=_number(parameters),
    )  # fmt: skip
    document = msgspec.json.encode(_report(taken.report))
    return Response(document, status_code=201 if taken.is_new else 200, media_type=JSON)


def _page(request: AnyRequest, state: State, path: str, exports: Sequence[str]) -> Response[bytes]:
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    here = _here(state)
    with here.database.snapshot_session() as session:
        narrowed = {name: parameters.get(name) for name in ("state", "severity", "item", "attribute")}
        issues: Iterator[Any] = feedback(here, session, exports, **narrowed)
        shown, last = streamed(seen_issues(session, signed_in(request), issues), asked)
    page = hal_page(request, path, asked, shown.rows, last, shown.more, shown.count)
    return Response(msgspec.json.encode(page), media_type=JSON)


def _report(row: FeedbackReportRow) -> Document:
    return {
        "report": row.id,
        "export": row.export,
        "publication": row.number,
        "revision": row.revision,
        "format": row.format,
        "name": row.name,
        "author": row.author,
        "received": row.received_at,
        "counts": row.counts,
    }


def _number(parameters: Mapping[str, str]) -> int | None:
    problems: list[Violation] = []
    number = asked_number(parameters, "publication", 0, problems) if "publication" in parameters else None
    if problems:
        raise InvalidInput(problems)
    return number


def _here(state: State) -> Installation:
    return Installation(state.settings, state.database, state.storage)


ROUTES: list[ControllerRouterHandler] = [list_all_feedback, list_feedback, add_feedback]
