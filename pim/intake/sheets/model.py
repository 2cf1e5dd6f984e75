"""A column mapping: what the headers of somebody's sheets mean, and how their cells are written."""

from typing import Any, Literal

import msgspec

from pim.catalog.model import Document


class Column(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column. `target` is written like a header of our own sheets: `identifier`, `family`, `price-EUR`,
    `description-fr_FR-web`, `upsell-products`. What is None is as the whole mapping says."""

    header: str
    target: str = ""
    ignore: bool = False
    unit: str | None = None
    decimal: Literal[".", ","] | None = None
    date_format: str | None = None
    separator: str | None = None
    labels: str | None = None
    gtin: bool = False
    note: str = ""


class Constant(msgspec.Struct, frozen=True, kw_only=True):
    """What every row says, though no column does."""

    target: str
    value: str


class Booleans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words for true and false; the first of each is the one that we write."""

    true: list[str] = msgspec.field(default_factory=list)
    false: list[str] = msgspec.field(default_factory=list)


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`labels` is the locale in which options, categories and families may be named by label. `locale` and `scope`
    complete targets that name none. `other_columns` says what becomes of headers without a column here: read when they
    are written like ours, or ignored."""

    code: str = ""
    title: str = ""
    sheet: str | None = None
    header_row: int = 1
    delimiter: str | None = None
    encoding: str | None = None
    locale: str | None = None
    scope: str | None = None
    labels: str | None = None
    decimal: Literal[".", ","] | None = None
    date_format: str | None = None
    separator: str = ","
    booleans: Booleans = msgspec.field(default_factory=Booleans)
    empty_cells: Literal["erase", "keep"] = "erase"
    create_options: bool = False
    other_columns: Literal["read", "ignore"] = "read"
    columns: list[Column] = msgspec.field(default_factory=list)
    constants: list[Constant] = msgspec.field(default_factory=list)

    def as_document(self) -> Document:
        document: Document = msgspec.to_builtins(self)
        return {name: value for name, value in document.items() if value != {}}


OURS = ColumnMapping()
"""How sheets are read that nobody has mapped: headers as we write them ourselves."""


def mapping_of(document: Any) -> ColumnMapping:
    """A document that fits `schemas/column_mapping.schema.json` as a mapping."""
    return msgspec.convert(document, ColumnMapping)
