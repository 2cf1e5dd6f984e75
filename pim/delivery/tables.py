"""Rows of deliveries, their attempts, and the destinations that are paused."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class DeliveryRow(SQLModel, table=True):
    """One handing over of one publication to one destination; `part` names what is handed over when it is not the whole
    publication. The files and their names are fixed when it is planned: a retry sends the same ones.

    `state` is waiting, sending, delivered, failed (a person is asked) or superseded (a newer publication goes instead).
    `files` are `ParcelPlan`s, of which the first `sent` have arrived. `attempts` counts since somebody last asked for
    it, `round` how often it was sent once more after it had arrived. `next_at` is when it is due; `job_id` is the job
    that will see to it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_once", "export", "destination", "number", "part", unique=True),
        Index("delivery_state", "state", "next_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    export: str = Field(sa_type=BYTEWISE)
    destination: str = Field(sa_type=BYTEWISE)
    number: int
    part: str = Field(default="", sa_type=BYTEWISE)
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    state: str
    files: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    sent: int = 0
    attempts: int = 0
    round: int = 0
    error: str | None = None
    author: str
    job_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    created_at: datetime = Field(sa_type=INSTANT)
    next_at: datetime | None = Field(default=None, sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)


class ChangesSentRow(SQLModel, table=True):
    """The ids (`kind/code`) of the items of a delivery that holds only what has changed."""

    __tablename__ = "changes_sent"

    export: str = Field(sa_type=BYTEWISE, primary_key=True)
    number: int = Field(primary_key=True)
    destination: str = Field(sa_type=BYTEWISE, primary_key=True)
    items: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    planned_at: datetime = Field(sa_type=INSTANT)


class DeliveryAttemptRow(SQLModel, table=True):
    """One attempt at a delivery. `outcome` is None while it goes on; then delivered, try_again, failed or interrupted
    (its process ended). `answer` is what the other side said last, `seconds` how long it took."""

    __tablename__ = "delivery_attempt"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    delivery_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    started_at: datetime = Field(sa_type=INSTANT)
    seconds: float | None = None
    bytes: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    files: int = 0
    outcome: str | None = None
    answer: str | None = None
    worker: str


class PausedDestinationRow(SQLModel, table=True):
    """A destination to which nothing goes until a person resumes it, and why."""

    __tablename__ = "paused_destination"

    export: str = Field(sa_type=BYTEWISE, primary_key=True)
    destination: str = Field(sa_type=BYTEWISE, primary_key=True)
    reason: str
    author: str
    paused_at: datetime = Field(sa_type=INSTANT)
