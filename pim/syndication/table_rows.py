"""How a mapping reads a table: a list of rows, each an object of its filled cells by column."""

from collections.abc import Callable
from typing import Any

from pim.catalog.model import Attribute, TableColumn
from pim.catalog.table_columns import SELECT, cell_attribute
from pim.syndication.context import MappingContext
from pim.syndication.transforms.tables import TableRow
from pim.syndication.transforms.text import clean
from pim.syndication.words import word_of

ReadCell = Callable[[Any], Any]
ReaderOf = Callable[[Attribute, MappingContext, bool], Any]


def rows_reader(
    attribute: Attribute, context: MappingContext, labelled: bool, reader_of: ReaderOf
) -> Callable[[Any], list[TableRow]]:
    """Cells as `reader_of` reads values of attributes like their columns; `labelled`: as people of the locale do."""
    columns = [(column.code, _cell_reader(column, context, labelled, reader_of)) for column in attribute.columns]
    first = attribute.columns[0].code

    def read(rows: Any) -> list[TableRow]:
        made = []
        for row in rows:
            cells = TableRow((code, got) for code, cell in columns if (got := cell(row.get(code))) is not None)
            cells.key = row[first]
            made.append(cells)
        return made

    return read


def _cell_reader(column: TableColumn, context: MappingContext, labelled: bool, reader_of: ReaderOf) -> ReadCell:
    like = cell_attribute(column)
    reader = reader_of(like, context, labelled)
    word = word_of(like, context)
    if column.data_type == SELECT:
        labels = {code: clean(context.label(option.labels, code)) for code, option in column.option_codes.items()}
        return (lambda cell: labels.get(cell, cell)) if labelled else (lambda cell: cell)

    def read(cell: Any) -> Any:
        key = None if cell is None else reader.key(cell)
        value = None if key is None else reader.value(key)
        return word(value) if labelled and value is not None else value

    return read
