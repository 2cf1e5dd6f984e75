"""How a CSV file of somebody's spreadsheet program is written: in which encoding, with what between the cells."""

import codecs
import csv
from itertools import islice
from pathlib import Path

from pim.base.errors import InvalidInput, Violation, known
from pim.intake.readers.csv_lines import DELIMITERS, CsvForm

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 64 * 1024
_ROWS_LOOKED_AT = 20


def detect_form(path: Path, encoding: str | None = None, delimiter: str | None = None, header_row: int = 1) -> CsvForm:
    """What is given stays, but for an encoding where the file begins with the mark of another. Raises InvalidInput for
    an encoding that does not exist."""
    marked = _by_mark(path)
    chosen = marked or (existing_encoding(encoding) if encoding else detect_encoding(path))
    return CsvForm(delimiter or _delimiter(path, chosen, header_row), chosen, header_row)


def existing_encoding(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        message = f"encoding `{encoding}` does not exist; {known(['utf-8', 'utf-16', 'cp1252', 'iso8859-15'])}"
        raise InvalidInput([Violation("encoding", "unknown_encoding", message)]) from None


def _by_mark(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(4)
    return next((encoding for mark, encoding in _BOMS if start.startswith(mark)), None)


def detect_encoding(path: Path) -> str:
    """Without a byte order mark. By NULs; else UTF-8, unless more lines are no UTF-8 than have letters that prove it:
    such a file comes from a spreadsheet program on Windows."""
    with path.open("rb") as file:
        start = file.read(4096)
        if b"\0" in start and start.count(b"\0") * 3 > len(start):
            return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        file.seek(0)
        good = bad = 0
        for line in file:
            if not line.isascii():
                try:
                    line.decode()
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
    return "cp1252" if bad > good else "utf-8"


def _delimiter(path: Path, encoding: str, header_row: int) -> str:
    """The one that takes the header apart into the most cells, and the rows below it into as many."""
    with path.open("rb") as file:
        raw = file.read(_LOOKED_AT)
    lines = raw.decode(encoding, "replace").removeprefix("\ufeff").splitlines(keepends=True)
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter, header_row))


def _fit(lines: list[str], delimiter: str, header_row: int) -> int:
    try:
        rows = islice(csv.reader(lines, delimiter=delimiter), header_row - 1, header_row + _ROWS_LOOKED_AT)
        widths = [len(row) for row in rows if any(row)]
    except csv.Error:
        return 0
    return (widths[0] - 1) * widths.count(widths[0]) if widths else 0
