"""Sends a stored file in chunks: all that was announced, or a broken connection; never less in silence."""

from collections.abc import Iterator, Mapping
from typing import Any

from anyio import to_thread
from litestar import Request
from litestar.types import Receive, Scope, Send

from pim.api.representation import Decision, Representation, decide, headers_of
from pim.base.object_storage import ObjectStorage


class StoredFileAnswer:
    """An ASGI answer. The first chunk is already read, so a missing file was noticed before the status was sent."""

    def __init__(self, decision: Decision, headers: Mapping[str, str], first: bytes, rest: Iterator[bytes]) -> None:
        self._decision, self._headers, self._first, self._rest = decision, headers, first, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": self._decision.status, "headers": raw})
        left = len(self._first)
        if self._decision.status in (200, 206) and self._first:
            left = self._decision.end - self._decision.start
        chunk = self._first
        while chunk and len(chunk) < left:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            left -= len(chunk)
            chunk = await to_thread.run_sync(next, self._rest, b"")
        if left != len(chunk):
            raise ConnectionError("the stored file ended before its announced length")
        await send({"type": "http.response.body", "body": chunk, "more_body": False})


def answer(
    request: Request[Any, Any, Any], storage: ObjectStorage, representation: Representation, cache: str, vary: bool
) -> StoredFileAnswer:
    """What the request's conditions and range ask for. Raises NotFound when the file has gone. A 304 and a HEAD read
    nothing."""
    decision = decide(request.method, request.headers, representation)
    headers = headers_of(representation, decision, cache, vary)
    if request.method == "HEAD" or decision.status in (304, 416) or decision.start == decision.end:
        return StoredFileAnswer(decision, headers, b"", iter(()))
    chunks = storage.read_range(representation.key, decision.start, decision.end)
    return StoredFileAnswer(decision, headers, next(chunks, b""), chunks)
