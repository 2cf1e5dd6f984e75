"""Rows of export runs and publications. The files themselves are in object storage."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel


def _instant(nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class ExportRunRow(SQLModel, table=True):
    """One try at building feeds. `state` is running, finished, or lost (its process died); `outcomes` says per export
    what came of it. `as_of` marks a run of a past revision or with a draft, whose output never becomes current."""

    __tablename__ = "export_run"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    exports: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    state: str
    revision: int | None = Field(sa_column=Column(BigInteger))
    as_of: bool = False
    outcomes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    started_at: datetime = Field(sa_column=_instant())
    finished_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class RangeRow(SQLModel, table=True):
    """A range of the catalogue while a run renders it: the roots with keys in [`start`, `until`), None is the end.
    `takes` counts who has begun it; `roots` how many it has, None until it is rendered; `stored` is where a helper has
    put its segments."""

    __tablename__ = "export_run_range"

    run_id: int = Field(sa_column=Column(BigInteger, ForeignKey("export_run.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(primary_key=True)
    start: str
    until: str | None
    takes: int = 0
    roots: int | None = None
    stored: str | None = None


class PublicationRow(SQLModel, table=True):
    """A feed (all files of one export) made from one revision, under its own number.

    `state`: current; kept (was current, stays for rollback); held (waits for a person, `reason` says why); expired (its
    files are being deleted); past (they are gone, but for `cursor_days` after it was `superseded_at` it is remembered
    what was different in it from the one that it was `superseded_by`); gone: what it was made from stays known.
    `token` names the variable that holds the secret for pulling. `checked_against` is the number of the one that was
    current when the gate compared, None for a first one. `rollback_of` is the number under which the same files went
    out first; None for what a run made.
    """

    __tablename__ = "publication"
    __table_args__ = (
        Index("publication_number", "export", "number", unique=True),
        Index("publication_current", "export", unique=True, postgresql_where=text("state = 'current'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    export: str
    number: int
    state: str
    reason: str | None = None
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    definition_digest: str
    schema_version: str
    program_digest: str
    token: str | None = None
    keep: int
    cursor_days: int = 30
    items: int
    rejected: int
    checked_against: int | None = None
    rollback_of: int | None = None
    created_at: datetime = Field(sa_column=_instant())
    current_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    superseded_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    superseded_by: int | None = None


class DecisionRow(SQLModel, table=True):
    """What a person decided of a publication: approved, rejected or rolled_back. Stays
    when the publication is gone. `held_because` is what the gate said, `comment` what the person did."""

    __tablename__ = "publication_decision"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    export: str = Field(index=True)
    number: int
    verdict: str
    author: str
    held_because: str | None = None
    comment: str | None = None
    decided_at: datetime = Field(sa_column=_instant())


class PublicationFileRow(SQLModel, table=True):
    """One file of a publication. `role`: feed (under the name its definition gives), part (accompanies a feed),
    manifest, or record (ours: indexes, the report; never served). `bytes` and `sha256` are of the plain representation,
    `gzip_*` of the other. `modified` is when these bytes were first published under this name.
    `cursor` is one that stood in the file, written down when the file goes."""

    __tablename__ = "publication_file"

    publication_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("publication.id", ondelete="CASCADE"), primary_key=True)
    )
    name: str = Field(sa_column=Column(String(collation="C"), primary_key=True))
    role: str
    locale: str | None
    media_type: str
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str
    gzip_bytes: int | None = Field(default=None, sa_column=Column(BigInteger))
    gzip_sha256: str | None = None
    items: int = 0
    rejected: int = 0
    cursor: str | None = None
    modified: datetime = Field(sa_column=_instant())


class PublicationEventRow(SQLModel, table=True):
    """Something that happened to publications, written in the transaction in which it happened: the outbox of this
    room. `facts` are what others tell of it. `followed_at` is None until the floor above has made of it what it must,
    in one transaction with that."""

    __tablename__ = "publication_event"
    __table_args__ = (Index("publication_event_new", "id", postgresql_where=text("followed_at IS NULL")),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    kind: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    at: datetime = Field(sa_column=_instant())
    followed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
