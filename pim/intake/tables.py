"""Imports: what was read, how far it has come, what it did, what it left out; and how sheets are to be read."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class ImportRow(SQLModel, table=True):
    """One content that was or is being taken in. Its changesets carry its id.

    `digest` is of the whole content: the same content again is the same import, which resumes at `position`
    (`{"part", "entries"}`, moved in the transaction of each batch) or, once done, starts a new one that finds nothing
    to change. `state` is running, done, reverted, or abandoned when other content of the same path came after it or
    somebody stopped it.
    `counts` is `{resource: {created, updated, unchanged, rejected}}`, `warnings` is message → lines.
    """

    __tablename__ = "import"
    __table_args__ = (Index("import_digest", "digest", "state"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    digest: str
    source: str
    format: str
    state: str
    author: str
    position: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    counts: dict[str, dict[str, int]] = Field(sa_column=Column(JSONB, nullable=False))
    warnings: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    started_at: datetime = Field(sa_type=INSTANT)
    finished_at: datetime | None = Field(sa_type=INSTANT)


class ImportRejectionRow(SQLModel, table=True):
    """One reason why a line of an import was left out, written in the transaction of its batch: once, whatever dies."""

    __tablename__ = "import_rejection"
    __table_args__ = (Index("import_rejection_import", "import_id", "id"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    import_id: int = Field(sa_column=Column(BigInteger, ForeignKey("import.id"), nullable=False))
    resource: str
    file: str
    line: int = Field(sa_column=Column(BigInteger, nullable=False))
    subject: str
    column: str
    value: Any = Field(sa_column=Column(JSONB(none_as_null=True)))
    code: str
    message: str


class ColumnMappingRow(SQLModel, table=True):
    """A saved column mapping: `document` is of `schemas/column_mapping.schema.json`, without its code."""

    __tablename__ = "column_mapping"

    code: str = Field(primary_key=True, sa_type=BYTEWISE)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    updated: datetime = Field(sa_type=INSTANT)
    updated_by: str
