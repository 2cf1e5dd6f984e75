"""The catalogue's rows. `document` is the truth; the columns beside it exist to look things up.

Ids of all entities come from one sequence, so that the log can name any of them by a number alone.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Numeric, Sequence, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

ENTITY_IDS = Sequence("entity_id", metadata=SQLModel.metadata)


def _entity_id() -> Any:
    return Column(BigInteger, ENTITY_IDS, server_default=ENTITY_IDS.next_value(), primary_key=True)


def _instant() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _bytewise(nullable: bool = False) -> Any:
    """A text that is compared and ordered by its bytes, like everything that decides the order of a feed."""
    return Column(String(collation="C"), nullable=nullable)


class StructureRow(SQLModel, table=True):
    """One attribute, option, family, channel, …; `kind` is a key of `model.STRUCTURE_KINDS`."""

    __tablename__ = "structure"
    __table_args__ = (Index("structure_key", "kind", "owner", "code", unique=True),)

    id: int = Field(sa_column=_entity_id())
    kind: str
    owner: str = ""
    code: str = Field(sa_column=_bytewise())
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_column=_instant())
    updated: datetime = Field(sa_column=_instant())
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))


class ProductModelRow(SQLModel, table=True):
    """`root_key` is `catalog.model.Root.key` of the root it belongs to, `axis_key` its axis values as one text."""

    __tablename__ = "product_model"
    __table_args__ = (
        Index("product_model_root_key", "root_key", "code"),
        Index("product_model_axes", "parent_id", "axis_key", unique=True),
        Index("product_model_family", "family"),
        Index("product_model_categories", "categories", postgresql_using="gin"),
        Index("product_model_created", "created"),
        Index("product_model_updated", "updated"),
    )

    id: int = Field(sa_column=_entity_id())
    code: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    parent_id: int | None = Field(sa_column=Column(BigInteger, ForeignKey("product_model.id")))
    family: str
    root_key: str = Field(sa_column=_bytewise())
    axis_key: str | None = Field(sa_column=_bytewise(nullable=True))
    categories: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_column=_instant())
    updated: datetime = Field(sa_column=_instant())
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))


class ProductRow(SQLModel, table=True):
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

    id: int = Field(sa_column=_entity_id())
    uuid: UUID = Field(unique=True)
    code: str = Field(sa_column=Column(String(collation="C"), nullable=False, unique=True))
    parent_id: int | None = Field(sa_column=Column(BigInteger, ForeignKey("product_model.id")))
    family: str | None
    enabled: bool
    root_key: str = Field(sa_column=_bytewise())
    axis_key: str | None = Field(sa_column=_bytewise(nullable=True))
    categories: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_column=_instant())
    updated: datetime = Field(sa_column=_instant())
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))


class LinkedEntityRow(SQLModel, table=True):
    """A record or an asset: `kind` is a key of `linked.LINKED`, `owner` its reference entity or asset family."""

    __tablename__ = "linked_entity"
    __table_args__ = (
        Index("linked_entity_key", "kind", "owner", "code", unique=True),
        Index("linked_entity_updated", "kind", "owner", "updated"),
    )

    id: int = Field(sa_column=_entity_id())
    kind: str
    owner: str = Field(sa_column=_bytewise())
    code: str = Field(sa_column=_bytewise())
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created: datetime = Field(sa_column=_instant())
    updated: datetime = Field(sa_column=_instant())
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))


class UniqueValueRow(SQLModel, table=True):
    """Values of unique attributes; the primary key is the rule."""

    __tablename__ = "unique_value"

    attribute_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    data: str = Field(sa_column=Column(String(collation="C"), primary_key=True))
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
    text: str | None = Field(sa_column=_bytewise(nullable=True))
    number: Decimal | None = Field(sa_column=Column(Numeric))
    date: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class CompletenessRow(SQLModel, table=True):
    """Derived. `ratios` is channel → locale → percent; empty for a product without a family."""

    __tablename__ = "completeness"

    entity_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    ratios: dict[str, dict[str, int]] = Field(sa_column=Column(JSONB, nullable=False))


class MediaFileRow(SQLModel, table=True):
    """A file kept in object storage under `media/<code>`; the code ends in the original name."""

    __tablename__ = "media_file"

    code: str = Field(sa_column=Column(String(collation="C"), primary_key=True))
    original_filename: str
    media_type: str
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str = Field(index=True)
    width: int | None
    height: int | None
    created: datetime = Field(sa_column=_instant())
