"""The vocabulary of answers: what operations send when it goes well, and every way in which they refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pim.api.bodies import COLLECTION
from pim.api.openapi.operation import TEXT, Answer, Content, Schema
from pim.api.openapi.shapes import a_list, a_page, a_ref

HEADERS: dict[str, tuple[str, Schema]] = {
    "ETag": ("Changes with whatever is sent; send it as If-Match or If-None-Match", TEXT),
    "Location": ("The address of what was written", {"type": "string", "format": "uri"}),
    "Asset-media-file-code": ("The code of the new file", TEXT),
    "Reference-entities-media-file-code": ("The code of the new file", TEXT),
    "Retry-After": ("Seconds to wait", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("How to ask with a token", TEXT),
    "Last-Modified": ("When these bytes were made", TEXT),
    "Cache-Control": ("How long caches may keep it", TEXT),
    "Content-Range": ("Which bytes of how many", TEXT),
    "Accept-Ranges": ("`bytes`", TEXT),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`name` is what it is called among the components."""

    name: str
    description: str
    headers: Sequence[str] = ()


ERRORS: dict[int, Refusal] = {
    400: Refusal("Unreadable", "What was sent is not of the format it should be: bad JSON, also in `search`"),
    401: Refusal("Unauthorized", "No access token, or one that is wrong or has expired", ["WWW-Authenticate"]),
    403: Refusal("Forbidden", "The user's role or limits do not allow it; `message` names the roles that would do"),
    404: Refusal("NotFound", "What the address or the search names does not exist, or is out of the user's sight"),
    406: Refusal("NotAcceptable", "`Accept` leaves no form that this can be sent in"),
    408: Refusal("TooSlow", "The body stopped coming"),
    409: Refusal("Conflict", "Something stands in the way: it exists already, or is in use; `message` says where"),
    410: Refusal("Gone", "What was there is not kept any more"),
    412: Refusal("PreconditionFailed", "Somebody was faster: it is no longer what `If-Match` names; read it again"),
    413: Refusal("TooLarge", "More than is taken at once; `message` says how much is"),
    415: Refusal("UnsupportedMediaType", "The `Content-Type` is none of those named here"),
    422: Refusal("Invalid", "It can be read, and breaks rules: `errors` names every part that is wrong"),
    429: Refusal("TooManyRequests", "Too many requests with one access token", ["Retry-After"]),
    500: Refusal("Mistake", "A mistake of the program, not of the request; `request_id` finds it in the log"),
    502: Refusal("BadGateway", "A service behind this one refused"),
    503: Refusal("Unavailable", "The database or the storage is away", ["Retry-After"]),
}


def sends(schema: str | Schema, description: str, example: Any = None) -> Answer:
    """One thing, as JSON."""
    return Answer(description, [Content(_schema(schema), example=example)])


def sends_tagged(schema: str | Schema, description: str) -> Answer:
    """One document with its ETag."""
    return Answer(description, [Content(_schema(schema))], ["ETag"])


def sends_page(schema: str | Schema, description: str) -> Answer:
    """A HAL page of such documents."""
    return Answer(description, [Content(a_page(_schema(schema)))])


UNCHANGED = Answer("It is still what `If-None-Match` names", headers=["ETag"])

EMPTY = Answer("Done; there is nothing to say", headers=[])


def writes(description: str, links: Mapping[str, Any] | None = None) -> Answer:
    """Empty, with the address of what was written."""
    return Answer(description, headers=["Location"], links=links or {})


BATCH = Answer("One line for each line sent, in its order, without a line break behind the last",
               [Content(a_list(a_ref("BatchLine")), COLLECTION)])  # fmt: skip

ARRAY = Answer("What became of each, in their order", [Content(a_list(a_ref("BatchLine")))])


def _schema(schema: str | Schema) -> Schema:
    return a_ref(schema) if isinstance(schema, str) else schema
