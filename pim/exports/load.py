"""Reads definitions of exports from their folders, whole and checked, or says everything that is wrong with them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.base.settings import data_folder
from pim.exports.check import check_definition
from pim.exports.grammar import check_grammar
from pim.exports.inheritance import (
    EXPORT_FILE,
    MAPPING_FILE,
    extended_folders,
    read_file,
    read_inherited,
    without_unknown_fields,
)
from pim.exports.located_yaml import Located
from pim.exports.model import GRAIN_ROOT, ExportDefinition
from pim.exports.schedule import as_schedule
from pim.exports.schema_bundle import load_bundled

EXAMPLES = "examples"
NOT_RENDERED = frozenset({"destinations", "feedback", "schedule", "gate", "keep", "cursor_days"})
"""What export.yaml says about feeds that are finished: other answers make no other feed."""


def load_definitions(folder: Path) -> dict[str, ExportDefinition]:
    """Every export in `folder`, by name. Raises InvalidInput with the violations of all of them."""
    definitions: dict[str, ExportDefinition] = {}
    violations: list[Violation] = []
    for export in sorted(path.parent for path in folder.glob(f"*/{EXPORT_FILE}")):
        try:
            definitions[export.name] = load_definition(export)
        except InvalidInput as error:
            violations += error.violations
    if violations:
        raise InvalidInput(violations)
    return definitions


def load_definition(folder: Path) -> ExportDefinition:
    """The export that `folder` defines; its name is the folder's.

    1. export.yaml and mapping.yaml, laid over those of the export they extend;
    2. against the grammar (schemas/channel_export and schemas/mapping);
    3. then what a grammar cannot say: lookup files, templates, fields of the item schema, facts, locale chains.

    Raises InvalidInput with every violation of the first step that has any, NotFound when there is no export.yaml.
    """
    if not (folder / EXPORT_FILE).is_file():
        siblings = [path.parent.name for path in folder.parent.glob(f"*/{EXPORT_FILE}")]
        raise NotFound(f"export `{folder.name}` is not there ({folder / EXPORT_FILE} is missing); {known(siblings)}")
    folders = extended_folders(folder)
    export, mapping, violations = read_inherited(folders)
    if not violations:
        grain = export.data.get("grain") if isinstance(export.data, dict) else None
        violations = check_grammar(export, "channel_export")
        violations += check_grammar(mapping, "mapping", "root_mapping" if grain == GRAIN_ROOT else "product_mapping")
    if violations:
        raise InvalidInput(violations)
    schema = _schema_named(export)
    if len(folders) > 1:
        mapping = without_unknown_fields(mapping, export.data["grain"], schema)
    definition = _assemble(folders, export, mapping, schema)
    violations = check_definition(definition, export, mapping)
    if violations:
        raise InvalidInput(violations)
    return definition


def load_item_schema(name: str) -> dict[str, Any]:
    """The item schema called `<export>/<version>`, whole in itself. Raises NotFound naming those there are."""
    items = data_folder("schemas") / "items"
    path = items / f"{name}.schema.json"
    if not path.is_file():
        names = [str(found.relative_to(items)).removesuffix(".schema.json") for found in items.glob("*/*.schema.json")]
        raise NotFound(f"item schema `{name}` is not there; {known(names)}")
    return load_bundled(path)


def defining_files(folder: Path) -> list[Path]:
    """The files of an export's folder but its examples."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if path.relative_to(folder).parts[0] != EXAMPLES)


def definition_digest(folder: Path) -> str:
    """SHA-256 of everything that a rendering depends on: the files of the folder and of those it extends, the item
    schema, and of export.yaml what is not about when and where feeds go. The definition is one that `load_definition`
    accepts."""
    folders = extended_folders(folder)
    export, _, _ = read_inherited(folders)
    rendered = {key: value for key, value in export.data.items() if key not in NOT_RENDERED}
    digest = hashlib.sha256(json.dumps(rendered).encode())
    for each in folders:
        place = "" if each == folder else f"{each.name}:"
        for path in defining_files(each):
            name = f"{place}{path.relative_to(each).as_posix()}"
            if path != each / EXPORT_FILE:
                digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    schema = load_item_schema(export.data["schema"])
    digest.update(b"schema\0" + hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).digest())
    return digest.hexdigest()


def _schema_named(export: Located) -> dict[str, Any]:
    try:
        return load_item_schema(export.data["schema"])
    except NotFound as error:
        raise InvalidInput([export.violation(("schema",), "unknown_schema", str(error))]) from error


def _assemble(folders: list[Path], export: Located, mapping: Located, schema: dict[str, Any]) -> ExportDefinition:
    lookups: dict[str, dict[str, Any]] = {}
    templates: dict[str, str] = {}
    violations: list[Violation] = []
    used = set(_lookups_named(mapping.data))
    for folder in reversed(folders):
        for path in sorted(folder.glob("*.yaml")):
            if path.name not in (EXPORT_FILE, MAPPING_FILE):
                located, more = read_file(folder, path.name)
                violations += more or _lookup_violations(located, path.name in used)
                lookups |= {path.name: located.data} if isinstance(located.data, dict) else {}
        templates |= {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.j2"))}
    if violations:
        raise InvalidInput(violations)
    schedule = as_schedule(export.data.get("schedule"))
    whole = {
        "schedule": schedule,
        "lookups": lookups,
        "templates": templates,
        "item_schema": schema,
        "mapping": mapping.data,
    }
    return msgspec.convert({**export.data, **whole, "name": folders[0].name}, ExportDefinition)


def _lookups_named(data: Any) -> Iterator[str]:
    """Files that some `map:` names; other YAML files of the folder are for its writers, in their own shape."""
    if isinstance(data, dict):
        if isinstance(data.get("map"), str):
            yield data["map"]
        for value in data.values():
            yield from _lookups_named(value)
    elif isinstance(data, list):
        for value in data:
            yield from _lookups_named(value)


def _lookup_violations(located: Located, is_lookup: bool) -> list[Violation]:
    if not is_lookup:
        return []
    if not isinstance(located.data, dict):
        return [located.violation((), "lookup", "a lookup file is `code: value` lines")]
    nothing = [key for key, value in located.data.items() if value is None]
    return [located.violation((key,), "lookup", f"`{key}` has no value; leave it out instead") for key in nothing]
