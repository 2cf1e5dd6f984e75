"""Jobs as people see them. How they reach a worker is in procrastinate's tables, under the same id."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class JobRow(SQLModel, table=True):
    """One piece of background work: who asked for what, how far it is, what came of it.

    `state` is queued, running, done, failed or cancelled. `arguments` hold no secrets. `done` of `total` (None: nobody
    knows) and `what` are the progress. `error` is for people; tracebacks are in the worker's log. `attempts` counts how
    often a worker began it, `worker` is the last one. `version` grows with every change: watchers remember it.
    """

    __tablename__ = "job"
    __table_args__ = (Index("job_author", "author", "id"), Index("job_state", "state", "id"))

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str
    queue: str
    arguments: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    author: str = Field(sa_type=BYTEWISE)
    state: str
    done: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    total: int | None = Field(default=None, sa_column=Column(BigInteger))
    what: str = ""
    result: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    error: str | None = None
    attempts: int = 0
    worker: str | None = None
    cancel_requested: bool = False
    version: int = 1
    created: datetime = Field(sa_type=INSTANT)
    started: datetime | None = Field(default=None, sa_type=INSTANT)
    finished: datetime | None = Field(default=None, sa_type=INSTANT)
