"""Shapes of documents, checked against our published JSON Schemas, told as violations.

The verdict is jsonschema-rs's (fast); only a document that fails is looked at twice.
"""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from pim.base.errors import Violation, known
from pim.base.settings import data_folder


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema `schemas/<name>.schema.json`."""
    schema: dict[str, Any] = json.loads((data_folder("schemas") / f"{name}.schema.json").read_text("utf-8"))
    return schema


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for(load_schema(name), validate_formats=True)


def writable(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """`document` without the properties that a reader gets and may send back, but nobody writes."""
    read_only = _read_only(name)
    return {key: value for key, value in document.items() if key not in read_only}


@cache
def _read_only(name: str) -> frozenset[str]:
    properties = load_schema(name)["properties"]
    return frozenset(key for key, schema in properties.items() if schema.get("readOnly"))


def check_shape(name: str, document: Any) -> list[Violation]:
    """Everything in `document` that the schema does not allow; [] for a well-shaped one."""
    validator = _validator(name)
    if validator.is_valid(document):
        return []
    schema = load_schema(name)
    return [violation for error in validator.iter_errors(document) for violation in _violations(error, schema)]


def _violations(error: Any, schema: dict[str, Any]) -> list[Violation]:
    path = ".".join(str(part) for part in error.instance_path)
    rule = error.kind.name
    if rule == "additionalProperties":
        return [
            _unknown_property(path, name, _schema_at(schema, error.schema_path[:-1])) for name in error.kind.unexpected
        ]
    subject = f"`{path}`: " if path else ""
    return [Violation(path, rule, f"{subject}{error.message}")]


def _unknown_property(path: str, name: str, owner: dict[str, Any]) -> Violation:
    place = f" in `{path}`" if path else ""
    writable = [one for one, schema in owner.get("properties", {}).items() if not schema.get("readOnly")]
    message = f'Property "{name}" does not exist{place}. {known(writable).capitalize()}'
    return Violation(f"{path}.{name}".lstrip("."), "unknown_property", message)


def _schema_at(schema: dict[str, Any], path: list[Any]) -> dict[str, Any]:
    """The subschema under `path`, following references within the schema."""
    at: Any = schema
    for key in path:
        if key == "$ref":
            at = _schema_at(schema, at["$ref"].removeprefix("#/").split("/"))
        elif isinstance(at, list) or key in at:
            at = at[key]
    return at  # type: ignore[no-any-return]
