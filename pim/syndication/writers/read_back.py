"""Items as a finished feed says them: the fields of an item, read from its bytes. Nothing is rendered for it, so it is
true of whatever was published, also by an earlier definition.

Formats of text give texts. XML: elements by name without namespace, attributes as `@name`, repeated ones as a list.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

import msgspec

Fields = dict[str, Any]
ReadItem = Callable[[bytes], Fields]

NAMESPACE = re.compile(r'xmlns:[A-Za-z_][\w.-]*="[^"]*"')


def item_reader(writer: str, options: Mapping[str, Any], header: bytes) -> ReadItem:
    """For a feed that `writer` wrote with these options, and that begins with `header`. Of a writer that makes whole
    files of its items: for the record of these."""
    match writer:
        case "rss" | "sitemap":
            return _xml(header)
        case "csv" | "tsv":
            return _delimited(header, options.get("delimiter", "," if writer == "csv" else "\t"), _rows(options))
        case "json" if "entries" in options:
            entries = msgspec.json.Decoder(list[Any])
            return lambda content: {options["entries"]: entries.decode(b"[" + content + b"]")}
        case "json" | "jsonl" | "shards":
            return msgspec.json.Decoder(dict[str, Any]).decode
        case _:
            recorded = msgspec.json.Decoder(tuple[str, str, str, Fields])
            return lambda content: recorded.decode(content)[3]


def _xml(header: bytes) -> ReadItem:
    names = " ".join(NAMESPACE.findall(header.decode()))
    start = f"<items {names}>".encode()

    def read(content: bytes) -> Fields:
        root = ElementTree.fromstring(start + content + b"</items>")
        items = [_element(item) for item in root]
        return items[0] if len(items) == 1 and isinstance(items[0], dict) else {"entries": items}

    return read


def _element(element: ElementTree.Element) -> Any:
    if not len(element) and not element.attrib:
        return element.text or ""
    fields: Fields = {f"@{name}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = child.tag.rpartition("}")[2], _element(child)
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _rows(options: Mapping[str, Any]) -> str | None:
    """The first of the lists whose entries stand side by side in the rows."""
    rows = options.get("rows")
    return rows[0] if isinstance(rows, list) else rows


def _delimited(header: bytes, delimiter: str, rows: str | None) -> ReadItem:
    """Empty cells say nothing. With `rows` an item is the list of its lines under that name."""
    names: list[str] = next(_lines(header, delimiter), [])

    def read(content: bytes) -> Fields:
        lines = [
            {name: cell for name, cell in zip(names, line, strict=False) if cell} for line in _lines(content, delimiter)
        ]
        return {rows: lines} if rows else (lines or [{}])[0]

    return read


def _lines(content: bytes, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
