"""The formats feeds are written in, by the name that export.yaml calls them."""

from collections.abc import Callable

from pim.base.errors import InvalidInput, Violation, known
from pim.syndication.feed import ArtifactWriter, Feed, SequenceWriter
from pim.syndication.writers.delimited import csv_writer, tsv_writer
from pim.syndication.writers.json_array import JsonArrayWriter
from pim.syndication.writers.json_lines import JsonLinesWriter
from pim.syndication.writers.parts import in_parts
from pim.syndication.writers.rss import RssWriter
from pim.syndication.writers.shards import ShardsWriter
from pim.syndication.writers.sitemap import SitemapWriter

WRITERS: dict[str, Callable[[Feed], SequenceWriter]] = {
    "rss": RssWriter,
    "csv": in_parts(csv_writer),
    "tsv": in_parts(tsv_writer),
    "json": in_parts(JsonArrayWriter),
    "jsonl": JsonLinesWriter,
    "sitemap": SitemapWriter,
    "shards": ShardsWriter,
}


def _labels() -> ArtifactWriter:
    from pim.syndication.writers.labels import write_labels

    return write_labels


def _signage() -> ArtifactWriter:
    from pim.syndication.writers.signage import write_signage

    return write_signage


def _typst_pdf() -> ArtifactWriter:
    from pim.syndication.writers.typst_pdf import write_typst_pdf

    return write_typst_pdf


def _workbook() -> ArtifactWriter:
    from pim.syndication.writers.workbook import write_workbook

    return write_workbook


ARTIFACTS: dict[str, Callable[[], ArtifactWriter]] = {
    "labels": _labels,
    "signage": _signage,
    "typst": _typst_pdf,
    "xlsx": _workbook,
}
"""Made whole; their drawing libraries are imported only when a run needs them."""


def check_writer(export: str, file: str, name: str) -> None:
    """Raises InvalidInput naming the writers there are."""
    if name not in WRITERS and name not in ARTIFACTS:
        message = f"file `{file}` of export `{export}` asks for writer `{name}`; {known([*WRITERS, *ARTIFACTS])}"
        raise InvalidInput([Violation("files", "unknown_writer", message)])
