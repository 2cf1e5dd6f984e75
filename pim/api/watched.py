"""What happens around every request, known or not: its id, its line in the log, its place in the metrics, and the
headers that every answer has."""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from pim.access.model import User
from pim.api.identity import USER
from pim.api.metrics import RequestMetrics

REQUEST_ID = "X-Request-ID"
UNKNOWN = "(none)"
"""The route of an address that leads nowhere: the address itself would be a metric for each typing mistake."""

PATIENCE = 30.0
"""Seconds that the next piece of a body may take to come."""

_SANE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_ALWAYS = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"no-referrer"}
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Of what says nothing itself: a picture or a document that somebody uploaded never becomes a script here."""

log = structlog.get_logger("pim.requests")


@dataclass(slots=True)
class _Seen:
    request_id: str
    began: float = field(default_factory=time.perf_counter)
    status: int = 500
    body_is_here: bool = False


class Watched:
    def __init__(self, answer: ASGIApp, metrics: RequestMetrics) -> None:
        self._answer, self._metrics = answer, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._answer(scope, receive, send)
            return
        seen = _Seen(_asked_id(scope["headers"]) or uuid4().hex)
        with structlog.contextvars.bound_contextvars(request_id=seen.request_id), self._metrics.in_flight():
            try:
                await self._answer(scope, _patient(receive, seen), _marking(send, scope, seen))
            finally:
                self._told(scope, seen)

    def _told(self, scope: HTTPScope, seen: _Seen) -> None:
        seconds = time.perf_counter() - seen.began
        route = scope.get("path_template") or UNKNOWN
        self._metrics.count(scope["method"], route, seen.status, seconds)
        user = scope["state"].get(USER)
        log.info(
            "request",
            method=scope["method"], path=scope["path"], route=route, status=seen.status,
            ms=round(seconds * 1000, 1), user=user.username if isinstance(user, User) else None,
            client=scope["client"][0] if scope["client"] else None,
        )  # fmt: skip


def _marking(send: Send, scope: HTTPScope, seen: _Seen) -> Send:
    """Sends what comes, with the headers that every answer has."""

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            headers = list(message["headers"])
            given = {name.lower() for name, _ in headers}
            more = {**_ALWAYS, REQUEST_ID.lower().encode(): seen.request_id.encode()}
            if not scope["path"].startswith("/feeds/"):  # what an export makes may be a page
                more[b"content-security-policy"] = _POLICY
            message["headers"] = [*headers, *((name, value) for name, value in more.items() if name not in given)]
        await send(message)

    return marked


def _patient(receive: Receive, seen: _Seen) -> Receive:
    """Waits for the next piece of a body, but not for ever; for the end of a connection as long as it takes."""

    async def received() -> Any:
        if seen.body_is_here:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            seen.body_is_here = True
            raise HTTPException(f"the body stopped coming; send it within {PATIENCE:g} s", status_code=408) from None
        seen.body_is_here = not message.get("more_body", False)
        return message

    return received


def _asked_id(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """What the client or a proxy calls the request, if that can stand in a log."""
    given = next((value for name, value in headers if name == REQUEST_ID.lower().encode()), b"")
    text = given.decode("latin-1")
    return text if _SANE_ID.fullmatch(text) else None
