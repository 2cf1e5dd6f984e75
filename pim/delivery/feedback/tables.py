"""Rows of the reports that came back, and of what they say of items."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class FeedbackReportRow(SQLModel, table=True):
    """One report on what was sent of an export: `number` and `revision` are of the publication, `digest` is of the
    report's bytes (the same report on the same publication changes nothing). `counts` are of its issues by severity,
    and of those that it cleared."""

    __tablename__ = "feedback_report"
    __table_args__ = (Index("feedback_report_once", "export", "number", "digest", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    export: str = Field(sa_type=BYTEWISE)
    number: int
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    format: str
    digest: str
    author: str
    received_at: datetime = Field(sa_type=INSTANT)
    counts: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))


class FeedbackIssueRow(SQLModel, table=True):
    """What a report says of an item, in its own words (`their_item`, `their_field`, `code`, `message`) and in ours.

    `item_id` is the id of the item in the feed (`kind/code`), None where nobody knows what is meant, and for what
    concerns the whole feed. `product` is the code of the product (or model) to mend, `root` the key of its root, and
    `field`, `attributes`, `attribute` with its place and `owner` say what in it. `mark` tells what was sent of the
    item, by publication `number`; `report_id` is the last report that said so, `cleared_by` the first that did not.
    """

    __tablename__ = "feedback_issue"
    __table_args__ = (
        Index("feedback_issue_open", "export", "item_id", postgresql_where=text("cleared_by IS NULL")),
        Index("feedback_issue_report", "report_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    export: str = Field(sa_type=BYTEWISE)
    report_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("feedback_report.id", ondelete="CASCADE"), nullable=False)
    )
    number: int
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    their_item: str
    their_field: str | None = None
    code: str | None = None
    severity: str
    message: str
    value: str | None = None
    item_id: str | None = None
    kind: str | None = None
    product: str | None = None
    root: str | None = None
    locale: str | None = None
    field: str | None = None
    attributes: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    attribute: str | None = None
    attribute_locale: str | None = None
    attribute_scope: str | None = None
    owner: str | None = None
    mark: str | None = None
    first_seen: datetime = Field(sa_type=INSTANT)
    cleared_by: int | None = Field(default=None, sa_column=Column(BigInteger))
    cleared_at: datetime | None = Field(default=None, sa_type=INSTANT)

    def says(self) -> tuple[Any, ...]:
        """What makes two issues the same one."""
        return (self.their_item, self.their_field, self.code, self.message, self.severity, self.locale)


class PolledReportRow(SQLModel, table=True):
    """What was fetched last under a name, taken in or not. It is looked at again when there is another `version`."""

    __tablename__ = "polled_report"

    export: str = Field(sa_type=BYTEWISE, primary_key=True)
    name: str = Field(sa_type=BYTEWISE, primary_key=True)
    version: str = Field(sa_type=BYTEWISE)
    polled_at: datetime = Field(sa_type=INSTANT)
    problem: str | None = None
