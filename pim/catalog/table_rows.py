"""Values of table attributes: rows in their order, each an object of its filled cells by column.

    [{"size": "m", "chest": {"amount": "96", "unit": "CENTIMETER"}}, {"size": "l"}]

The cell of the first column says which row it is. A table has no row twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pim.base.errors import known, shown
from pim.catalog.model import Attribute, TableColumn
from pim.catalog.structure import Structure
from pim.catalog.table_columns import SELECT, cell_attribute

if TYPE_CHECKING:  # which names the checks below as its own
    from pim.catalog.attribute_types import Check, Indexed, Problems

Row = dict[str, Any]
Rows = list[Row]

MOST_CELLS = 8_000
"""In all tables of one product."""

EMPTY = (None, "")


def check_table(check_of: Callable[[str], Check]) -> Check:
    """`check_of` gives the check of an attribute type: cells are checked as values of that type are."""

    def check(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            example = ", ".join(f'"{column.code}": …' for column in attribute.columns[:2])
            problems.append(("wrong_type", f"{shown(data)} is not a list of rows; write [{{{example}}}]"))
            return data
        rows: Rows = []
        for number, row in enumerate(data, start=1):
            _check_columns(row, number, attribute, problems)
            rows.append(_checked_row(row, number, attribute, structure, check_of, problems))
        problems += _repeated_rows(rows, attribute)
        return rows

    return check


def _check_columns(row: Row, number: int, attribute: Attribute, problems: Problems) -> None:
    columns = [column.code for column in attribute.columns]
    for code in row:
        if code not in columns:
            problems.append(("unknown_column", f"row {number}: column `{code}` does not exist; {known(columns)}"))
    if row.get(columns[0]) in EMPTY:
        first = attribute.columns[0]
        options = f"; {known(first.option_codes)}" if first.data_type == SELECT else ""
        message = f"row {number}: column `{first.code}` says which row it is and must be filled{options}"
        problems.append(("row_required", message))


def _checked_row(
    row: Row,
    number: int,
    attribute: Attribute,
    structure: Structure,
    check_of: Callable[[str], Check],
    problems: Problems,
) -> Row:
    checked: Row = {}
    for column in attribute.columns:
        cell = row.get(column.code)
        if cell in EMPTY:
            continue
        found: Problems = []
        if column.data_type == SELECT:
            _check_select(cell, column, found)
        else:
            like = cell_attribute(column)
            cell = check_of(like.type)(cell, like, structure, found)
        where = f"row {number}, column `{column.code}`"
        problems += [(code, f"{where}: {message}") for code, message in found]
        checked[column.code] = cell
    return checked


def _check_select(cell: Any, column: TableColumn, problems: Problems) -> None:
    if not isinstance(cell, str):
        problems.append(("wrong_type", f"{shown(cell)} is not an option's code"))
    elif cell not in column.option_codes:
        problems.append(("unknown_option", f"option {shown(cell)} does not exist; {known(column.option_codes)}"))


def _repeated_rows(rows: Rows, attribute: Attribute) -> Iterator[tuple[str, str]]:
    first = attribute.columns[0].code
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        key = row.get(first)
        if isinstance(key, str):
            if key in places:
                yield "duplicate_row", f"row {number}: `{key}` is row {places[key]} already; a table has it once"
            places.setdefault(key, number)


def index_table(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    """Which rows there are."""
    return [(row[attribute.columns[0].code], None, None) for row in data]


def table_filled(data: Any, attribute: Attribute, currencies: Collection[str]) -> bool:
    """Whether there are rows, and each has every column that is required."""
    required = [column.code for column in attribute.columns if column.is_required_for_completeness]
    return bool(data) and all(code in row for row in data for code in required)


def cell_count(data: Any) -> int:
    """Of any data: what is no table has none."""
    return sum(len(row) for row in data if isinstance(row, dict)) if isinstance(data, list) else 0


def in_column_order(rows: Rows, attribute: Attribute) -> Rows:
    """The database keeps no order of an object's keys."""
    return [{column.code: row[column.code] for column in attribute.columns if column.code in row} for row in rows]


def loses_cells(old: Attribute, new: Attribute) -> bool:
    """Whether a column or an option is gone that cells may have."""
    after = {column.code: column for column in new.columns}
    return any(
        column.code not in after or not column.option_codes.keys() <= after[column.code].option_codes.keys()
        for column in old.columns
    )


def without_lost_cells(rows: Rows, attribute: Attribute) -> Rows:
    """What is left of `rows` under the columns and options that `attribute` has: a row whose first cell is lost goes
    as a whole."""
    kept = [
        {
            column.code: row[column.code]
            for column in attribute.columns
            if column.code in row and (column.data_type != SELECT or row[column.code] in column.option_codes)
        }
        for row in rows
    ]
    return [row for row in kept if attribute.columns[0].code in row]


@dataclass(frozen=True, slots=True)
class RowChange:
    """The row that begins with `row` in the first column, before and after; None where it was not there, or is no
    more."""

    column: str
    row: str
    old: Row | None
    new: Row | None


def row_changes(old: Rows | None, new: Rows | None, attribute: Attribute) -> list[RowChange]:
    """Rows that came, went or changed: those that were there first, in their order, then the new ones."""
    first = attribute.columns[0].code
    before = {row.get(first): row for row in old or ()}
    after = {row.get(first): row for row in new or ()}
    return [
        RowChange(first, str(key), before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]
