"""What a request brings: JSON objects, and the media types it speaks and wants to hear."""

from collections.abc import Collection
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException

from pim.base.errors import InvalidInput, Unreadable, Violation, known
from pim.catalog.model import Document

JSON = "application/json"
COLLECTION = "application/vnd.akeneo.collection+json"
_ACCEPTED = {"*/*", "application/*", JSON, COLLECTION, "application/problem+json"}


def read_object(request: Request[Any, Any, Any], body: bytes) -> Document:
    """The body as one JSON object. Raises Unreadable, or HTTPException 415."""
    check_content_type(request, JSON)
    return as_object(body)


def read_options(request: Request[Any, Any, Any], body: bytes, names: Collection[str]) -> Document:
    """A body that may be left out, of an action. Raises InvalidInput naming every property nobody knows."""
    given = read_object(request, body) if body.strip() else {}
    problems = [
        Violation(name, "unknown_property", f'Property "{name}" does not exist; {known(names)}')
        for name in given
        if name not in names
    ]
    if problems:
        raise InvalidInput(problems)
    return given


def as_object(text: bytes) -> Document:
    """Raises Unreadable, which says where the text stops being JSON."""
    document = as_json(text)
    if not isinstance(document, dict):
        raise Unreadable(f"Invalid json message received: an object is needed, not {_named(document)}")
    return document


def as_json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"Invalid json message received: {error}") from error


def check_content_type(request: Request[Any, Any, Any], wanted: str) -> None:
    """Raises HTTPException 415. A request that names none is taken at its word, except for a collection."""
    written = request.headers.get("content-type", "")
    given = written.partition(";")[0].strip().lower()
    if given != wanted and (given or wanted != JSON):
        raise HTTPException(
            f"The media type `{given or 'none'}` is not supported here; send `Content-Type: {wanted}`", status_code=415
        )


def check_accept(request: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises HTTPException 406 when the client wants anything but JSON."""
    accept = request.headers.get("accept", "*/*")
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    if not any(kind in _ACCEPTED for kind in kinds if kind) and any(kinds):
        raise HTTPException(f"`{accept}` cannot be served; accept `{JSON}`", status_code=406)


def _named(document: Any) -> str:
    names = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}
    return names.get(type(document), "a number")


def read_comment(given: Document) -> str | None:
    """The option `comment` of a decision. Raises InvalidInput."""
    comment: Any = given.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise InvalidInput([Violation("comment", "wrong_type", f"`comment` is {comment!r}; write a text")])
    return comment
