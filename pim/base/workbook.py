"""Workbooks for people: a header that stays in sight, and texts that are never taken for formulas.

Cells are texts, whole numbers and Decimals, booleans and days.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pim.base.errors import InvalidInput, Violation

LONGEST_CELL, MOST_COLUMNS, MOST_ROWS = 32_767, 16_384, 1_048_576
"""What a workbook's sheet holds."""
EXACT_DIGITS = 15
"""Of a number, that a spreadsheet program keeps; it turns the others into zeros."""

_NARROW, _WIDE = 10, 48
_FIRST_DAY = date(1900, 3, 1)
"""Days before it are counted differently by different spreadsheet programs."""
_CREATED = datetime(1980, 1, 1)
"""Of every workbook, so that equal tables give equal bytes."""

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
"""In the name of a sheet."""
_UNWRITABLE = re.compile("[\ufffe\uffff]")

Cells = Sequence[Any]


def _plain(number: Decimal) -> str:
    return format(number, "f")


@contextmanager
def open_workbook(path: Path, number_text: Callable[[Any], str] = _plain) -> Iterator["Workbook"]:
    """`number_text` writes numbers that have more digits than a cell keeps. The same tables give the same bytes."""
    from xlsxwriter import Workbook as Book

    texts = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = Book(str(path), {"constant_memory": True, **texts})
    book.set_properties({"created": _CREATED})
    yield Workbook(book, number_text)
    book.close()


class Workbook:
    def __init__(self, book: Any, number_text: Callable[[Any], str]) -> None:
        self._book, self._number_text = book, number_text
        self._bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "valign": "top"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def add(self, title: str, header: Sequence[str], rows: Iterable[Cells], header_row: int = 1) -> int:
        """A sheet whose header is in that row, and how many rows are below it. Raises InvalidInput for what no workbook
        holds."""
        if len(header) > MOST_COLUMNS:
            message = f"{len(header):,} columns; a workbook holds {MOST_COLUMNS:,}: choose attributes or a family"
            raise InvalidInput([Violation("path", "too_many_columns", message)])
        sheet = self._book.add_worksheet(_FORBIDDEN.sub(" ", title)[:31])
        top = header_row - 1
        sheet.freeze_panes(header_row, 1)
        for at, name in enumerate(header):
            sheet.set_column(at, at, min(max(len(name) + 3, _NARROW), _WIDE))
            sheet.write_string(top, at, name, self._bold)
        count = 0
        for count, cells in enumerate(rows, start=1):
            if top + count >= MOST_ROWS:
                message = f"more than {MOST_ROWS:,} rows; a workbook holds no more: write CSV, or search for fewer"
                raise InvalidInput([Violation("path", "too_many_rows", message)])
            for at, cell in enumerate(cells):
                self._write(sheet, top + count, at, cell, header)
        if header:
            sheet.autofilter(top, 0, top + count, len(header) - 1)
        return count

    def _write(self, sheet: Any, row: int, at: int, cell: Any, header: Sequence[str]) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, Decimal):
            self._write_number(sheet, row, at, cell)
        elif isinstance(cell, int):
            sheet.write_number(row, at, cell)
        elif isinstance(cell, date):
            self._write_day(sheet, row, at, cell)
        elif len(cell) > LONGEST_CELL:
            message = (
                f"row {row + 1}, `{header[at]}`: {len(cell):,} characters; a cell holds {LONGEST_CELL:,}: write CSV"
            )
            raise InvalidInput([Violation(header[at], "too_long", message)])
        elif _UNWRITABLE.search(cell):
            message = f"row {row + 1}, `{header[at]}` holds U+FFFE or U+FFFF, which no workbook holds: write CSV"
            raise InvalidInput([Violation(header[at], "bad_character", message)])
        elif cell.startswith("<r>") and cell.endswith("</r>"):  # taken for markup, unless it comes in parts
            sheet.write_rich_string(row, at, cell[:1], cell[1:2], cell[2:])
        else:
            sheet.write_string(row, at, cell)

    def _write_number(self, sheet: Any, row: int, at: int, number: Decimal) -> None:
        """As text where the program would lose digits."""
        if len(number.as_tuple().digits) > EXACT_DIGITS or abs(number.adjusted()) > EXACT_DIGITS:
            sheet.write_string(row, at, self._number_text(number))
        else:
            sheet.write_number(row, at, float(number))

    def _write_day(self, sheet: Any, row: int, at: int, day: date) -> None:
        if day < _FIRST_DAY:
            sheet.write_string(row, at, day.isoformat())
        else:
            sheet.write_datetime(row, at, day, self._day)
