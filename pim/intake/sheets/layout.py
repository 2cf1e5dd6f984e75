"""A sheet's header understood by a column mapping and the catalogue's structure: what each cell becomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.attribute_types import PRICES, SELECT_TYPES
from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.intake.model import Problem
from pim.intake.readers.akeneo_columns import (
    CONVERSIONS,
    FIELDS,
    TARGETS,
    Columns,
    boolean,
    split_header,
    understand,
)
from pim.intake.readers.product_rows import column_of
from pim.intake.sheets import cells
from pim.intake.sheets.cells import BadCell, Convert, Notes, is_empty
from pim.intake.sheets.folding import folded
from pim.intake.sheets.model import Column, ColumnMapping
from pim.intake.sheets.names import category_names, family_names, option_names

COMMENT = "#"
"""Columns whose header begins like this are for people and are not read."""

IDENTIFIER = "identifier"
_METRIC = "pim_catalog_metric"
_GTIN_WORDS = ("gtin", "ean", "upc", "isbn", "barcode", "code_barre")
_AFTER_CELLS = {
    "pim_catalog_boolean": boolean,
    PRICES: CONVERSIONS[PRICES],
}
"""Attribute type → how what a cell became here turns into data; other types take it as it is."""


@dataclass(slots=True)
class Field:
    """One target that rows have. `source` is the index of its cell; None where `constant` says it for every row."""

    target: str
    header: str
    source: int | None
    column: Column
    constant: str = ""
    convert: Convert = cells.as_text


@dataclass(slots=True)
class Layout:
    """`columns` are those of the targets of `fields`, in their order."""

    header: list[str]
    fields: list[Field]
    columns: Columns
    problems: list[Problem]

    @property
    def names_models(self) -> bool:
        return bool({"code", "family_variant"} & self.columns.fields.keys())

    @property
    def names_rows(self) -> bool:
        named = {"code", "uuid"} & self.columns.fields.keys()
        return self.columns.identifier is not None or bool(named)

    def raw(self, cells_of_row: Sequence[Any], target: str) -> Any:
        """What stands in the cell of a field like `parent`, not converted."""
        index = self.columns.fields.get(target)
        return self.raw_at(cells_of_row, index) if index is not None else ""

    def raw_at(self, cells_of_row: Sequence[Any], index: int) -> Any:
        one = self.fields[index]
        return one.constant if one.source is None else cells_of_row[one.source]

    def converted(self, cells_of_row: Sequence[Any], notes: Notes) -> tuple[list[Any], list[Problem]]:
        """The row's cells as our own tables would have them, in the order of the targets; and what is wrong with it."""
        found: list[Any] = []
        problems: list[Problem] = []
        for index, one in enumerate(self.fields):
            cell = self.raw_at(cells_of_row, index)
            try:
                found.append("" if is_empty(cell) else one.convert(cell, notes))
            except BadCell as bad:
                found.append("")
                shown = cell if isinstance(cell, str | int | float) else str(cell)
                problems.append(Problem(one.header, shown, bad.code, f"column `{one.header}`: {bad}"))
        return found, problems


@dataclass(frozen=True, slots=True)
class SheetOrigin:
    """Where an edit came from, to name the column of a broken rule as the sheet calls it."""

    layout: Layout
    row: Sequence[Any] = field(repr=False)

    def locate(self, violation: Violation) -> tuple[str, Any]:
        index = column_of(violation, self.layout.columns)
        if index is None:
            return violation.path, None
        cell = self.layout.raw_at(self.row, index)
        return self.layout.fields[index].header, cell if isinstance(cell, str) else cells.as_text(cell, [])


def lay_out(header: list[str], mapping: ColumnMapping, structure: Structure) -> Layout:
    """What means nothing becomes a problem and is not read."""
    problems: list[Problem] = []
    fields = [*_mapped(header, mapping, structure, problems), *_constants(mapping, structure)]
    fields = list(_different(fields, problems))
    columns = understand([one.target for one in fields], structure, _AFTER_CELLS)
    by_target = {one.target: one.header for one in fields}
    for problem in columns.problems:
        shown = by_target.get(problem.column, problem.column)
        problems.append(Problem(shown, None, problem.code, _told(shown, problem)))
    problems += _said_twice(columns, fields)
    for one in fields:
        one.convert = convert_for(one.target, one.column, mapping, columns, structure)
    return Layout(header, fields, columns, problems)


def _said_twice(columns: Columns, fields: Sequence[Field]) -> Iterator[Problem]:
    """Prices that one column says whole and others by currency; the whole one is not read."""
    by_currency = {(price.attribute, price.locale, price.scope) for price in columns.prices}
    for column in [one for one in columns.values if (one.attribute, one.locale, one.scope) in by_currency]:
        columns.values.remove(column)
        header = fields[column.index].header
        message = (
            f"column `{header}` says a whole price, of which other columns say an amount; keep the one or the others"
        )
        yield Problem(header, None, "repeated_column", message)


def _told(header: str, problem: Problem) -> str:
    return problem.message if header == problem.column else f"column `{header}` → {problem.message}"


def _mapped(
    header: list[str], mapping: ColumnMapping, structure: Structure, problems: list[Problem]
) -> Iterator[Field]:
    named = {folded(column.header): column for column in mapping.columns}
    missing = dict(named)
    for index, name in enumerate(header):
        if not name:
            message = f"column {index + 1} has no name; its cells were not read"
            problems.append(Problem("", None, "no_column_name", message))
        if not name or name.startswith(COMMENT):
            continue
        column = named.get(folded(name))
        missing.pop(folded(name), None)
        if column is None and mapping.other_columns == "ignore":
            continue
        column = column or Column(header=name, target=name)
        if column.target and not column.ignore:
            yield Field(complete_target(column.target, mapping, structure), name, index, column)
    for column in (column for column in missing.values() if column.target):
        message = f"column `{column.header}` of the column mapping is not in the sheet; its header: {known(header)}"
        problems.append(Problem(column.header, None, "missing_column", message))


