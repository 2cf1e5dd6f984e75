"""Products and product models of a sheet, row by row, as edits: read by a column mapping, or as we write sheets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.structure import Structure
from pim.intake.model import Coverage, Entry, Part, Problem, Record, Unreadable
from pim.intake.readers.csv_lines import BadRow, Row
from pim.intake.readers.product_rows import association_record, bad_row, document_record, name_trouble
from pim.intake.seen_codes import SeenCodes
from pim.intake.sheets.cells import Notes, is_empty
from pim.intake.sheets.layout import IDENTIFIER, Layout, SheetOrigin, lay_out
from pim.intake.sheets.missing_options import read_missing_options
from pim.intake.sheets.model import ColumnMapping
from pim.intake.sheets.worksheets import Worksheet, open_worksheets

ROOTS, BELOW, PRODUCTS = "product_models roots", "product_models below", "products"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row in the order of the layout's fields; `cells` are converted, `raw` are the sheet's own."""

    line: int
    kind: str
    name: str
    cells: list[Any]
    raw: list[Any]
    problems: Sequence[Problem]
    notes: Sequence[str]

    @property
    def row(self) -> Row:
        return Row(self.line, self.cells)


def parts(path: Path, lines: Mapping[Path, int], mapping: ColumnMapping) -> list[Part]:
    """The passes over the sheets: options that are missing, where asked; root product models, those below them,
    products; and then who is associated with whom, since a row may point at one below it."""
    sheets = open_worksheets(path, mapping, lines.get(path, 0))
    passes: list[Part] = []
    if mapping.create_options:
        passes += [
            _part("attribute_options", sheet, mapping, read_missing_options, of_structure=True) for sheet in sheets
        ]
    for name in (ROOTS, BELOW, PRODUCTS):
        passes += [_part(name, sheet, mapping, partial(_read_documents, which=name)) for sheet in sheets]
    passes += [_part("associations", sheet, mapping, _read_associations, second_pass=True) for sheet in sheets]
    return passes


def _part(
    name: str,
    sheet: Worksheet,
    mapping: ColumnMapping,
    read: Any,
    of_structure: bool = False,
    second_pass: bool = False,
) -> Part:
    title = f"{name} of {sheet.title}" if sheet.title else name
    reader = partial(read, sheet, mapping)
    return Part(title, name.partition(" ")[0], sheet.file, sheet.lines, of_structure, reader, second_pass)


def _read_documents(sheet: Worksheet, mapping: ColumnMapping, structure: Structure, which: str) -> Iterator[Entry]:
    """Everything but associations. The pass for products also tells what is wrong with the header, and with rows that
    cannot be taken apart."""
    layout = lay_out(sheet.header, mapping, structure)
    if which == PRODUCTS:
        yield Unreadable(sheet.header_row, sheet.file, [*_unusable(layout, sheet, structure), *layout.problems])
    if not layout.names_rows or (which != PRODUCTS and not layout.names_models):
        return
    coverage, seen = layout.columns.coverage(), SeenCodes()
    for row in sheet.rows():
        if isinstance(row, BadRow):
            if which == PRODUCTS:
                yield bad_row(row)
        elif _is_for(row, layout, which):
            yield _entry(_read_row(row, layout), layout, mapping, structure, coverage, seen)


def _read_associations(sheet: Worksheet, mapping: ColumnMapping, structure: Structure) -> Iterator[Entry]:
    layout = lay_out(sheet.header, mapping, structure)
    if not layout.columns.associations or not layout.names_rows:
        return
    for row in sheet.rows():
        if isinstance(row, Row) and (read := _read_row(row, layout)).name:
            record = association_record(read.row, layout.columns, read.kind, read.name)
            if mapping.empty_cells == "keep":
                _leave_out_empty_associations(record, read, layout)
            record.origin = SheetOrigin(layout, row.cells)
            yield record


def _unusable(layout: Layout, sheet: Worksheet, structure: Structure) -> list[Problem]:
    """Why nothing in the sheet can be read: no column names its rows. An empty sheet is no trouble."""
    if layout.names_rows or not sheet.header:
        return []
    wanted = structure.identifier_attribute or IDENTIFIER
    message = (
        f"no column names the rows, so none was read: name one `{wanted}`, `code` (product models) or `uuid`, "
        f"or give `{IDENTIFIER}` to one in a column mapping; the header is in row {sheet.header_row}: "
        + ", ".join(sheet.header[:12])
    )
    return [Problem(wanted, None, "no_identifier_column", message)]


def _is_model(row: Row, layout: Layout) -> bool:
    return not all(is_empty(layout.raw(row.cells, name)) for name in ("code", "family_variant"))


def _is_for(row: Row, layout: Layout, which: str) -> bool:
    if not _is_model(row, layout):
        return which == PRODUCTS
    return which == (ROOTS if is_empty(layout.raw(row.cells, "parent")) else BELOW)


def _read_row(row: Row, layout: Layout) -> ReadRow:
    notes: Notes = []
    cells, problems = layout.converted(row.cells, notes)
    columns = layout.columns
    kind = PRODUCT_MODEL if _is_model(row, layout) else PRODUCT
    named = ["code", "", "uuid"] if kind == PRODUCT_MODEL else ["", "uuid"]
    places = [columns.fields.get(name) if name else columns.identifier for name in named]
    name = next((cells[place] for place in places if place is not None and cells[place]), "")
    return ReadRow(row.line, kind, name, cells, row.cells, problems, notes)


def _entry(
    read: ReadRow, layout: Layout, mapping: ColumnMapping, structure: Structure, coverage: Coverage, seen: SeenCodes
) -> Entry:
    trouble = name_trouble(read.row, layout.columns, read.kind, read.name, seen)
    if trouble or read.problems:
        return Unreadable(read.line, read.name, [*([trouble] if trouble else []), *read.problems])
    record = document_record(read.row, layout.columns, read.kind, read.name, structure, coverage)
    if mapping.empty_cells == "keep":
        _leave_out_empty(record, read, layout)
    record.origin = SheetOrigin(layout, read.raw)
    record.warnings = read.notes
    return record


def _leave_out_empty(record: Record, read: ReadRow, layout: Layout) -> None:
    """An empty cell says nothing; of prices only the currencies that are filled are replaced."""
    columns, patch = layout.columns, record.edit.patch or {}
    for name in ("categories", "groups", "family"):
        if name in columns.fields and not read.cells[columns.fields[name]]:
            patch.pop(name, None)
    filled = {
        (price.attribute, price.locale, price.scope): frozenset(code for code, at in price.amounts if read.cells[at])
        for price in columns.prices
    }
    places: dict[str, set[tuple[str | None, str | None]]] = {}
    for (attribute, locale, scope), currencies in filled.items():
        if currencies:
            places.setdefault(attribute, set()).add((locale, scope))
    record.coverage = Coverage({code: frozenset(found) for code, found in places.items()}, filled)


def _leave_out_empty_associations(record: Record, read: ReadRow, layout: Layout) -> None:
    patch = record.edit.patch or {}
    for column in layout.columns.associations:
        if not read.cells[column.index]:
            kinds = patch["quantified_associations" if column.quantified else "associations"]
            kinds.get(column.association_type, {}).pop(column.target, None)
