"""What values name beside the structure: media files, records and assets, and which of them are there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from pim.base.errors import Violation
from pim.catalog import store
from pim.catalog.attribute_types import MEDIA_TYPES, parse_decimal
from pim.catalog.linked import LINKED, target_of
from pim.catalog.model import Attribute, Value
from pim.catalog.table_columns import linking_columns

Attributes = Mapping[str, Attribute]
MEDIA_FILE = "media file"
MEGABYTE = 1_000_000
"""What `max_file_size` counts in."""
Target = tuple[str, str]
"""(kind, owner) of records or assets."""


@dataclass(slots=True)
class References:
    """Those that a batch of edits names and that are there, in the database or by the batch itself."""

    media: dict[str, int] = field(default_factory=dict)
    """Media file → its size in bytes."""
    linked: dict[Target, set[str]] = field(default_factory=dict)

    def load(self, session: Session, attributes: Attributes, patches: Iterable[Any]) -> None:
        """Looks up what the values of `patches`, whose shape has not been checked yet, name."""
        of_media = [code for code, attribute in attributes.items() if attribute.type in MEDIA_TYPES]
        of_links = [(code, *link) for code, attribute in attributes.items() for link in _links(attribute)]
        media: set[str] = set()
        linked: dict[Target, set[str]] = {}
        for patch in patches:
            values = patch.get("values") if isinstance(patch, Mapping) else None
            if not values:
                continue
            for code in of_media:
                media.update(_names(values, code))
            for code, column, target in of_links:
                linked.setdefault(target, set()).update(_names(values, code, column))
        self.media |= store.known_media(session, media)
        for (kind, owner), codes in linked.items():
            self.linked.setdefault((kind, owner), set()).update(store.known_linked(session, kind, owner, codes))

    def know(self, kind: str, owner: str, code: str) -> None:
        """A staged record or asset can be named by the edits after it."""
        self.linked.setdefault((kind, owner), set()).add(code)

    def broken_in(self, values: Mapping[str, Iterable[Value]], attributes: Attributes) -> list[Violation]:
        """What canonical values name that is not there, or too large."""
        found: list[Violation] = []
        for code in values:
            attribute = attributes[code]
            if attribute.type in MEDIA_TYPES:
                found += _unknown(code, values[code], self.media, MEDIA_FILE)
                found += _too_large(attribute, values[code], self.media)
            for column, (kind, owner) in _links(attribute):
                where = f" of {LINKED[kind].owner.replace('_', ' ')} `{owner}`"
                found += _unknown(code, values[code], self.linked.get((kind, owner), ()), kind, where, column)
        return found


def _links(attribute: Attribute) -> Iterator[tuple[str | None, Target]]:
    """What the attribute links to, and in which column when it is a table."""
    if target := target_of(attribute):
        yield None, target
    for column, like in linking_columns(attribute).items():
        if target := target_of(like):
            yield column, target


def _unknown(
    code: str, entries: Iterable[Value], there: Collection[str], what: str, where: str = "", column: str | None = None
) -> Iterator[Violation]:
    way_out = "upload it first" if what == MEDIA_FILE else "create it first"
    place = f", column `{column}`" if column else ""
    for value in entries:
        for name in _each(value["data"], column):
            if name not in there:
                message = f"attribute `{code}`{place}: {what} `{name}`{where} does not exist; {way_out}"
                rule = f"unknown_{what.partition(' ')[0]}"
                yield Violation(f"values.{code}", rule, message, code, value["locale"], value["scope"])


def _too_large(attribute: Attribute, entries: Iterable[Value], sizes: Mapping[str, int]) -> Iterator[Violation]:
    megabytes = parse_decimal(attribute.max_file_size)
    if megabytes is None:
        return
    most = int(megabytes * MEGABYTE)
    for value in entries:
        size = sizes.get(value["data"] or "", 0)
        if size > most:
            message = (
                f"attribute `{attribute.code}`: media file `{value['data']}` has {size:,} bytes; at most {most:,} fit"
            )
            place = (attribute.code, value["locale"], value["scope"])
            yield Violation(f"values.{attribute.code}", "too_large", message, *place)


def data_of(values: Any, attribute: str | None) -> Iterable[Any]:
    """Data given for an attribute by values whose shape has not been checked yet."""
    entries = values.get(attribute) if isinstance(values, Mapping) else None
    return [e.get("data") for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []


def _names(values: Any, attribute: str, column: str | None = None) -> Iterator[str]:
    for data in data_of(values, attribute):
        yield from _each(data, column)


def _each(data: Any, column: str | None = None) -> Iterator[str]:
    if column is not None:
        cells = (row.get(column) for row in data if isinstance(row, Mapping)) if isinstance(data, list) else ()
        yield from (cell for cell in cells if isinstance(cell, str) and cell)
    elif isinstance(data, str):
        if data:
            yield data
    elif isinstance(data, list):
        yield from (one for one in data if isinstance(one, str))
