"""Errors as HTTP answers, in one table. No traceback, no query string, ever.

The REST API tells them in its dialect's shape (`dialect_errors.py`), everything else as RFC 9457 problem documents.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError

from pim.api.dialect_errors import BASE, told, told_each
from pim.base.errors import (
    ConfigurationError,
    Conflict,
    DeliveryError,
    Gone,
    InvalidInput,
    ItemRejected,
    NotFound,
    NotPermitted,
    PimError,
    TemporaryFailure,
    Unreadable,
)
from pim.base.logs import bound_request_id

STATUSES: dict[type[PimError], int] = {
    InvalidInput: 422,
    ItemRejected: 422,
    Unreadable: 400,
    NotFound: 404,
    Gone: 410,
    Conflict: 409,
    NotPermitted: 403,
    TemporaryFailure: 503,
    DeliveryError: 502,
    ConfigurationError: 500,
    PimError: 500,
}

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger("pim.api")


def status_of(error: PimError) -> int:
    """That of the nearest type in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response[bytes]:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def speaks_dialect(path: str) -> bool:
    return path == BASE or path.startswith((f"{BASE}/", "/api/oauth/"))


def dialect_problem(status: int, headers: dict[str, str], **members: Any) -> Response[bytes]:
    body = msgspec.json.encode({"code": status, **members})
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _answer(request: Request[Any, Any, Any], status: int, message: str, headers: dict[str, str]) -> Response[bytes]:
    request_id = bound_request_id() if status >= 500 else None
    named = {"request_id": request_id} if request_id else {}
    if speaks_dialect(request.url.path):
        return dialect_problem(status, headers, message=message, **named)
    return problem(status, message, headers, **named)


def answer_ours(request: Request[Any, Any, Any], error: PimError) -> Response[bytes]:
    """What we raise on purpose: the message is for the caller, with every violation."""
    headers: dict[str, str] = {}
    if isinstance(error, TemporaryFailure):
        headers["Retry-After"] = str(max(1, round(error.retry_after or 5)))
    violations = error.violations if isinstance(error, InvalidInput | ItemRejected | Conflict) else []
    if speaks_dialect(request.url.path):
        if isinstance(error, Conflict) or not violations:
            members: dict[str, Any] = {"message": str(error)}
            members |= {"errors": told_each(violations)} if violations else {}
        else:
            members = told(violations)
        return dialect_problem(status_of(error), headers, **members)
    errors = {"errors": [_violation(violation) for violation in violations]} if violations else {}
    code = {"code": error.code} if isinstance(error, Gone) and error.code else {}
    return problem(status_of(error), str(error), headers, **code, **errors)


def answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework or a handler says in HTTP's own terms (404, 405, 401, …)."""
    headers = dict(error.headers or {})
    bare = error.detail.lower() == HTTPStatus(error.status_code).phrase.lower()
    explain = EXPLANATIONS.get(error.status_code) if bare else None
    return _answer(request, error.status_code, explain(request, headers) if explain else error.detail, headers)


def _no_such_path(request: Request[Any, Any, Any], headers: dict[str, str]) -> str:
    advice = f"; GET {BASE} lists every address" if speaks_dialect(request.url.path) else ""
    return f"`{request.url.path}` does not exist{advice}"


def _no_such_method(request: Request[Any, Any, Any], headers: dict[str, str]) -> str:
    return f"{request.method} does not work on `{request.url.path}`; allowed: {headers.get('allow', '-')}"


def _too_large(request: Request[Any, Any, Any], headers: dict[str, str]) -> str:
    most = request.route_handler.resolve_request_max_body_size() or 0
    return f"the body is too large; at most {most:,} bytes are read here, send less at a time"


EXPLANATIONS: dict[int, Callable[[Request[Any, Any, Any], dict[str, str]], str]] = {
    404: _no_such_path,
    405: _no_such_method,
    413: _too_large,
}
"""Status → what to say where the framework says no more than its name."""


def answer_database(request: Request[Any, Any, Any], error: OperationalError) -> Response[bytes]:
    log.error("the database is away: %s", error.orig)
    return _answer(request, 503, "the database is away; try again in a moment", {"Retry-After": "5"})


def answer_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _answer(request, 500, "this is a mistake of the program, not of the request; its log says more", {})


HANDLERS: dict[Any, Any] = {
    PimError: answer_ours,
    HTTPException: answer_http,
    OperationalError: answer_database,
    Exception: answer_bug,
}
"""For the application: a handler of a base class catches its subclasses."""


def _violation(violation: Any) -> dict[str, Any]:
    return {name: value for name in violation.__slots__ if (value := getattr(violation, name)) is not None}
