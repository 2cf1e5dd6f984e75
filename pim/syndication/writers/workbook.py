"""XLSX, for people who want a sheet: the columns and rows of a delimited feed, with a header that stays in sight.

Texts are texts: none is taken for a formula, a number or a link. Numbers and booleans are what they are. The same items
give the same bytes.
"""

import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from pim.base.errors import InvalidInput
from pim.base.workbook import MOST_ROWS, open_workbook
from pim.syndication.feed import Feed, Put
from pim.syndication.model import Item
from pim.syndication.writers.columns import Rows

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_workbook(feed: Feed, items: Iterable[Item], put: Put) -> None:
    """Options: those of `columns.Rows`, and `sheet`, the name of the sheet. What does not fit into one sheet goes on in
    the next. Raises InvalidInput for a text that is too long for a cell."""
    rows, title = Rows(feed, typed=True), str(feed.options.get("sheet", feed.export))
    cells = ([_exact(cell) for cell in row] for item in items for row in rows.of(item.fields))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.xlsx"
        try:
            with open_workbook(path) as book:
                for number, lot in enumerate(in_lots(cells, MOST_ROWS - 1), start=1):
                    book.add(title if number == 1 else f"{title[:26]} {number}", rows.headers, lot)
        except InvalidInput as error:
            raise InvalidInput(error.violations, f"file `{feed.name}` of export `{feed.export}`") from error
        put(feed.name, path, MEDIA_TYPE)


def _exact(cell: Any) -> Any:
    return Decimal(str(cell)) if isinstance(cell, float) else cell


def in_lots(rows: Iterator[list[Any]], most: int) -> Iterator[Iterator[list[Any]]]:
    """So many rows at a time, each lot taken before the next; the first may be empty, so that a header is written."""
    for number in count():
        first = list(islice(rows, 1))
        if number and not first:
            return
        yield chain(first, islice(rows, most - 1))
