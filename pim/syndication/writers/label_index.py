"""The list that tells a gateway which picture belongs on the label of which article, as JSON or CSV."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pim.syndication.feed import Feed

Entry = dict[str, Any]
Append = Callable[[Entry], object]

COLUMNS = [
    *("storeId", "itemId", "sku", "eans", "name", "brand", "variant", "locale", "category", "aisle", "link"),
    *("price", "currency", "unitPrice", "unit", "promoPrice", "promoStart", "promoEnd", "previousPrice"),
    *("origin", "ecoParticipation", "energyClass"),
    *("template", "width", "height", "palette", "rotation", "image", "bytes", "sha256"),
]
"""Fields of an entry, named as most gateways take them, then the picture's own. Prices are text."""


@contextmanager
def json_index(path: Path, feed: Feed) -> Iterator[Append]:
    """One entry a line inside `labels`, written as they come; an entry leaves out what its product does not have."""
    head = {"export": feed.export, "locale": feed.locale, "currency": feed.currency}
    with path.open("wb") as file:
        file.write(msgspec.json.encode(head)[:-1] + b',"labels":[')
        separator = b"\n"

        def append(entry: Entry) -> None:
            nonlocal separator
            file.write(separator + msgspec.json.encode({name: entry[name] for name in COLUMNS if name in entry}))
            separator = b",\n"

        yield append
        file.write(b"\n]}\n")


def entries_in(lines: Iterable[bytes]) -> Iterator[Entry]:
    """The entries of a JSON index, as they come."""
    for line in lines:
        entry = line.rstrip(b",\n")
        if entry.startswith(b"{") and entry.endswith(b"}"):
            yield msgspec.json.decode(entry)


@contextmanager
def csv_index(path: Path, feed: Feed) -> Iterator[Append]:
    """All columns in their order, several EANs separated by a space."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
        rows.writeheader()
        yield lambda entry: rows.writerow(entry | {"eans": " ".join(entry["eans"])})


INDEXES: dict[str, Callable[[Path, Feed], AbstractContextManager[Append]]] = {"json": json_index, "csv": csv_index}
MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
