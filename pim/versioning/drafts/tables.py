"""Drafts: edits that wait, value by value, and what people did and said about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel


def _id() -> Any:
    return Column(BigInteger, Identity(), primary_key=True)


def _instant() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _of_draft(index: bool) -> Any:
    return Column(BigInteger, ForeignKey("draft.id", ondelete="CASCADE"), nullable=False, index=index)


class DraftRow(SQLModel, table=True):
    """`state` is one of `model.STATES`; `reviewer` who approved or rejected it; `revision` what applying it made (None
    also where it changed nothing). A scheduled one is applied at `starts_at` by the job `job_id`, and `exports` run.

    With `ends_at`, what it did is taken back then, by the job `end_job_id` and as `ended_revision`, and `exports` run
    again. `stays` tells what could not be taken back, as violations.
    """

    __tablename__ = "draft"

    id: int = Field(default=None, sa_column=_id())
    code: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    author: str
    reason: str | None = None
    state: str
    reviewer: str | None = None
    revision: int | None = Field(default=None, sa_column=Column(BigInteger))
    starts_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ends_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_job_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    ended_revision: int | None = Field(default=None, sa_column=Column(BigInteger))
    stays: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    exports: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    job_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    created: datetime = Field(sa_column=_instant())
    updated: datetime = Field(sa_column=_instant())


class DraftEditRow(SQLModel, table=True):
    """One value or field that the draft changes, addressed as in the log (`ChangeRow`): `base` is what the catalogue
    held when it was written, at `base_revision`, and `data` what it shall hold.

    `path` is `+` for something new (`data` is its document, `entity_id` the id it will have) and `-` for a deletion
    (`base` is the document). `owner`, `code` and `attribute` say what ids were called then.
    """

    __tablename__ = "draft_edit"
    __table_args__ = (
        UniqueConstraint(
            "draft_id", "entity_id", "path", "attribute_id", "locale", "scope",
            name="draft_edit_once", postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: int = Field(default=None, sa_column=_id())
    draft_id: int = Field(sa_column=_of_draft(index=False))
    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    owner: str
    code: str
    uuid: UUID | None
    path: str
    attribute_id: int | None = Field(sa_column=Column(BigInteger))
    attribute: str | None
    locale: str | None
    scope: str | None
    base: Any = Field(sa_column=Column(JSONB(none_as_null=True)))
    base_revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    data: Any = Field(sa_column=Column(JSONB(none_as_null=True)))


class DraftEventRow(SQLModel, table=True):
    """What somebody did with a draft (created, edited, submitted, …) or said about it (commented)."""

    __tablename__ = "draft_event"

    id: int = Field(default=None, sa_column=_id())
    draft_id: int = Field(sa_column=_of_draft(index=True))
    at: datetime = Field(sa_column=_instant())
    author: str
    what: str
    comment: str | None = None
