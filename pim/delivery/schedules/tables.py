"""Rows of exports that run by themselves: how far their schedules were followed, and what made them due."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class FollowedScheduleRow(SQLModel, table=True):
    """How far the schedule of an export was followed: its slots up to `slots_until`, drafts up to the revision
    `released_until`; imports count that ended after `imports_since`. `paused_by` is who stopped automatic runs."""

    __tablename__ = "followed_schedule"

    export: str = Field(sa_type=BYTEWISE, primary_key=True)
    slots_until: datetime = Field(sa_type=INSTANT)
    released_until: int = Field(sa_column=Column(BigInteger, nullable=False))
    imports_since: datetime = Field(sa_type=INSTANT)
    paused_by: str | None = None
    paused_at: datetime | None = Field(default=None, sa_type=INSTANT)
    pause_comment: str | None = None


class DueRunRow(SQLModel, table=True):
    """Something for which an export has to run, once: `kind` is slot, import or release; `subject` says which one (the
    instant, the id of the import, the revision). `job_id` is the job that runs it, None while it waits for one."""

    __tablename__ = "due_run"
    __table_args__ = (
        Index("due_run_waiting", "export", postgresql_where=text("job_id IS NULL")),
        Index("due_run_job", "job_id"),
    )

    export: str = Field(sa_type=BYTEWISE, primary_key=True)
    kind: str = Field(sa_type=BYTEWISE, primary_key=True)
    subject: str = Field(sa_type=BYTEWISE, primary_key=True)
    due_at: datetime = Field(sa_type=INSTANT)
    job_id: int | None = Field(default=None, sa_column=Column(BigInteger))
