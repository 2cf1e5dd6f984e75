"""Who asks: the bearer of an access token, found once a request, and what they may do."""

from collections.abc import Callable
from math import ceil
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, TooManyRequestsException
from litestar.handlers import BaseRouteHandler

from pim.access.model import Refusal, User
from pim.access.permissions import READ, check_may
from pim.access.tokens import bearer
from pim.base.clock import now
from pim.base.database import Database

Connection = ASGIConnection[Any, Any, Any, Any]
"""A request, before or in its handler."""

CHALLENGE = 'Bearer realm="pim"'
USER = "pim.user"
"""Where the state of a request keeps who asks."""


def needs(permission: str = READ) -> Callable[[Connection, BaseRouteHandler], None]:
    """A guard for routes: asked before the body is read, so strangers get 401 whatever they send."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        require(connection, permission)

    return guard


def require(request: Connection, permission: str = READ) -> User:
    """The user, who may do this. Answers 401 without a good token, 403 without the permission, 429 to the hasty."""
    user = signed_in(request)
    check_may(user, permission)
    return user


def current_user(request: Connection) -> str:
    """The name that the log keeps as author."""
    return signed_in(request).username


def signed_in(request: Connection) -> User:
    known = request.scope["state"].get(USER)
    if isinstance(known, User):
        return known
    token = _bearer_token(request.headers.get("authorization"))
    database: Database = request.app.state.database
    with database.session() as session:
        found = bearer(session, token, now())
    if isinstance(found, Refusal):
        raise _stranger(found.message, "invalid_token")
    token_id, user = found
    if wait := request.app.state.rate_limit.take(token_id):
        raise too_many("too many requests with one access token", wait)
    request.scope["state"][USER] = user
    return user


def too_many(message: str, wait: float) -> TooManyRequestsException:
    seconds = ceil(wait)
    return TooManyRequestsException(f"{message}; wait {seconds} s", headers={"Retry-After": str(seconds)})


def _bearer_token(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _stranger("Authentication is required; send `Authorization: Bearer` and an access token")
    return token.strip()


def _stranger(message: str, error: str = "") -> NotAuthorizedException:
    challenge = f'{CHALLENGE}, error="{error}"' if error else CHALLENGE
    return NotAuthorizedException(message, headers={"WWW-Authenticate": challenge})
