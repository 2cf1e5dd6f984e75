"""CSV and TSV: a header row of names, then one row an item, or one a variant of it."""

import csv

from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.columns import Rows


def csv_writer(feed: Feed) -> "DelimitedWriter":
    return DelimitedWriter(feed, delimiter=",", newline="\r\n", media_type="text/csv")


def tsv_writer(feed: Feed) -> "DelimitedWriter":
    return DelimitedWriter(feed, delimiter="\t", newline="\n", media_type="text/tab-separated-values")


class DelimitedWriter:
    """Options: those of `columns.Rows`; `delimiter`, `newline`, `quote` (minimal or all), `media_type`.

    Cells of machine feeds are written as they are: no guard against spreadsheet formulas, which would change the data.
    """

    separator = b""

    def __init__(self, feed: Feed, *, delimiter: str, newline: str, media_type: str) -> None:
        options = feed.options
        self.media_type = str(options.get("media_type", media_type))
        rows = Rows(feed)
        self._headers, self._rows_of = rows.headers, rows.of
        self._line = csv.writer(
            Encoding(),
            delimiter=options.get("delimiter", delimiter),
            lineterminator=options.get("newline", newline),
            quoting=csv.QUOTE_ALL if options.get("quote") == "all" else csv.QUOTE_MINIMAL,
        ).writerow

    def header(self) -> bytes:
        line: bytes = self._line(self._headers)
        return line

    def item(self, item: Item) -> bytes:
        return b"".join(self._line(row) for row in self._rows_of(item.fields))

    def footer(self) -> bytes:
        return b""


class Encoding:
    """A file for `csv.writer`, whose `writerow` answers what `write` does: the line as bytes."""

    def write(self, line: str) -> bytes:
        return line.encode()
