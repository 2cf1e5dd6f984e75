"""A row of a table of products, whose columns are understood, as edits: its document, and what it associates."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pim.base.errors import Violation
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Value, Values
from pim.catalog.structure import Structure
from pim.intake.model import Coverage, Problem, Record, Unreadable
from pim.intake.readers.akeneo_columns import (
    AssociationColumn,
    Columns,
    MetricColumns,
    PriceColumns,
    boolean,
    codes,
)
from pim.intake.readers.csv_lines import BadRow, Row
from pim.intake.seen_codes import SeenCodes
from pim.versioning.model import Edit


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Where an edit came from, to name the column of a broken rule."""

    columns: Columns
    cells: list[Any]

    def locate(self, violation: Violation) -> tuple[str, Any]:
        index = column_of(violation, self.columns)
        if index is None:
            return violation.path, None
        return self.columns.header[index], self.cells[index]


def column_of(violation: Violation, columns: Columns) -> int | None:
    """The index of the column that a broken rule is about."""
    if violation.attribute is not None:
        return columns.first.get((violation.attribute, violation.locale, violation.scope))
    head, _, rest = violation.path.partition(".")
    if head == "identifier" or (head == "code" and "code" not in columns.fields):
        return columns.identifier
    if head in ("associations", "quantified_associations"):
        association_type, _, target = rest.partition(".")
        found = [c.index for c in columns.associations if c.association_type == association_type]
        exact = [c.index for c in columns.associations if (c.association_type, c.target) == (association_type, target)]
        return next(iter(exact or found), None)
    return columns.fields.get(head)


def field_of(row: Row, columns: Columns, name: str) -> str:
    index = columns.fields.get(name)
    cell: str = row.cells[index] if index is not None else ""
    return cell


def row_name(row: Row, columns: Columns, kind: str) -> str:
    """What the row is called: its code or identifier, else its uuid."""
    if kind == PRODUCT_MODEL:
        return field_of(row, columns, "code")
    identifier: str = row.cells[columns.identifier] if columns.identifier is not None else ""
    return identifier or field_of(row, columns, "uuid")


def name_trouble(row: Row, columns: Columns, kind: str, name: str, seen: SeenCodes) -> Problem | None:
    index = columns.fields.get("code") if kind == PRODUCT_MODEL else columns.identifier
    column = columns.header[index] if index is not None else "uuid"
    if not name:
        return Problem(column, "", "no_identifier", f"`{column}` is empty: the row names no {kind.replace('_', ' ')}")
    uuid = field_of(row, columns, "uuid")
    if uuid and as_uuid(uuid) is None:
        return Problem("uuid", uuid, "bad_uuid", f"`{uuid}` is not a UUID")
    first = seen.first_line(name, row.line)
    if first is not None:
        message = f"`{name}` is on line {first} already; keep one of the two lines"
        return Problem(column, name, "repeated_in_file", message)
    return None


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def row_edit(row: Row, columns: Columns, kind: str, name: str, patch: Document) -> Edit:
    uuid = as_uuid(field_of(row, columns, "uuid"))
    return Edit(kind, None if uuid and name == str(uuid) else name, patch, uuid=uuid)


def document_record(
    row: Row, columns: Columns, kind: str, name: str, structure: Structure, coverage: Coverage
) -> Record:
    media: list[Value] = []
    patch = _fields(row, columns, kind, structure)
    patch["values"] = _values(row.cells, columns, media)
    edit = row_edit(row, columns, kind, name, patch)
    return Record(row.line, edit, RowOrigin(columns, row.cells), media, coverage)


def association_record(row: Row, columns: Columns, kind: str, name: str) -> Record:
    """What the row associates, empty cells included, since they take associations away."""
    edit = row_edit(row, columns, kind, name, _associations(row.cells, columns))
    return Record(row.line, edit, RowOrigin(columns, row.cells))


def _fields(row: Row, columns: Columns, kind: str, structure: Structure) -> Document:
    """An empty `parent`, `enabled` or `family_variant` says nothing; an empty list or family is one."""
    cells, fields = row.cells, columns.fields
    patch: Document = {name: codes(cells[fields[name]]) for name in ("categories", "groups") if name in fields}
    if kind == PRODUCT:
        if "family" in fields:
            patch["family"] = cells[fields["family"]] or None
        if enabled := field_of(row, columns, "enabled"):
            patch["enabled"] = boolean(enabled)
    else:
        patch.pop("groups", None)
        if variant := field_of(row, columns, "family_variant"):
            patch["family_variant"] = variant
            patch |= _family_of(field_of(row, columns, "family"), variant, structure)
    if parent := field_of(row, columns, "parent"):
        patch["parent"] = parent
    return patch


def _family_of(family: str, variant: str, structure: Structure) -> Document:
    """Rows of product models need name only the family variant, whose code seldom two families share."""
    if family:
        return {"family": family}
    families = [family for family, variants in structure.family_variants.items() if variant in variants]
    return {"family": families[0]} if families else {}


def _values(cells: list[Any], columns: Columns, media: list[Value]) -> Values:
    """Filled cells only; media values are also put into `media`."""
    values: Values = {}
    for column in columns.values:
        cell = cells[column.index]
        if cell:
            data = column.convert(cell) if column.convert else cell
            entry: Value = {"locale": column.locale, "scope": column.scope, "data": data}
            values.setdefault(column.attribute, []).append(entry)
            if column.is_media:
                media.append(entry)
    for metric in columns.metrics:
        if cells[metric.index]:
            data = _measure(cells, metric)
            entry = {"locale": metric.locale, "scope": metric.scope, "data": data}
            values.setdefault(metric.attribute, []).append(entry)
    for price in columns.prices:
        amounts = _amounts(cells, price)
        if amounts:
            entry = {"locale": price.locale, "scope": price.scope, "data": amounts}
            values.setdefault(price.attribute, []).append(entry)
    return values


def _measure(cells: list[Any], metric: MetricColumns) -> dict[str, Any]:
    amount = cells[metric.index]
    if metric.unit_index is not None:
        return {"amount": amount, "unit": cells[metric.unit_index]}
    amount, _, unit = amount.strip().partition(" ")
    return {"amount": amount, "unit": unit or metric.default_unit}


def _amounts(cells: list[Any], price: PriceColumns) -> list[dict[str, str]]:
    return [{"amount": cells[index], "currency": currency} for currency, index in price.amounts if cells[index]]


def _associations(cells: list[Any], columns: Columns) -> Document:
    patch: Document = {"associations": {}, "quantified_associations": {}}
    for column in columns.associations:
        field = "quantified_associations" if column.quantified else "associations"
        targets = patch[field].setdefault(column.association_type, {})
        targets.setdefault(column.target, []).extend(_members(cells, column))
    return patch


def _members(cells: list[Any], column: AssociationColumn) -> list[Any]:
    names = codes(cells[column.index])
    if not column.quantified:
        return names
    quantities = cells[column.quantities].split("|") if column.quantities is not None else []
    members: list[Any] = []
    for position, name in enumerate(names):
        text = quantities[position].strip() if position < len(quantities) else ""
        quantity: int = int(text) if text.isdecimal() else 0  # 0 is refused by the rule that names the range
        key = "code" if column.target == "product_models" else "uuid" if as_uuid(name) else "identifier"
        members.append({key: name, "quantity": quantity})
    return members


def bad_row(row: BadRow) -> Unreadable:
    message = f"line {row.line} {row.message}"
    return Unreadable(row.line, row.first_cell, [Problem(row.column, row.value, row.code, message)])
