"""The catalogue's rows. `document` is the truth; the columns beside it exist to look things up.

Ids of all entities come from one sequence, so that the log can name any of them by a number alone.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Numeric, Sequence, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT

ENTITY_IDS = Sequence("entity_id", metadata=SQLModel.metadata)


class EntityRow(SQLModel):
    """What everything with a document has."""

    id: int = Field(
        primary_key=True,
        sa_type=BigInteger,
        sa_column_args=[ENTITY_IDS],
        sa_column_kwargs={"server_default": ENTITY_IDS.next_value()},
    )
    document: dict[str, Any] = Field(sa_type=JSONB)
    created: datetime = Field(sa_type=INSTANT)
    updated: datetime = Field(sa_type=INSTANT)
    revision: int = Field(sa_type=BigInteger)


class StructureRow(EntityRow, table=True):
    """One attribute, option, family, channel, …; `kind` is a key of `model.STRUCTURE_KINDS`."""

    __tablename__ = "structure"
    __table_args__ = (Index("structure_key", "kind", "owner", "code", unique=True),)

    kind: str
    owner: str = ""
    code: str = Field(sa_type=BYTEWISE)


class MemberOfRootRow(EntityRow):
    """What products and product models have. `root_key` is `catalog.model.Root.key` of the root it belongs to,
    `axis_key` its axis values as one text."""

    code: str = Field(sa_type=BYTEWISE, unique=True)
    parent_id: int | None = Field(sa_type=BigInteger, foreign_key="product_model.id")
    root_key: str = Field(sa_type=BYTEWISE)
    axis_key: str | None = Field(sa_type=BYTEWISE)
    categories: list[str] = Field(sa_type=ARRAY(String))


class ProductModelRow(MemberOfRootRow, table=True):
    __tablename__ = "product_model"
    __table_args__ = (
        Index("product_model_root_key", "root_key", "code"),
        Index("product_model_axes", "parent_id", "axis_key", unique=True),
        Index("product_model_family", "family"),
        Index("product_model_categories", "categories", postgresql_using="gin"),
        Index("product_model_created", "created"),
        Index("product_model_updated", "updated"),
    )

    family: str


class ProductRow(MemberOfRootRow, table=True):
    """`code` is the identifier, or the uuid of a product without one."""

    __tablename__ = "product"
    __table_args__ = (
        Index("product_root_key", "root_key", "code"),
        Index("product_axes", "parent_id", "axis_key", unique=True),
        Index("product_family", "family"),
        Index("product_categories", "categories", postgresql_using="gin"),
        Index("product_groups", text("(document -> 'groups')"), postgresql_using="gin"),
        Index("product_created", "created"),
        Index("product_updated", "updated"),
    )

    uuid: UUID = Field(unique=True)
    family: str | None
    enabled: bool


class LinkedEntityRow(EntityRow, table=True):
    """A record or an asset: `kind` is a key of `linked.LINKED`, `owner` its reference entity or asset family."""

    __tablename__ = "linked_entity"
    __table_args__ = (
        Index("linked_entity_key", "kind", "owner", "code", unique=True),
        Index("linked_entity_updated", "kind", "owner", "updated"),
    )

    kind: str
    owner: str = Field(sa_type=BYTEWISE)
    code: str = Field(sa_type=BYTEWISE)


class UniqueValueRow(SQLModel, table=True):
    """Values of unique attributes; the primary key is the rule."""

    __tablename__ = "unique_value"

    attribute_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    data: str = Field(primary_key=True, sa_type=BYTEWISE)
    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))


class AssociationTargetRow(SQLModel, table=True):
    """Who mentions whom: so that a deletion finds the mentions and a feed its dependants."""

    __tablename__ = "association_target"
    __table_args__ = (Index("association_target_reverse", "target_id"),)

    entity_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    target_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class FilterValueRow(SQLModel, table=True):
    """Own values of filterable attributes: one row a text, number or date. Derived, without a key of its own."""

    __tablename__ = "filter_value"
    __table_args__ = (
        Index("filter_value_entity", "entity_id", "attribute_id"),
        Index("filter_value_text", "attribute_id", "text", "entity_id", postgresql_where=text("text IS NOT NULL")),
        Index(
            "filter_value_number", "attribute_id", "number", "entity_id", postgresql_where=text("number IS NOT NULL")
        ),
        Index("filter_value_date", "attribute_id", "date", "entity_id", postgresql_where=text("date IS NOT NULL")),
    )
    __mapper_args__ = {"primary_key": ["entity_id", "attribute_id", "locale", "scope", "text", "number", "date"]}

    entity_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    attribute_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    locale: str | None
    scope: str | None
    text: str | None = Field(sa_type=BYTEWISE)
    number: Decimal | None = Field(sa_column=Column(Numeric))
    date: datetime | None = Field(sa_type=INSTANT)


class CompletenessRow(SQLModel, table=True):
    """Derived. `ratios` is channel → locale → percent; empty for a product without a family."""

    __tablename__ = "completeness"

    entity_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    ratios: dict[str, dict[str, int]] = Field(sa_column=Column(JSONB, nullable=False))


class MediaFileRow(SQLModel, table=True):
    """A file kept in object storage under `media/<code>`; the code ends in the original name."""

    __tablename__ = "media_file"

    code: str = Field(primary_key=True, sa_type=BYTEWISE)
    original_filename: str
    media_type: str
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str = Field(index=True)
    width: int | None
    height: int | None
    created: datetime = Field(sa_type=INSTANT)
