"""Sheets as people have them, of which a test states only what matters to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pim.base.errors import InvalidInput
from pim.catalog.structure import Structure
from pim.intake.sheets.check_mapping import read_mapping
from pim.intake.sheets.model import ColumnMapping


def a_csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def a_workbook(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """Sheet → rows of texts, numbers, booleans and days; the first row is the header."""
    from xlsxwriter import Workbook

    book = Workbook(str(path), {"strings_to_numbers": False})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell, *([day] if hasattr(cell, "year") else []))
    book.close()
    return path


def a_mapping(structure: Structure, /, columns: Sequence[dict[str, Any]] = (), **settings: Any) -> ColumnMapping:
    return read_mapping({"columns": list(columns), **settings}, structure)


def problems_of(structure: Structure, /, columns: Sequence[dict[str, Any]] = (), **settings: Any) -> list[str]:
    try:
        a_mapping(structure, columns, **settings)
    except InvalidInput as invalid:
        return [violation.message for violation in invalid.violations]
    return []
