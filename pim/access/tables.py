"""Users, connections and tokens. What is secret is here as a hash only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class UserRow(SQLModel, table=True):
    """A person, or a program that signs in by name. `password_hash` is argon2id with its parameters.

    `view` and `edit` limit what the roles allow: `{"locales": ["fr_FR"]}`, see `access/model.py`.
    """

    __tablename__ = "pim_user"  # `user` is the connected role in PostgreSQL's own words

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    username: str = Field(sa_type=BYTEWISE, unique=True)
    password_hash: str
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    view: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    edit: dict[str, list[str]] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_type=INSTANT)
    disabled: datetime | None = Field(default=None, sa_type=INSTANT)


class ConnectionRow(SQLModel, table=True):
    """A program that asks for tokens on behalf of users. `secret_digest` is SHA-256 of 256 random bits."""

    __tablename__ = "connection"

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    code: str = Field(sa_type=BYTEWISE, unique=True)
    client_id: str = Field(sa_type=BYTEWISE, unique=True)
    secret_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created: datetime = Field(sa_type=INSTANT)
    disabled: datetime | None = Field(default=None, sa_type=INSTANT)


class TokenRow(SQLModel, table=True):
    """An access token with its refresh token. Those that came from one sign-in share a `chain`; `used` says when the
    refresh token was exchanged: offered again it is stolen, and the whole chain goes."""

    __tablename__ = "token"

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    chain: UUID = Field(index=True)
    user_id: int = Field(sa_column=Column(BigInteger, ForeignKey("pim_user.id"), nullable=False))
    connection_id: int = Field(sa_column=Column(BigInteger, ForeignKey("connection.id"), nullable=False))
    access_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    access_until: datetime = Field(sa_type=INSTANT)
    refresh_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    refresh_until: datetime = Field(sa_type=INSTANT, index=True)
    used: datetime | None = Field(default=None, sa_type=INSTANT)
