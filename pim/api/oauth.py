"""Tokens over HTTP (RFC 6749), with the statuses and words of the dialect: what is wrong with a grant is a 422."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from sqlmodel import Session

from pim.access.model import Grant, Refusal
from pim.access.rate_limit import RateLimit
from pim.access.tables import ConnectionRow
from pim.access.tokens import ACCESS_LIFETIME, connection_of, grant_by_password, grant_by_refresh_token
from pim.api.bodies import JSON
from pim.api.identity import too_many
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Content, Operation
from pim.api.openapi.shapes import INTEGER, NULL, an_object
from pim.api.openapi.wording import ACCESS
from pim.base.clock import now
from pim.base.database import Database

FORM = "application/x-www-form-urlencoded"
LARGEST = 16_384  # bytes

GRANTS = {"password": ("username", "password"), "refresh_token": ("refresh_token",)}
"""Grant type → what it needs."""

_CLIENT = {"client_id": TEXT, "client_secret": TEXT}

_GRANT = an_object(
    {"access_token": TEXT, "expires_in": {**INTEGER, "description": "Seconds"}, "token_type": {"const": "bearer"},
     "scope": NULL, "refresh_token": TEXT}
)  # fmt: skip

_ASKED = {
    "oneOf": [
        an_object({"grant_type": {"const": "password"}, "username": TEXT, "password": TEXT, **_CLIENT}, _CLIENT),
        an_object({"grant_type": {"const": "refresh_token"}, "refresh_token": TEXT, **_CLIENT}, _CLIENT),
    ]
}

_EXAMPLE = {"grant_type": "password", "username": "camille", "password": "correct horse battery"}

GRANT_TOKEN = Operation(
    id="grantToken",
    tag=ACCESS,
    summary="Ask for an access token",
    description="With HTTP Basic, client id and secret of a connection (or both in the body). The access token opens "
    "the API for an hour; the refresh token, good for 14 days and once, gets the next pair.",
    body=[Content(_ASKED, kind, _EXAMPLE) for kind in (JSON, FORM)],
    answers={200: sends(_GRANT, "Both tokens")},
    errors=(429,),
    security=[{"client": []}, {}],
)


@post("/api/oauth/v1/token", status_code=200, request_max_body_size=LARGEST, name="token", operation=GRANT_TOKEN)
async def grant_token(request: Request[Any, Any, Any], state: State) -> Response[Any]:
    """An access token for an hour and a refresh token for 14 days, in exchange for a password or a refresh token."""
    asked = _read(request.headers.get("content-type", ""), await request.body())
    client = _basic(request.headers.get("authorization", "")) or (asked.get("client_id"), asked.get("client_secret"))
    grant = await sync_to_thread(_exchange, state, client, asked)
    body = {
        "access_token": grant.access_token,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "token_type": "bearer",
        "scope": None,
        "refresh_token": grant.refresh_token,
    }
    return Response(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _exchange(state: State, client: tuple[str | None, str | None], asked: Mapping[str, str]) -> Grant:
    """A refusal is committed too: it may have ended a stolen sign-in."""
    database: Database = state.database
    with database.session() as session:
        connection = connection_of(session, client[0] or "", client[1] or "")
        if connection is None:
            raise _refused('Parameter "client_id" is missing or does not match any client, or secret is invalid')
        granted = _grant(session, connection, asked, state.sign_in_limit)
    if isinstance(granted, Refusal):
        raise _refused(granted.message)
    return granted


def _grant(session: Session, connection: ConnectionRow, asked: Mapping[str, str], limit: RateLimit) -> Grant | Refusal:
    grant_type = asked.get("grant_type", "")
    if grant_type not in GRANTS:
        return Refusal(f'Parameter "grant_type" is `{grant_type}`; it must be one of: {", ".join(GRANTS)}')
    if missing := [f'"{name}"' for name in GRANTS[grant_type] if not asked.get(name)]:
        return Refusal(f"Parameter {' and '.join(missing)} is missing or empty")
    if grant_type == "refresh_token":
        return grant_by_refresh_token(session, connection, asked["refresh_token"], now())
    key = (connection.id, asked["username"])
    if wait := limit.take(key):
        raise too_many(f"too many wrong passwords for user `{asked['username']}`", wait)
    granted = grant_by_password(session, connection, asked["username"], asked["password"], now())
    if isinstance(granted, Grant):
        limit.forget(key)
    return granted


def _read(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters, only those that are texts. Raises HTTPException 400 or 415."""
    kind = content_type.partition(";")[0].strip().lower() or JSON
    try:
        if kind == FORM:
            asked: Any = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
        elif kind == JSON:
            asked = msgspec.json.decode(body or b"{}")
        else:
            raise HTTPException(f"The `Content-Type` header is `{kind}`; send {JSON} or {FORM}", status_code=415)
    except ValueError as error:  # of msgspec, of UTF-8, of too many fields
        raise HTTPException("Invalid json message received", status_code=400) from error
    if not isinstance(asked, dict):
        raise HTTPException("the body must be one JSON object", status_code=400)
    return {name: text for name, text in asked.items() if isinstance(text, str) and "\0" not in text}


def _basic(header: str) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic; None for no or another header."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (client_id, secret) if "\0" not in client_id else ("", "")


def _refused(message: str) -> HTTPException:
    return HTTPException(message, status_code=422)
