"""Sends a stored file in chunks: all that was announced, or a broken connection; never less in silence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from anyio import to_thread
from litestar import Request
from litestar.types import Receive, Scope, Send

from pim.api.representation import Decision, Representation, decide, headers_of
from pim.base.errors import NotFound
from pim.base.object_storage import ObjectStorage

CHUNK = 1 << 20
"""Of a local file: each chunk is a trip to a thread and back."""


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
    chunks = _chunks(storage, representation.key, decision.start, decision.end)
    return StoredFileAnswer(decision, headers, next(chunks, b""), chunks)


def _chunks(storage: ObjectStorage, key: str, start: int, end: int) -> Iterator[bytes]:
    """An open local file outlives its deletion, so a slow reader still gets all of an expired publication."""
    path = storage.local_path(key)
    return storage.read_range(key, start, end) if path is None else _of_file(path, start, end)


def _of_file(path: Path, start: int, end: int) -> Iterator[bytes]:
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError as exc:
        raise NotFound(f"the stored file {path.name} has gone") from exc
    with file:
        file.seek(start)
        left = end - start
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
