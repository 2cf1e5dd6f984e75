"""An item schema in several files, as one: whoever has it needs no other file to read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from pim.base.errors import InvalidInput, Violation

Schema = dict[str, Any]


def load_bundled(path: Path) -> Schema:
    """The schema in `path`. Files that it refers to by a relative path, and those that they refer to, are put into its
    `$defs`, each under the address that references to it resolve to (JSON Schema 2020-12, compound documents). They
    follow the rules of the schema around them, whatever dialect they name.

    Raises InvalidInput for a file that is not there.
    """
    schema = _read(path)
    address = schema.get("$id", path.as_uri())
    embedded: dict[str, Schema] = {}
    _embed(schema, path, address, embedded)
    return {**schema, "$defs": {**schema.get("$defs", {}), **embedded}} if embedded else schema


def _embed(schema: Schema, path: Path, address: str, embedded: dict[str, Schema]) -> None:
    for reference in sorted(set(_relative_references(schema))):
        where = urljoin(address, reference)
        if where in embedded:
            continue
        file = (path.parent / reference).resolve()
        if not file.is_file():
            message = f"{path.name} refers to `{reference}`, and there is no such file beside it"
            raise InvalidInput([Violation("schema", "missing_file", message)])
        found = {name: value for name, value in _read(file).items() if name != "$schema"}
        embedded[where] = {**found, "$id": where}
        _embed(found, file, where, embedded)


def _relative_references(schema: Any) -> Iterator[str]:
    """Paths, without what follows `#`."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#") and "://" not in reference:
            yield reference.partition("#")[0]
        for value in schema.values():
            yield from _relative_references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _relative_references(value)


def _read(path: Path) -> Schema:
    schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    return schema
