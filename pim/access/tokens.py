"""Signing in: a password or a refresh token becomes a pair of tokens, an access token becomes its user (RFC 6749)."""

import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from pim.access import store
from pim.access.credentials import digest, is_password, is_secret, new_secret
from pim.access.model import Grant, Refusal, User
from pim.access.tables import ConnectionRow, TokenRow, UserRow

ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=14)

log = logging.getLogger("pim.access")


def connection_of(session: Session, client_id: str, secret: str) -> ConnectionRow | None:
    """The connection that knows its secret; None for any other."""
    connection = store.connection_of_client(session, client_id)
    if connection is None or not is_secret(secret, connection.secret_digest) or connection.disabled is not None:
        return None
    return connection


def grant_by_password(
    session: Session, connection: ConnectionRow, username: str, password: str, at: datetime
) -> Grant | Refusal:
    user = store.user_row(session, username)
    right = is_password(password, user.password_hash if user else None)
    if user is None or not right or user.disabled is not None:
        log.warning("sign-in refused: user %r through connection %r", username, connection.code)
        return Refusal("No user found for the given username and password; check both, or ask an administrator")
    return grant_tokens(session, user.id, connection.id, uuid4(), at)


def grant_by_refresh_token(session: Session, connection: ConnectionRow, token: str, at: datetime) -> Grant | Refusal:
    """Each refresh token works once. Offered a second time, somebody has stolen it: whatever came from the same
    sign-in ends (RFC 9700, 4.14.2). The caller commits, a refusal too."""
    found = store.lock_refresh_token(session, digest(token))
    if found is None or found.connection_id != connection.id or found.refresh_until <= at:
        return Refusal("Refresh token is invalid or has expired; sign in with username and password")
    if found.used is not None:
        log.warning("a refresh token was offered twice through connection %r; its sign-in is ended", connection.code)
        store.delete_chain(session, found.chain)
        return Refusal("Refresh token was used before, so its sign-in is ended; sign in with username and password")
    user = session.get(UserRow, found.user_id)
    if user is None or user.disabled is not None:
        return Refusal("The user of this refresh token is disabled; ask an administrator")
    found.used = at
    return grant_tokens(session, user.id, connection.id, found.chain, at)


def bearer(session: Session, access_token: str, at: datetime) -> tuple[int, User] | Refusal:
    """The token's id and its user."""
    found = store.bearer_of(session, digest(access_token))
    if found is None:
        return Refusal("The access token provided is invalid; get one from /api/oauth/v1/token")
    token, user, connection = found
    if token.access_until <= at:
        return Refusal("The access token provided has expired; exchange the refresh token for another")
    if user.disabled is not None or connection.disabled is not None:
        return Refusal("The user or connection of this access token is disabled; ask an administrator")
    return token.id, store.as_user(user)


def grant_tokens(session: Session, user_id: int, connection_id: int, chain: UUID, at: datetime) -> Grant:
    """A new pair for somebody who has proved to be that user. `chain` is of the sign-in it goes back to."""
    store.delete_outdated(session, at)
    grant = Grant(new_secret(), new_secret())
    row = TokenRow(
        chain=chain,
        user_id=user_id,
        connection_id=connection_id,
        access_digest=digest(grant.access_token),
        access_until=at + ACCESS_LIFETIME,
        refresh_digest=digest(grant.refresh_token),
        refresh_until=at + REFRESH_LIFETIME,
    )
    session.add(row)
    return grant
