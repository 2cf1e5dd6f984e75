"""Strong validators of one document: `"<revision>-<digest of what was sent>"`.

A write compares the revision alone: what the reader had trimmed away by query options may have changed as well.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from pim.catalog.model import Document

_ETAG = re.compile(r'"(\d+)-[0-9a-f]{16}"')


def etag_of(revision: int, body: bytes) -> str:
    return f'"{revision}-{blake2b(body, digest_size=8).hexdigest()}"'


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether If-None-Match says that the client has exactly this."""
    known = [one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def expected_revisions(headers: Mapping[str, str]) -> list[int] | None:
    """Revisions of which the document has to be one: None without If-Match, [] for `*` (any will do).

    Raises HTTPException 412 for tags that were never ours: nothing can match them."""
    written = headers.get("if-match")
    if written is None:
        return None
    if written.strip() == "*":
        return []
    revisions = [int(found[1]) for tag in written.split(",") if (found := _ETAG.fullmatch(tag.strip()))]
    if not revisions:
        raise HTTPException(
            f"If-Match `{written}` is no ETag of this document; read it again and send the ETag you got",
            status_code=412,
        )
    return revisions


def one_document(request: Request[Any, Any, Any], revision: int, document: Document) -> Response[Any]:
    """With its ETag, or a 304 when the client has it already."""
    body = msgspec.json.encode(document)
    headers = {"ETag": etag_of(revision, body)}
    if is_known(request.headers, headers["ETag"]):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
