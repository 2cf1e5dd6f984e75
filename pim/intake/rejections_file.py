"""What an import left out, as CSV for people with a spreadsheet program."""

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from pim.intake.model import Rejection
from pim.intake.sheets.csv_guard import guarded

COLUMNS = ("resource", "file", "line", "subject", "column", "value", "code", "message")


def as_csv(rejections: Iterable[Rejection]) -> Iterator[bytes]:
    """One reason a line, streamed; UTF-8 with the mark by which spreadsheet programs know it."""
    yield "\ufeff".encode() + _line(COLUMNS)
    for one in rejections:
        value = one.value if isinstance(one.value, str) else msgspec.json.encode(one.value).decode()
        texts = (one.resource, one.file, str(one.line), one.subject, one.column, value, one.code, one.message)
        yield _line([guarded(text) for text in texts])


def _line(texts: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(texts)
    return line.getvalue().encode()
