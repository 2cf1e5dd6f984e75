"""Writing tables for spreadsheet programs: CSV, or a workbook whose header stays in sight.

Cells are texts, numbers (int and Amount), booleans and days. A text is never taken for a formula: a workbook says that
it is a text, and CSV guards it (`csv_guard.py`).
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Protocol

from pim.base.errors import InvalidInput, Violation
from pim.intake.sheets.cells import EXACT_DIGITS
from pim.intake.sheets.csv_guard import guarded
from pim.intake.sheets.write_cells import Amount

SHEET_SUFFIXES = (".xlsx", ".csv")
LONGEST_CELL, MOST_COLUMNS, MOST_ROWS = 32_767, 16_384, 1_048_576
"""What a workbook's sheet holds."""

_NARROW, _WIDE = 10, 48
_FIRST_DAY = date(1900, 3, 1)
"""Days before it are counted differently by different spreadsheet programs."""

_UNWRITABLE = re.compile("[\ufffe\uffff]")

Cells = Sequence[Any]


class SheetFile(Protocol):
    def add(self, title: str, header: Sequence[str], rows: Iterable[Cells], header_row: int = 1) -> int:
        """A table whose header is in that row, and how many rows are below it. Raises InvalidInput for what the format
        does not hold: a second table in CSV, what is too much for a workbook."""


def check_place(path: Path, suffixes: Sequence[str]) -> None:
    """Raises InvalidInput where no file of these kinds can be written, before anybody has worked for it."""
    if path.suffix.lower() not in suffixes:
        message = f"`{path.name}` is none of the files we write here: {', '.join(suffixes)}"
        raise InvalidInput([Violation("path", "unknown_format", message)])
    if not path.absolute().parent.is_dir() or path.is_dir():
        message = f"`{path}` cannot be written: there is no folder for it; name a file in one that is there"
        raise InvalidInput([Violation("path", "no_folder", message)])


@contextmanager
def open_sheet_file(path: Path, delimiter: str | None = None) -> Iterator[SheetFile]:
    """Written beside the path and put in its place when it is whole. Raises InvalidInput as `check_place` does."""
    check_place(path, SHEET_SUFFIXES)
    suffix = path.suffix.lower()
    beside = path.with_name(f".{path.name}.new")
    try:
        with _workbook(beside) if suffix == ".xlsx" else _csv_file(beside, delimiter or ";") as file:
            yield file
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _csv_file(path: Path, delimiter: str) -> Iterator["_CsvFile"]:
    with path.open("wb") as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        yield _CsvFile(csv.writer(text, delimiter=delimiter, lineterminator="\r\n"))


class _CsvFile:
    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._tables = 0

    def add(self, title: str, header: Sequence[str], rows: Iterable[Cells], header_row: int = 1) -> int:
        if self._tables:
            message = f"CSV holds one table, and there is a second, `{title}`; choose .xlsx"
            raise InvalidInput([Violation("path", "one_table_only", message)])
        self._tables += 1
        self._writer.writerows([] for _ in range(header_row - 1))
        self._writer.writerow([guarded(name) for name in header])
        written = map(self._writer.writerow, ([_csv_cell(cell) for cell in cells] for cells in rows))
        return sum(1 for _ in written)


def _csv_cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, Amount):
        return guarded(cell.text())
    return guarded(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


@contextmanager
def _workbook(path: Path) -> Iterator["_Workbook"]:
    from xlsxwriter import Workbook

    texts = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(str(path), {"constant_memory": True, **texts})
    yield _Workbook(book)
    book.close()


class _Workbook:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "valign": "top"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def add(self, title: str, header: Sequence[str], rows: Iterable[Cells], header_row: int = 1) -> int:
        if len(header) > MOST_COLUMNS:
            message = f"{len(header):,} columns; a workbook holds {MOST_COLUMNS:,}: choose attributes or a family"
            raise InvalidInput([Violation("path", "too_many_columns", message)])
        sheet = self._book.add_worksheet(title[:31])
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
        elif isinstance(cell, Amount):
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

    def _write_number(self, sheet: Any, row: int, at: int, number: Amount) -> None:
        """As text where the program would lose digits."""
        if len(number.as_tuple().digits) > EXACT_DIGITS or abs(number.adjusted()) > EXACT_DIGITS:
            sheet.write_string(row, at, number.text())
        else:
            sheet.write_number(row, at, float(number))

    def _write_day(self, sheet: Any, row: int, at: int, day: date) -> None:
        if day < _FIRST_DAY:
            sheet.write_string(row, at, day.isoformat())
        else:
            sheet.write_datetime(row, at, day, self._day)
