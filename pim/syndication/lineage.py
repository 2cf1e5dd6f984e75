"""Which attributes each target field of an export is taken from."""

from collections.abc import Iterator
from typing import Any

from pim.exports.check import names_in
from pim.exports.model import GRAIN_ROOT, ExportDefinition, source_of, specification

Target = tuple[str, ...]


def sources_of(definition: ExportDefinition) -> dict[str, list[str]]:
    """Dotted target path → attribute codes in the mapping's order. Lists have no index in the path: `images`,
    `variants.price`. A nested object names everything below it as well."""
    fields = definition.mapping["item"] if definition.grain == GRAIN_ROOT else definition.mapping
    found: dict[str, dict[str, None]] = {}
    for target, name in _of_fields(fields, (), definition):
        if not name.startswith("$"):
            for length in range(1, len(target) + 1):
                found.setdefault(".".join(target[:length]), {})[name] = None
    return {target: list(names) for target, names in found.items()}


def _of_fields(fields: dict[str, Any], target: Target, definition: ExportDefinition) -> Iterator[tuple[Target, str]]:
    for name, field in fields.items():
        yield from _of_field(field, (*target, name), definition)


def _of_field(field: Any, target: Target, definition: ExportDefinition) -> Iterator[tuple[Target, str]]:
    spec = specification(field)
    names = list(names_in(spec))
    yield from ((target, name) for key, name in names if key not in ("when", "within"))
    inner = spec[source_of(spec)]
    match source_of(spec):
        case "fields":
            yield from _of_fields(inner, target, definition)
        case "each" | "first_of":
            for entry in inner:
                yield from _of_field(entry, target, definition)
        case "for_each":
            yield from _of_field(inner["list"], target, definition)
            yield from _of_field(inner["give"], target, definition)
        case "across_locales":
            yield from _of_field(inner, target, definition)
        case "variants" if isinstance(inner, str):
            yield from _of_fields(definition.mapping["variants"][inner], target, definition)
        case "variants":
            yield from _of_field(inner, target, definition)
    for given in spec.get("with", {}).values():
        yield from _of_field(given, target, definition)
    yield from ((target, name) for key, name in names if key in ("when", "within"))
