"""What each export makes of the whole demo catalogue, made once."""

import csv
import io
import json
from functools import cache
from itertools import groupby
from typing import Any

from tests.contracts.export_examples import files_of
from tests.syndication.demo_items import PROJECT, demo_roots

Row = dict[str, str]
LOCALES = ("fr_FR", "en_GB")


@cache
def made(export: str) -> dict[str, bytes]:
    return files_of(PROJECT / "channel_exports" / export, list(demo_roots()))


def told(export: str, locale: str = "fr_FR") -> dict[str, Any]:
    """Accepted items, rejected ones with their reasons, those left out."""
    found: dict[str, Any] = json.loads(made(export)[f"items.{locale}.json"])
    return found


def rows(export: str, name: str, delimiter: str = ",") -> list[Row]:
    return list(csv.DictReader(io.StringIO(made(export)[name].decode(), newline=""), delimiter=delimiter))


def by(column: str, found: list[Row]) -> dict[str, list[Row]]:
    return {key: list(of) for key, of in groupby(found, lambda row: row[column])}
