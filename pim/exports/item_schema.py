"""Follows an item schema beside a mapping: which fields an object of it may have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A place in an item schema: everything that says something about it, references followed."""

    root: dict[str, Any]
    parts: tuple[dict[str, Any], ...]


def root_node(schema: dict[str, Any]) -> Node:
    return _node(schema, [schema])


def fields_of(node: Node | None) -> dict[str, Any] | None:
    """Fields by name, None where the schema leaves them open."""
    if node is None or not any(part.get("additionalProperties") is False for part in node.parts):
        return None
    return properties_of(node)


def properties_of(node: Node | None) -> dict[str, Any]:
    """The fields it names, in its order."""
    parts = node.parts if node else ()
    return {name: schema for part in parts for name, schema in part.get("properties", {}).items()}


def field_of(node: Node | None, name: str) -> Node | None:
    if node is None:
        return None
    found = [part["properties"][name] for part in node.parts if name in part.get("properties", {})]
    return _node(node.root, found) if found else None


def entries_of(node: Node | None) -> Node | None:
    """What the entries of a list must be."""
    if node is None:
        return None
    found = [part["items"] for part in node.parts if isinstance(part.get("items"), dict)]
    return _node(node.root, found) if found else None


def _node(root: dict[str, Any], schemas: list[Any]) -> Node:
    return Node(root, tuple(part for schema in schemas for part in _parts(root, schema)))


def _parts(root: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    reference = schema.get("$ref", "")
    if reference.startswith("#/"):
        target: Any = root
        for step in reference[2:].split("/"):
            target = target[step]
        yield from _parts(root, target)
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(key, ()):
            yield from _parts(root, branch)
    for key in ("then", "else"):
        yield from _parts(root, schema.get(key))
