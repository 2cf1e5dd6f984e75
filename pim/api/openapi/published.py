"""The documents of `schemas/` as components: each as it is read (`Family`) and as it is written (`FamilyInput`).

The files say what may be written. What is read has every property, those only read among them, and none that are only
written. A read-only property without a type is one that other programs send: nobody gets it from us.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pim.api.openapi.operation import Schema
from pim.api.openapi.shapes import a_ref
from pim.base.schema_checking import load_schema
from pim.base.settings import data_folder
from pim.catalog.linked import LINKED_TYPES
from pim.catalog.model import OWNED_KINDS

_NOT_FOR_THE_API = {"channel_export", "mapping"}
"""Definitions in folders, which nobody sends."""

_NOT_ALWAYS = {"completenesses", "quality_scores", "table_configuration"}
"""Sent only when asked for, or only of some."""

_OWNER_IS_SENT = {"attribute_option"}
"""Of other kinds the address alone says what they belong to."""

Parts = dict[str, Any]


def shape_name(kind: str) -> str:
    """`family_variant` → `FamilyVariant`"""
    return "".join(word.capitalize() for word in kind.split("_"))


def published_shapes() -> dict[str, Schema]:
    """By their names in the document."""
    shapes: dict[str, Schema] = {}
    for kind in _kinds():
        schema, name = load_schema(kind), shape_name(kind)
        parts = schema.get("$defs", {})
        shared = {part: _name_of_part(name, part, shape, shapes) for part, shape in parts.items()}
        shapes |= {shared[part]: _rewritten(shape, shared) for part, shape in parts.items()}
        written = _rewritten({key: value for key, value in schema.items() if not key.startswith("$")}, shared)
        shapes |= {name: _as_read(written, kind), f"{name}Input": _as_written(written)}
    return {**shapes, "ProductByUuid": _without(shapes["Product"], "identifier")}


def _kinds() -> Iterator[str]:
    """Every kind of document that a file describes: `product`, `family`, …"""
    for path in sorted(data_folder("schemas").glob("*.schema.json")):
        kind = path.name.removesuffix(".schema.json")
        if kind not in _NOT_FOR_THE_API:
            yield kind


def _name_of_part(owner: str, part: str, shape: Parts, there: Mapping[str, Schema]) -> str:
    """What several documents share by the same name and shape exists once: `Values`."""
    name = shape_name(part)
    return name if there.get(name, shape) == shape else owner + name


def _as_read(schema: Parts, kind: str) -> Parts:
    shown = {
        name: of
        for name, of in schema["properties"].items()
        if not of.get("writeOnly") and (not of.get("readOnly") or "type" in of)
        and (kind in _OWNER_IS_SENT or name not in OWNED_KINDS.get(kind, ()))
    }  # fmt: skip
    of_types = {name for one in LINKED_TYPES.get(kind, {}).values() for name in one.fields}
    open_schema = {key: value for key, value in schema.items() if key != "additionalProperties"}
    required = [name for name in shown if name not in _NOT_ALWAYS | of_types]
    return {**open_schema, "properties": {"_links": a_ref("Links"), **shown}, "required": required}


def _as_written(schema: Parts) -> Parts:
    ignored = {"description": "Only read: may be sent back, and is ignored"}
    properties = {
        name: ignored if of.get("readOnly") else {key: value for key, value in of.items() if key != "writeOnly"}
        for name, of in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _without(schema: Schema, name: str) -> Schema:
    properties = {key: value for key, value in schema["properties"].items() if key != name}
    return {**schema, "properties": properties, "required": [one for one in schema["required"] if one != name]}


def _rewritten(schema: Any, shared: Mapping[str, str]) -> Any:
    """References to parts of a file become references to components."""
    if isinstance(schema, list):
        return [_rewritten(one, shared) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return {**schema, "$ref": f"#/components/schemas/{shared[name]}"}
    return {key: _rewritten(value, shared) for key, value in schema.items()}
