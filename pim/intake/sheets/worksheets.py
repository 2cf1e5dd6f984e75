"""The tables of a file: one of a CSV file, one or more of a workbook. Opened once, read once a pass of an import."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pim.base.errors import InvalidInput, Violation, known
from pim.intake.readers.csv_lines import BadRow, Row, read_header, read_rows
from pim.intake.sheets.cells import as_text
from pim.intake.sheets.csv_form import detect_form
from pim.intake.sheets.csv_guard import unguarded
from pim.intake.sheets.model import ColumnMapping

CSV, WORKBOOK = "csv", "xlsx"
PRODUCTS_SHEET, MODELS_SHEET = "products", "product_models"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Worksheet:
    """`file` is how lines of it are told; rows begin below the header. Cells are texts in CSV, typed in workbooks."""

    file: str
    title: str
    header: list[str]
    header_row: int
    lines: int
    rows: Callable[[], Iterator[Row | BadRow]]


def format_of(path: Path) -> str:
    """`xlsx` for any workbook (also .xls, .xlsm, .ods), `csv` for text."""
    with path.open("rb") as file:
        return WORKBOOK if file.read(4).startswith((_ZIP, _OLE)) else CSV


def open_worksheets(path: Path, mapping: ColumnMapping, lines: int = 0) -> list[Worksheet]:
    """Of a workbook: the sheet that the mapping names; or `product_models` and `products`, where they are; or the first
    that is not hidden. Raises InvalidInput for a file that cannot be opened, or a sheet that is not there."""
    if format_of(path) == WORKBOOK:
        return _of_workbook(path, mapping)
    if mapping.sheet is not None:
        raise _no_sheet(path, mapping.sheet, [])
    return [_of_csv(path, mapping, lines)]


def _of_csv(path: Path, mapping: ColumnMapping, lines: int) -> Worksheet:
    form = detect_form(path, mapping.encoding, mapping.delimiter, mapping.header_row)
    header = _without_nameless_end([unguarded(name) for name in read_header(path, form)])

    def rows() -> Iterator[Row | BadRow]:
        for row in read_rows(path, header, form=form):
            yield row if isinstance(row, BadRow) else Row(row.line, [unguarded(cell) for cell in row.cells])

    return Worksheet(path.name, "", header, mapping.header_row, lines, rows)


def _of_workbook(path: Path, mapping: ColumnMapping) -> list[Worksheet]:
    from python_calamine import CalamineError, load_workbook

    try:
        workbook = load_workbook(str(path))
    except (CalamineError, OSError) as error:
        message = f"`{path.name}` cannot be opened as a workbook: {error}; save it as .xlsx or CSV"
        raise InvalidInput([Violation("path", "bad_workbook", message)]) from error
    names = _chosen(path, mapping.sheet, workbook)
    several = len(names) > 1
    return [_sheet(path, workbook.get_sheet_by_name(name), mapping, several or bool(mapping.sheet)) for name in names]


def _chosen(path: Path, wanted: str | None, workbook: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    names: list[str] = workbook.sheet_names
    if wanted is not None:
        if wanted not in names:
            raise _no_sheet(path, wanted, names)
        return [wanted]
    ours = [name for name in (MODELS_SHEET, PRODUCTS_SHEET) if name in names]
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    return ours or shown[:1] or names[:1]


def _no_sheet(path: Path, wanted: str, names: list[str]) -> InvalidInput:
    found = known(names) if names else "a CSV file has none: leave `sheet` out"
    return InvalidInput([Violation("sheet", "no_sheet", f"`{path.name}` has no sheet `{wanted}`; {found}")])


def _sheet(path: Path, sheet: Any, mapping: ColumnMapping, named: bool) -> Worksheet:
    at = mapping.header_row
    first: list[Any] = next(islice(sheet.iter_rows(), at - 1, None), [])
    header = _without_nameless_end([as_text(cell, []).strip() for cell in first])

    def rows() -> Iterator[Row | BadRow]:
        width = len(header)
        for line, cells in enumerate(islice(sheet.iter_rows(), at, None), start=at + 1):
            if any(cell != "" for cell in cells[width:]):
                yield _beyond(line, header, cells)
            elif any(cell != "" for cell in cells):
                yield Row(line, cells[:width])

    file = f"{path.name} [{sheet.name}]" if named else path.name
    return Worksheet(file, sheet.name, header, at, sheet.total_height, rows)


def _without_nameless_end(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header.pop()
    return header


def _beyond(line: int, header: list[str], cells: list[Any]) -> BadRow:
    value = as_text(next(cell for cell in cells[len(header) :] if cell != ""), [])
    message = f"has a cell behind the last column of the header, `{header[-1] if header else ''}`; name its column"
    return BadRow(line, as_text(cells[0], []), header[-1] if header else "", value, "ragged", message)
