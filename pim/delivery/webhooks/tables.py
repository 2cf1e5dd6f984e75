"""Rows of webhooks: who wants to be told what, and what they were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import INSTANT


class WebhookRow(SQLModel, table=True):
    """A subscription. Empty `events` and `exports` mean all. `secret` signs what is sent; it is shown once. `paused`
    says why nothing is sent any more."""

    __tablename__ = "webhook"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    url: str
    events: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    exports: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    secret: str
    paused: str | None = None
    author: str
    created_at: datetime = Field(sa_type=INSTANT)


class WebhookMessageRow(SQLModel, table=True):
    """One event told to one webhook. `state` is waiting, delivered or failed; `answer` is the last."""

    __tablename__ = "webhook_message"
    __table_args__ = (Index("webhook_message_of", "webhook_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    webhook_id: int = Field(sa_column=Column(BigInteger, ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False))
    event: str
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str
    attempts: int = 0
    answer: str | None = None
    created_at: datetime = Field(sa_type=INSTANT)
    next_at: datetime | None = Field(default=None, sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
