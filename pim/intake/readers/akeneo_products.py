"""Products and product models of an Akeneo CSV export, row by row, as edits."""

from collections.abc import Iterator
from pathlib import Path

from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Problem, Unreadable
from pim.intake.readers.akeneo_columns import Columns, understand
from pim.intake.readers.csv_lines import BadRow, Row, read_header, read_rows
from pim.intake.readers.product_rows import (
    association_record,
    bad_row,
    document_record,
    field_of,
    name_trouble,
    row_name,
)
from pim.intake.seen_codes import SeenCodes

ALL, ROOTS, BELOW = "all", "roots", "below"
"""Which rows of a file a pass takes: product models come root models first."""


def read_documents(path: Path, kind: str, structure: Structure, which: str = ALL) -> Iterator[Entry]:
    """Everything but associations, which may point at rows further down. Begins with one entry for the header."""
    columns = understand(read_header(path), structure)
    problem = _unusable(columns, kind, path, structure)
    if which != BELOW:
        yield Unreadable(1, path.name, [problem, *columns.problems] if problem else columns.problems)
    if problem:
        return
    coverage, seen = columns.coverage(), SeenCodes()
    for row in read_rows(path, columns.header):
        if isinstance(row, BadRow):
            if which != BELOW:
                yield bad_row(row)
            continue
        if which != ALL and bool(field_of(row, columns, "parent")) != (which == BELOW):
            continue
        name = row_name(row, columns, kind)
        trouble = name_trouble(row, columns, kind, name, seen)
        if trouble:
            yield Unreadable(row.line, name, [trouble])
        else:
            yield document_record(row, columns, kind, name, structure, coverage)


def read_associations(path: Path, kind: str, structure: Structure) -> Iterator[Entry]:
    """The second pass: what each row associates, empty cells included, since they take associations away."""
    columns = understand(read_header(path), structure)
    if not columns.associations or _unusable(columns, kind, path, structure):
        return
    for row in read_rows(path, columns.header):
        if isinstance(row, Row) and (name := row_name(row, columns, kind)):
            yield association_record(row, columns, kind, name)


def _unusable(columns: Columns, kind: str, path: Path, structure: Structure) -> Problem | None:
    """Why nothing in the file can be read: no column names its rows. An empty file is no trouble."""
    if not columns.header:
        return None
    if kind == PRODUCT_MODEL and "code" not in columns.fields:
        return Problem("code", None, "no_code_column", f"{path.name} has no column `code`; no row was read")
    if kind == PRODUCT and columns.identifier is None and "uuid" not in columns.fields:
        wanted = structure.identifier_attribute or "sku"
        message = f"{path.name} has neither a column `{wanted}`, the identifier, nor `uuid`; no row was read"
        return Problem(wanted, None, "no_identifier_column", message)
    return None
