"""Users, connections and tokens. What is secret is here as a hash only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel


def _instant(nullable: bool = False, index: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable, index=index)


class UserRow(SQLModel, table=True):
    """A person, or a program that signs in by name. `password_hash` is argon2id with its parameters.

    `view` and `edit` limit what the roles allow: `{"locales": ["fr_FR"]}`, see `access/model.py`.
    """

    __tablename__ = "pim_user"  # `user` is the connected role in PostgreSQL's own words

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    username: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    password_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    view: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    edit: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_column=_instant())
    disabled: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class ConnectionRow(SQLModel, table=True):
    """A program that asks for tokens on behalf of users. `secret_digest` is SHA-256 of 256 random bits."""

    __tablename__ = "connection"

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    code: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    client_id: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    secret_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created: datetime = Field(sa_column=_instant())
    disabled: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class TokenRow(SQLModel, table=True):
    """An access token with its refresh token. Those that came from one sign-in share a `chain`; `used` says when the
    refresh token was exchanged: offered again it is stolen, and the whole chain goes."""

    __tablename__ = "token"

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    chain: UUID = Field(index=True)
    user_id: int = Field(sa_column=Column(BigInteger, ForeignKey("pim_user.id"), nullable=False))
    connection_id: int = Field(sa_column=Column(BigInteger, ForeignKey("connection.id"), nullable=False))
    access_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    access_until: datetime = Field(sa_column=_instant())
    refresh_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    refresh_until: datetime = Field(sa_column=_instant(index=True))
    used: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
