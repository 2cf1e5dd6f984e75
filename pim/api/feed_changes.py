"""What has changed in a feed since it was pulled: `GET /feeds/<export>/changes`, for those who keep a copy of it."""

import gzip
import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from pim.api.bodies import JSON
from pim.api.feeds import REVALIDATE, authorise
from pim.api.openapi.files import DESCRIBING
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter
from pim.api.openapi.parameters import IF_NONE_MATCH, in_path
from pim.api.openapi.shapes import BOOLEAN, INSTANT, INTEGER, a_list, an_object, or_null
from pim.api.openapi.wording import FEEDS
from pim.api.paging import asked_number, parameters_of
from pim.api.representation import Representation, decide, headers_of, wants_gzip
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation, known
from pim.exports.load import load_definition
from pim.syndication import store
from pim.syndication.delta import DeltaPage, delta_page, publications_of_feed

LARGEST_LIMIT = 1000
PARAMETERS = ("cursor", "limit", "file", "locale", "token")

_REV = {**INTEGER, "description": "The publication that says so; of two of one item the greater counts"}
_ITEM = {"id": TEXT, "kind": {"enum": ["product", "product_model"]}, "rev": _REV}

_UPSERT = an_object(
    {"op": {"const": "upsert"}, **_ITEM, "updated_at": or_null(INSTANT),
     "product": {"type": "object", "description": "The item in the feed's own fields"}}
)  # fmt: skip

_TOMBSTONE = an_object(
    {"op": {"const": "delete"}, **_ITEM, "deleted_at": or_null(INSTANT), "reason": {"enum": ["removed", "rejected"]}}
)

_PAGE = an_object(
    {
        "export": TEXT,
        "file": TEXT,
        "locale": or_null(TEXT),
        "publication": {**INTEGER, "description": "That these changes lead to"},
        "revision": {**INTEGER, "description": "Of the catalogue, that it shows"},
        "changes": a_list({"oneOf": [_UPSERT, _TOMBSTONE]}),
        "next_cursor": {**TEXT, "description": "To go on from, now or later"},
        "has_more": {**BOOLEAN, "description": "Whether there is more already"},
    }
)

PULL_CHANGES = Operation(
    id="pullFeedChanges",
    tag=FEEDS,
    summary="Pull what has changed in a feed",
    description="Each item once, as it is now or as a tombstone, in the order of the feed. Without a cursor everything "
    "comes. Come again with `next_cursor`; the SHA-256 of a file that was pulled is a cursor, too, and so is the one "
    "in the manifest of shards. A cursor is good for at least `cursor_days` (30 if the export says nothing) after "
    "its publication was replaced; then the answer is 410 with the code `cursor_expired`: pull the whole feed again.",
    parameters=[
        in_path("export", "The name of the export", "google_merchant"),
        Parameter("cursor", "`next_cursor` of an earlier answer, or the SHA-256 of the file"),
        Parameter("limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": LARGEST_LIMIT, "default": 100}),
        Parameter("file", "Which feed; by default that of the cursor, or the first of the export", example="fr_FR.xml"),
        Parameter("locale", "The first feed of this locale", example="fr_FR"),
        IF_NONE_MATCH,
    ],
    answers={
        200: Answer("What has changed, and where to go on", [Content(_PAGE)], DESCRIBING),
        304: Answer("It is still what the client has", headers=DESCRIBING),
    },
    errors=(401, 404, 410, 422),
    security=[{}, {"feed_token": []}, {"feed_token_in_query": []}],
)


@get("/feeds/{export:str}/changes", sync_to_thread=True, operation=PULL_CHANGES)
def pull_feed_changes(request: Request[Any, Any, Any], state: State, export: FromPath[str]) -> Response[bytes]:
    """As much of it as is asked for; under the feed's own token."""
    database: Database = state.database
    with database.snapshot_session() as session:
        current = store.require_current(session, export)
        authorise(request, current, state.environment)
        cursor, limit, file, locale = _asked(parameters_of(request))
        definition = load_definition(state.settings.exports_folder / export)
        feed = publications_of_feed(session, state.storage, definition, file, locale, cursor)
        page = delta_page(feed, cursor, limit)
    return _answer(request, page, "private, no-cache" if current.token else REVALIDATE, feed.current.current_at)


def _asked(parameters: dict[str, str]) -> tuple[str | None, int, str | None, str | None]:
    problems = [
        Violation(name, "unknown_parameter", f"parameter `{name}` does not exist; {known(PARAMETERS)}")
        for name in parameters
        if name not in PARAMETERS
    ]
    limit = asked_number(parameters, "limit", 100, problems, most=LARGEST_LIMIT)
    if problems:
        raise InvalidInput(problems)
    return parameters.get("cursor"), limit, parameters.get("file"), parameters.get("locale")


def _answer(request: Request[Any, Any, Any], page: DeltaPage, cache: str, modified: Any) -> Response[bytes]:
    """With a strong ETag of its bytes, which differs per encoding."""
    body = msgspec.json.encode(page)
    encoding = "gzip" if wants_gzip(request.headers.get("accept-encoding")) else None
    etag = hashlib.sha256(body).hexdigest()[:32] + (f"-{encoding}" if encoding else "")
    sent = gzip.compress(body, 5, mtime=0) if encoding else body
    representation = Representation("", len(sent), f'"{etag}"', JSON, modified, encoding)
    decision = decide("HEAD", request.headers, representation)  # no ranges: a page is asked for by its limit
    headers = headers_of(representation, decision, cache, vary=True)
    kept = {name: headers[name] for name in headers if name not in ("accept-ranges", "content-type", "content-length")}
    return Response(sent if decision.status == 200 else b"", status_code=decision.status, media_type=JSON, headers=kept)
