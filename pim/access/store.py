"""The queries of access: users and connections by name, tokens by digest."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from pim.access.model import User, reach_of
from pim.access.tables import ConnectionRow, TokenRow, UserRow


def user_row(session: Session, username: str) -> UserRow | None:
    return session.scalars(select(UserRow).where(col(UserRow.username) == username)).first()


def user_rows(session: Session) -> Sequence[UserRow]:
    return session.scalars(select(UserRow).order_by(col(UserRow.username))).all()


def connection_row(session: Session, code: str) -> ConnectionRow | None:
    return session.scalars(select(ConnectionRow).where(col(ConnectionRow.code) == code)).first()


def connection_of_client(session: Session, client_id: str) -> ConnectionRow | None:
    return session.scalars(select(ConnectionRow).where(col(ConnectionRow.client_id) == client_id)).first()


def connection_rows(session: Session) -> Sequence[ConnectionRow]:
    return session.scalars(select(ConnectionRow).order_by(col(ConnectionRow.code))).all()


def bearer_of(session: Session, access_digest: bytes) -> tuple[TokenRow, UserRow, ConnectionRow] | None:
    """One query, asked by every request."""
    query = (
        select(TokenRow, UserRow, ConnectionRow)
        .join(UserRow, col(UserRow.id) == col(TokenRow.user_id))
        .join(ConnectionRow, col(ConnectionRow.id) == col(TokenRow.connection_id))
        .where(col(TokenRow.access_digest) == access_digest)
    )
    found = session.execute(query).first()
    return (found[0], found[1], found[2]) if found else None


def lock_refresh_token(session: Session, refresh_digest: bytes) -> TokenRow | None:
    """Two who exchange the same token at once come one after the other."""
    return session.scalars(
        select(TokenRow).where(col(TokenRow.refresh_digest) == refresh_digest).with_for_update()
    ).first()


def delete_chain(session: Session, chain: UUID) -> None:
    session.execute(delete(TokenRow).where(col(TokenRow.chain) == chain))


def delete_tokens_of(session: Session, user_id: int) -> None:
    session.execute(delete(TokenRow).where(col(TokenRow.user_id) == user_id))


def delete_outdated(session: Session, at: datetime, limit: int = 100) -> None:
    """A few tokens that are of no use any more; those that somebody else deletes already are left to them."""
    outdated = (
        select(col(TokenRow.id)).where(col(TokenRow.refresh_until) < at).limit(limit).with_for_update(skip_locked=True)
    )
    session.execute(delete(TokenRow).where(col(TokenRow.id).in_(outdated)))


def as_user(row: UserRow) -> User:
    return User(row.id, row.username, frozenset(row.roles), reach_of(row.view), reach_of(row.edit))
