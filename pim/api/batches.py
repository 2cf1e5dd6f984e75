"""Many documents in one request, one a line or as an array; answered alike, each with its own status.

All documents make one changeset. Later ones see earlier ones; a bad one harms no other.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from pim.api.bodies import COLLECTION, JSON, as_json, as_object, check_content_type
from pim.api.dialect_errors import status_of_outcome, told, told_outcome
from pim.api.identity import signed_in
from pim.api.writing import commit
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotPermitted, Unreadable, Violation
from pim.catalog.model import Document
from pim.versioning.model import Edit, Outcome

MOST_LINES = 100
LONGEST_LINE = 1_000_000
"""In characters."""

LARGEST_BODY = MOST_LINES * (4 * LONGEST_LINE + 2)

EditOf = Callable[[Document], Edit]
"""What a line asks for. Raises InvalidInput when it contradicts itself or its address."""


def answer_batch(
    request: Request[Any, Any, Any], state: State, body: bytes, kind: str, key: str, edit_of: EditOf
) -> Response[bytes]:
    """`key` is the property that names a document: `identifier`, `uuid` or `code`."""
    check_content_type(request, COLLECTION)
    answers: list[Document] = []
    edits: dict[int, Edit] = {}
    for n, line in enumerate(_lines(body)):
        answers.append({"line": n + 1})
        refusal, edit = _read(line, key, edit_of, answers[n])
        if edit is not None:
            edits[n] = edit
        else:
            answers[n] |= refusal
    _commit_into(request, state, edits, answers)
    content = b"\n".join(msgspec.json.encode(answer) for answer in answers)
    return Response(content, status_code=200, media_type=COLLECTION)


def answer_array(
    request: Request[Any, Any, Any], state: State, body: bytes, kind: str, edit_of: EditOf
) -> Response[bytes]:
    """The other form of a batch that the dialect has: a JSON array of documents with codes, answered with an array."""
    if request.headers.get("content-type") != COLLECTION:  # as which clients in use send their array
        check_content_type(request, JSON)
    documents = as_json(body)
    if not isinstance(documents, list):
        raise Unreadable(f"Invalid json message received: an array is needed, with an object for each {_words(kind)}")
    if len(documents) > MOST_LINES:
        raise _too_many(len(documents))
    answers: list[Document] = [{} for _ in documents]
    edits: dict[int, Edit] = {}
    for n, document in enumerate(documents):
        code = document.get("code") if isinstance(document, dict) else None
        if not isinstance(code, str) or not code:
            missing = Violation("code", "required", f"Code is missing; `code` names the {_words(kind)}")
            answers[n] |= {"status_code": 422, **told([missing])}
            continue
        answers[n]["code"] = code
        try:
            edits[n] = edit_of(document)
        except InvalidInput as error:
            answers[n] |= {"status_code": 422, **told(error.violations)}
    _commit_into(request, state, edits, answers)
    return Response(msgspec.json.encode(answers), media_type=JSON)


def _commit_into(
    request: Request[Any, Any, Any], state: State, edits: Mapping[int, Edit], answers: list[Document]
) -> None:
    database: Database = state.database
    with database.session() as session:
        outcomes = commit(session, state, signed_in(request), list(edits.values()))
    for n, outcome in zip(edits, outcomes, strict=True):
        answers[n] |= told_line(outcome)


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _too_many(number: int) -> HTTPException:
    message = f"Too many resources to process, {MOST_LINES} is the maximum allowed; you sent {number}"
    return HTTPException(message, status_code=413)


def _lines(body: bytes) -> list[bytes]:
    lines = body.split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MOST_LINES:
        raise _too_many(len(lines))
    if not lines:
        raise HTTPException("Invalid json message received: send one JSON object a line", status_code=400)
    return lines


def _read(line: bytes, key: str, edit_of: EditOf, answer: Document) -> tuple[Document, Edit | None]:
    """The edit, or why there is none. `answer` gets the name that the line gives itself."""
    if len(line) > LONGEST_LINE and len(line.decode("utf-8", "replace")) > LONGEST_LINE:
        return {"status_code": 413, "message": f"Line is too long; at most {LONGEST_LINE:,} characters"}, None
    try:
        document = as_object(line)
    except Unreadable as error:
        return {"status_code": 400, "message": str(error)}, None
    name = document.get(key)
    if not isinstance(name, str) or not name.strip():
        return {"status_code": 422, "message": f"{key.capitalize()} is missing; every line names its `{key}`"}, None
    answer[key] = name
    try:
        return {}, edit_of(document)
    except InvalidInput as error:
        return {"status_code": 422, **told(error.violations)}, None


def told_line(outcome: Outcome | NotPermitted) -> Document:
    """Status, and what there is to say beside it."""
    if isinstance(outcome, NotPermitted):
        return {"status_code": 403, "message": str(outcome)}
    line: Document = {"status_code": status_of_outcome(outcome)}
    if outcome.refused:
        line |= told_outcome(outcome)
    if outcome.warnings:
        line["warnings"] = list(outcome.warnings)
    return line
