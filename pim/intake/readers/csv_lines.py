"""Rows of a CSV file as people and spreadsheet programs write them, each with its line, good or bad.

Any line ends, any of `;` `,` tab and `|` between cells; UTF-8 with or without a byte order mark, unless the caller
knows another encoding. A bad line never hides the lines after it.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from pim.base.errors import Unreadable

DELIMITERS = ";,\t|"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a file is written. The header is its row number `header_row`; what is above is passed over."""

    delimiter: str
    encoding: str = "utf-8"
    header_row: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins; a quoted cell may go over several lines."""

    line: int
    cells: list[Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken apart into the header's columns."""

    line: int
    first_cell: str
    column: str
    value: str
    code: str
    message: str


def read_header(path: Path, form: CsvForm | None = None) -> list[str]:
    """The names of the columns; [] for an empty file."""
    with _opened(path, form) as (rows, _):
        return [name.strip() for name in next(rows, [])]


def read_rows(path: Path, header: list[str], pad: bool = False, form: CsvForm | None = None) -> Iterator[Row | BadRow]:
    """Every row below the header that holds anything. `pad` lets rows end early, as hand-written lists do."""
    with _opened(path, form) as (rows, lines):
        next(rows, None)
        width = len(header)
        while True:
            line = rows.line_num + 1
            lines.bad = ""
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(line, "", "", "", "bad_csv", f"cannot be taken apart: {error}; look for a stray quote")
                continue
            if lines.bad:
                yield _badly_written(line, header, cells)
            elif len(cells) == width and any(cells):
                yield Row(line, cells)
            elif any(cells):
                yield _fitted(line, cells, header, pad)


def _fitted(line: int, cells: list[str], header: list[str], pad: bool) -> Row | BadRow:
    width = len(header)
    if pad and len(cells) < width:
        return Row(line, cells + [""] * (width - len(cells)))
    if not any(cells[width:]) and len(cells) > width:
        return Row(line, cells[:width])
    found = f"has {len(cells)} cells, the header has {width}"
    if len(cells) < width:
        column, value = header[len(cells)], ""
        message = f"{found}: it ends before `{column}`; write every cell, also the empty ones"
    else:
        column, value = header[-1], cells[width]
        message = f"{found}; quote cells that hold the delimiter"
    return BadRow(line, cells[0] if cells else "", column, value, "ragged", message)


def _badly_written(line: int, header: list[str], cells: list[str]) -> BadRow:
    """Names the first cell with bytes that are no UTF-8, or with a NUL."""
    at = next((n for n, cell in enumerate(cells) if not _is_text(cell)), 0)
    column = header[at] if at < len(header) else ""
    cell = cells[at] if cells else ""
    if "\x00" in cell:
        return BadRow(line, _visible(cells[0]), column, _visible(cell), "bad_character", "holds a NUL; remove it")
    message = "holds bytes that are no UTF-8; save the file as CSV UTF-8 and import it again"
    return BadRow(line, _visible(cells[0]) if cells else "", column, _visible(cell), "bad_encoding", message)


def _is_text(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in cell


def _visible(cell: str) -> str:
    """With what cannot be shown, or stored, written as an escape."""
    return cell.replace("\x00", "\\x00").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _delimiter(path: Path) -> str:
    with path.open("rb") as file:
        header = file.readline().decode("utf-8", "replace")
    return max(DELIMITERS, key=header.count)


@contextmanager
def _opened(path: Path, form: CsvForm | None) -> Iterator[tuple[Any, "_Lines"]]:
    """(reader whose next row is the header, the lines it reads)"""
    form = form or CsvForm(_delimiter(path))
    with path.open("rb") as file:
        lines = _Lines(file, form.encoding)
        rows = csv.reader(lines, delimiter=form.delimiter)
        for _ in range(form.header_row - 1):
            next(rows, None)
        yield rows, lines


class _Lines:
    """The lines of a file as text. `bad` becomes the latest line that is not of the encoding or holds a NUL, until
    emptied."""

    def __init__(self, file: Any, encoding: str) -> None:
        self._wide = encoding.startswith(("utf-16", "utf_16", "utf-32", "utf_32"))
        self._file: Any = TextIOWrapper(file, encoding, newline="\n") if self._wide else file
        self._encoding = encoding
        self._first = True
        self.bad = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text = self._next_wide() if self._wide else self._next()
        if self._first:
            self._first = False
            text = text.removeprefix("\ufeff")
        return text

    def _next(self) -> str:
        raw: bytes = next(self._file)
        text: str
        try:
            text = raw.decode(self._encoding)
        except UnicodeDecodeError:
            self.bad = text = raw.decode(self._encoding, "surrogateescape")
        if b"\x00" in raw:
            self.bad = text
        return text

    def _next_wide(self) -> str:
        """Where a byte is no character, a spoilt one cannot be told from its neighbours."""
        try:
            text: str = next(self._file)
        except UnicodeDecodeError as error:
            raise Unreadable(f"the file is not {self._encoding}: {error.reason}; save it as CSV UTF-8") from error
        if "\x00" in text:
            self.bad = text
        return text
