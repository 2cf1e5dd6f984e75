"""Records and assets as NDJSON: first all but their links, then those, since they may lead to lines further down."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.linked import LINK_TYPES, LINKED
from pim.catalog.model import Document, owner_of
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Part, Problem, Record, Unreadable
from pim.intake.readers.ndjson import (
    JsonOrigin,
    any_line,
    is_linked,
    kind_of,
    media_values,
    product_parts,
    read_lines,
)
from pim.intake.seen_codes import SeenCodes
from pim.versioning.model import Edit

RESOURCE = "records and assets"


def parts(path: Path, lines: Mapping[Path, int]) -> list[Part]:
    """The passes over one file of products, in which records and assets may be: those come first."""
    return [*linked_parts(path, lines[path], RESOURCE), *product_parts(path, lines[path])]


def linked_parts(path: Path, lines: int, resource: str, only: str = "") -> list[Part]:
    """Records and assets, then what they link to; `only` one kind, where the file says which."""
    read, read_links = (partial(_read, path, only, links) for links in (False, True))
    return [
        Part(resource, resource, path.name, lines, False, read),
        Part(f"links of {resource}", "links", path.name, lines, False, read_links, second_pass=True),
    ]


def _read(path: Path, only: str, links: bool, structure: Structure) -> Iterator[Entry]:
    """Of a file of many kinds, lines that cannot be read are told by the pass over its products."""
    seen = SeenCodes()
    for line, found in read_lines(path, any_line if only else is_linked):
        if isinstance(found, Unreadable):
            if only and not links:
                yield found
            continue
        entry = _entry(line, found, only or kind_of(found), structure, links)
        if isinstance(entry, Record) and not links:
            name = f"{entry.edit.kind}/{entry.edit.owner}/{entry.edit.code}"
            first = seen.first_line(name, line)
            if first is not None:
                message = f"`{name}` is on line {first} already; keep one of the two lines"
                entry = Unreadable(line, name, [Problem("code", entry.edit.code, "repeated_in_file", message)])
        if entry is not None:
            yield entry


def _entry(line: int, document: Document, kind: str, structure: Structure, links: bool) -> Entry | None:
    code, owner = document.get("code"), owner_of(kind, document)
    if not isinstance(code, str) or not code or not owner:
        field = "code" if owner else LINKED[kind].owner
        message = f"the document has no `{field}`"
        return None if links else Unreadable(line, "", [Problem(field, document.get(field), "no_code", message)])
    values = document.get("values", {})
    if not isinstance(values, dict):
        return None if links else Record(line, Edit(kind, code, document, owner=owner), JsonOrigin(document))
    attributes = structure.owned_attributes.get((kind, owner), {})
    of_links = {name for name in values if name in attributes and attributes[name].type in LINK_TYPES}
    if links and not of_links:
        return None
    own = {name: _scoped(entries) for name, entries in values.items() if (name in of_links) == links}
    patch = {**document, "values": own}
    media = frozenset(name for name, attribute in attributes.items() if attribute.type in MEDIA_TYPES)
    return Record(line, Edit(kind, code, patch, owner=owner), JsonOrigin(document), list(media_values(patch, media)))


def _scoped(entries: Any) -> Any:
    """Values of records and assets may say `channel` for their scope. What is no value stays as it is, to be told."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return entries
    return [
        {("scope" if name == "channel" and "scope" not in entry else name): data for name, data in entry.items()}
        for entry in entries
    ]
