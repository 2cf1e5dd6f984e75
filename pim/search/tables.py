"""Searches that people keep."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from pim.base.column_types import BYTEWISE, INSTANT


class SavedSearchRow(SQLModel, table=True):
    """`settings` are parameters of a search: `q`, `locale`, `scope`, `sort`, `facets`. Others see it when it is shared;
    only its owner changes it."""

    __tablename__ = "saved_search"

    code: str = Field(primary_key=True, sa_type=BYTEWISE)
    owner: str
    title: str
    shared: bool
    settings: dict[str, Any] = Field(sa_type=JSONB)
    updated: datetime = Field(sa_type=INSTANT)
