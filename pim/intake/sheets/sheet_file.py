"""Writing tables for spreadsheet programs: CSV, or a workbook whose header stays in sight.

Cells are texts, numbers (int and Amount), booleans and days. A text is never taken for a formula: a workbook says that
it is a text, and CSV guards it (`csv_guard.py`).
"""

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Protocol

from pim.base.errors import InvalidInput, Violation
from pim.base.workbook import Cells, open_workbook
from pim.intake.sheets.csv_guard import guarded
from pim.intake.sheets.write_cells import Amount

SHEET_SUFFIXES = (".xlsx", ".csv")


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
        with open_workbook(beside, Amount.text) if suffix == ".xlsx" else _csv_file(beside, delimiter or ";") as file:
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