def _constants(mapping: ColumnMapping, structure: Structure) -> Iterator[Field]:
    for constant in mapping.constants:
        target = complete_target(constant.target, mapping, structure)
        name = f"constant {constant.target}"
        yield Field(target, name, None, Column(header=name, target=target), constant.value)


def _different(fields: Sequence[Field], problems: list[Problem]) -> Iterator[Field]:
    first: dict[str, Field] = {}
    for one in fields:
        if one.target not in first:
            first[one.target] = one
            yield one
            continue
        message = f"column `{one.header}` says the same as `{first[one.target].header}`, {one.target}; keep one of them"
        problems.append(Problem(one.header, None, "repeated_column", message))


def complete_target(target: str, mapping: ColumnMapping, structure: Structure) -> str:
    """With the identifier's own name, and the mapping's locale and scope where the attribute wants them."""
    if target == IDENTIFIER and IDENTIFIER not in structure.attributes:
        return structure.identifier_attribute or target
    if target in FIELDS:
        return target
    code, rest = split_header(target, structure)
    attribute = structure.attributes.get(code)
    if attribute is None:
        return target
    last = rest[-1] if rest else ""
    is_unit = attribute.type == _METRIC and last == "unit"
    ends = is_unit or (attribute.type == PRICES and last in structure.currencies)
    place = _completed(attribute, rest[:-1] if ends else rest, mapping, structure)
    return target if place is None else "-".join([code, *place, *(rest[-1:] if ends else ())])


def _completed(
    attribute: Attribute, given: list[str], mapping: ColumnMapping, structure: Structure
) -> list[str] | None:
    """None where nothing is to be added, or nothing helps."""
    wanted = attribute.localizable + attribute.scopable
    if len(given) >= wanted:
        return None
    has_locale = bool(given) and given[0] not in structure.channels
    locale = given[0] if has_locale else mapping.locale
    scope = given[-1] if given and not has_locale else mapping.scope
    place = ([locale] if attribute.localizable else []) + ([scope] if attribute.scopable else [])
    return [part for part in place if part] if all(place) else None


def convert_for(target: str, column: Column, mapping: ColumnMapping, columns: Columns, structure: Structure) -> Convert:
    """How cells under this target are read."""
    locale, separator = column.labels or mapping.labels, column.separator or mapping.separator
    if target == structure.identifier_attribute:
        return cells.gtin(True) if column.gtin else cells.stripped
    match target:
        case "enabled":
            return cells.boolean(mapping.booleans.true, mapping.booleans.false)
        case "family":
            return cells.one_name(family_names(locale, structure))
        case "categories":
            return cells.many_names(category_names(locale, structure), separator)
        case "groups":
            return cells.many_texts(separator)
        case "uuid" | "code" | "parent" | "family_variant":
            return cells.stripped
    code, rest = split_header(target, structure)
    attribute = structure.attributes.get(code)
    if attribute is not None:
        return _of_attribute(attribute, rest, column, mapping, columns, structure)
    is_association = any(target.endswith(f"-{end}") for end in TARGETS)
    return cells.many_texts(separator) if is_association else cells.stripped


def _of_attribute(
    attribute: Attribute,
    rest: list[str],
    column: Column,
    mapping: ColumnMapping,
    columns: Columns,
    structure: Structure,
) -> Convert:
    decimal, separator = column.decimal or mapping.decimal, column.separator or mapping.separator
    match attribute.type:
        case "pim_catalog_text":
            looks_like_gtin = column.gtin or any(word in attribute.code.lower() for word in _GTIN_WORDS)
            return cells.gtin(column.gtin) if looks_like_gtin else cells.as_text
        case "pim_catalog_number":
            return cells.number(decimal)
        case "pim_catalog_metric":
            units = cells.units_of(structure.measurement_families.get(attribute.metric_family or ""))
            if rest[-1:] == ["unit"]:
                return cells.unit(units)
            beside = _unit_beside(attribute, rest, columns)
            return cells.measure(decimal, column.unit or attribute.default_metric_unit, units, beside)
        case "pim_catalog_price_collection":
            return cells.amount(decimal) if rest[-1:] and rest[-1] in structure.currencies else cells.prices(decimal)
        case "pim_catalog_boolean":
            return cells.boolean(mapping.booleans.true, mapping.booleans.false)
        case "pim_catalog_date":
            return cells.day(column.date_format or mapping.date_format)
        case "pim_catalog_textarea":
            return cells.as_text
        case "pim_catalog_table":
            return cells.json
    if attribute.type in SELECT_TYPES:
        names = option_names(attribute.code, column.labels or mapping.labels, structure)
        return cells.many_names(names, separator) if cells.is_list(attribute) else cells.one_name(names)
    return cells.many_texts(separator) if cells.is_list(attribute) else cells.stripped


def _unit_beside(attribute: Attribute, rest: list[str], columns: Columns) -> bool:
    locale = rest[0] if attribute.localizable else None
    scope = rest[-1] if attribute.scopable else None
    place = (attribute.code, locale, scope)
    return any(
        metric.unit_index is not None
        for metric in columns.metrics
        if (metric.attribute, metric.locale, metric.scope) == place
    )
