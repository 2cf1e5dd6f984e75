"""Data as cells, so that `cells.py` reads the same data back."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.intake.sheets.cell_lists import join_cell
from pim.intake.sheets.cells import is_list, strptime_pattern
from pim.intake.sheets.model import Column, ColumnMapping
from pim.intake.sheets.names import option_names

Write = Callable[[Any], Any]
"""From data to a cell: a text, a Decimal, a boolean or a day."""


def write_for(attribute: Attribute, column: Column, mapping: ColumnMapping, structure: Structure) -> Write:
    """For data that is all in one cell."""
    separator = column.separator or mapping.separator
    match attribute.type:
        case "pim_catalog_number":
            return number(column.decimal or mapping.decimal)
        case "pim_catalog_boolean":
            return boolean(mapping)
        case "pim_catalog_date":
            return day(column.date_format or mapping.date_format)
        case "pim_catalog_simpleselect":
            return option_names(attribute.code, column.labels or mapping.labels, structure).written
        case "pim_catalog_multiselect":
            names = option_names(attribute.code, column.labels or mapping.labels, structure)
            return lambda codes: join_cell([names.written(code) for code in codes], separator)
        case "pim_catalog_table":
            return lambda data: msgspec.json.encode(data).decode()
        case "pim_catalog_metric":
            return measure(column, mapping)
    return (lambda codes: join_cell(codes, separator)) if is_list(attribute) else (lambda data: data)


def number(decimal: str | None) -> Write:
    """A number stays one; with a decimal comma it is one in a workbook, and a text in CSV."""

    def write(data: Any) -> Any:
        return Amount(Decimal(data), decimal == ",")

    return write


class Amount(Decimal):
    """A number, and whether its decimals stand behind a comma where it is written as text."""

    comma: bool

    def __new__(cls, number: Decimal, comma: bool = False) -> "Amount":
        amount = super().__new__(cls, number)
        amount.comma = comma
        return amount

    def text(self) -> str:
        plain = format(Decimal(self), "f")
        return plain.replace(".", ",") if self.comma else plain


def measure(column: Column, mapping: ColumnMapping) -> Write:
    """A number alone where the unit is the column's, else with its unit."""
    to_number = number(column.decimal or mapping.decimal)

    def write(data: Any) -> Any:
        amount = to_number(data["amount"])
        return amount if data["unit"] == column.unit else f"{amount.text()} {data['unit']}"

    return write


def boolean(mapping: ColumnMapping) -> Write:
    true, false = mapping.booleans.true, mapping.booleans.false
    words: dict[bool, str | bool] = {True: true[0] if true else True, False: false[0] if false else False}
    return lambda data: words[bool(data)]


def day(pattern: str | None) -> Write:
    """A day; where a date format is asked for, a text of that format, if the day can be read back from it."""

    def write(data: str) -> Any:
        found = date.fromisoformat(data[:10])
        if pattern is None:
            return found
        python = strptime_pattern(pattern)
        text = found.strftime(python)
        try:
            comes_back = datetime.strptime(text, python).date() == found
        except ValueError:
            comes_back = False
        return text if comes_back else found.isoformat()

    return write
