"""What an import left out and (a dry run) would change, as a file: rejected rows that can be corrected and imported.

Rejected rows stand as they were in the sheet, behind two columns that are not read: their line, and why they were left
out. `.xlsx` has them and the changes in two sheets, `.csv` the rejected rows, `.ndjson` both, a line each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from pim.catalog.model import Document
from pim.intake.model import CellChange, DocumentChange, Rejection
from pim.intake.readers.csv_lines import Row
from pim.intake.recognise import recognise
from pim.intake.sheets.cells import number_text
from pim.intake.sheets.layout import COMMENT
from pim.intake.sheets.model import ColumnMapping
from pim.intake.sheets.sheet_file import SHEET_SUFFIXES, check_place, open_sheet_file
from pim.intake.sheets.worksheets import Worksheet, open_worksheets
from pim.intake.sheets.write_cells import Amount

LINE, WHY = f"{COMMENT} line", f"{COMMENT} why"
_PLAIN = ["file", "line", "subject", "column", "value", "why"]
_CHANGES = ["what", "resource", "code", "attribute", "locale", "channel", "from", "to"]


@dataclass(slots=True)
class Report:
    """Takes in what an import tells, then writes it. All rejections are kept until then, changes only where the file
    has a place for them."""

    path: Path
    rejections: list[Rejection] = field(default_factory=list)
    changes: list[DocumentChange] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_place(self.path, (*SHEET_SUFFIXES, ".ndjson"))

    def add_change(self, change: DocumentChange) -> None:
        if self.path.suffix.lower() != ".csv":
            self.changes.append(change)

    def write(self, source: Path, mapping: ColumnMapping | None = None) -> None:
        if self.path.suffix.lower() == ".ndjson":
            lines = [*(r.as_document() for r in self.rejections), *map(change_document, self.changes)]
            self.path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            return
        row = mapping.header_row if mapping else 1
        with open_sheet_file(self.path, mapping.delimiter if mapping else None) as file:
            for title, header, rows in rejected_sheets(source, mapping, self.rejections):
                file.add(title, header, rows, row)
            if self.changes:
                file.add("# changes", _CHANGES, _change_rows(self.changes))


def change_document(change: DocumentChange) -> Document:
    cells = [_cell_document(one) for one in change.cells]
    return {"status": change.status, "resource": change.resource, "code": change.code, "changes": cells}


def _cell_document(change: CellChange) -> Document:
    cell = change.cell
    told = {"path": cell.path, "attribute": cell.attribute, "locale": cell.locale, "scope": cell.scope}
    rows = {} if change.rows is None else {"rows": change.rows}
    return {**told, "from": change.old, "to": change.new, **rows}


def rejected_sheets(
    source: Path, mapping: ColumnMapping | None, rejections: Sequence[Rejection]
) -> Iterator[tuple[str, list[str], Iterator[list[Any]]]]:
    """(title, header, rows) of each sheet that was read; of what is no sheet, one list of the reasons."""
    content = recognise(source, mapping)
    if content.mapping is None:
        yield "rejected", _PLAIN, ([r.file, r.line, r.subject, r.column, str(r.value), r.message] for r in rejections)
        return
    sheets = open_worksheets(content.path, content.mapping)
    told = {rejection.file for rejection in rejections}
    for sheet in [sheet for sheet in sheets if sheet.file in told] or sheets[:1]:
        reasons: dict[int, list[str]] = {}
        for rejection in rejections:
            if rejection.file == sheet.file:
                reasons.setdefault(rejection.line, []).append(rejection.message)
        yield sheet.title or "rejected", [LINE, WHY, *sheet.header], _rejected_rows(sheet, reasons)


def _rejected_rows(sheet: Worksheet, reasons: dict[int, list[str]]) -> Iterator[list[Any]]:
    for row in sheet.rows():
        if row.line in reasons:
            cells = row.cells if isinstance(row, Row) else [row.first_cell]
            yield [row.line, "\n".join(dict.fromkeys(reasons[row.line])), *map(_as_it_was, cells)]


def _as_it_was(cell: Any) -> Any:
    """A cell of any workbook as one of ours."""
    if isinstance(cell, float):
        return Amount(Decimal(number_text(cell)))
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else cell.isoformat(" ")
    return cell if isinstance(cell, str | int | date) else str(cell)


def _change_rows(changes: Sequence[DocumentChange]) -> Iterator[list[Any]]:
    for change in changes:
        what = [change.status, change.resource, change.code]
        if not change.cells:
            yield [*what, "", "", "", "", ""]
        for one in change.cells:
            place = [one.cell.attribute or one.cell.path, one.cell.locale or "", one.cell.scope or ""]
            for before_and_after in [(one.old, one.new)] if one.rows is None else [(r.old, r.new) for r in one.rows]:
                yield [*what, *place, *map(_text, before_and_after)]


def _text(data: Any) -> str:
    if data is None:
        return ""
    return data if isinstance(data, str) else msgspec.json.encode(data).decode()
