"""The log: who changed what, in which order. Rows are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import INSTANT


class HeadRow(SQLModel, table=True):
    """The one row that says how far the catalogue has come. Locking it is taking the next revision number.

    `structure_stamp` is drawn anew by every changeset that changes structure: unlike a number, one that was rolled back
    never comes again. `derived_revision` is the structure revision that completeness and filter rows have reached.
    """

    __tablename__ = "head"

    id: int = Field(default=1, primary_key=True)
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    structure_revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    structure_stamp: UUID
    derived_revision: int = Field(sa_column=Column(BigInteger, nullable=False))


class ChangesetRow(SQLModel, table=True):
    """`source` says which door it came through (api, import, revert, rule); `reverts` the revision it takes back."""

    __tablename__ = "changeset"
    __table_args__ = (Index("changeset_author", "author", "revision"), Index("changeset_source", "source", "revision"))

    revision: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    author: str
    source: str
    reason: str | None
    import_id: int | None = Field(sa_column=Column(BigInteger, index=True))
    reverts: int | None = Field(sa_column=Column(BigInteger))
    committed_at: datetime = Field(sa_type=INSTANT, index=True)


class ChangeRow(SQLModel, table=True):
    """One value that changed. Entities and attributes go by internal id: codes change hands, ids do not.

    `path` is `+` for a creation (no old, no new: what was created is today's document minus the later changes), `-` for
    a deletion (old is the whole document), `values` for a value, else the dotted path of a field (`labels.fr_FR`).
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("change_entity", "entity_id", "revision"),
        Index("change_structure", "revision", postgresql_where=text("kind NOT IN ('product', 'product_model')")),
        Index("change_deleted_code", text("(old ->> 'code')"), postgresql_where=text("path = '-'")),
        Index("change_deleted_uuid", text("(old ->> 'uuid')"), postgresql_where=text("path = '-'")),
        Index("change_identifier", text("(old #>> '{}')"), postgresql_where=text("path = 'identifier'")),
    )

    revision: int = Field(
        sa_column=Column(BigInteger, ForeignKey("changeset.revision"), primary_key=True, autoincrement=False)
    )
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    path: str
    attribute_id: int | None = Field(sa_column=Column(BigInteger))
    locale: str | None
    scope: str | None
    old: Any = Field(sa_column=Column(JSONB(none_as_null=True)))
    new: Any = Field(sa_column=Column(JSONB(none_as_null=True)))
