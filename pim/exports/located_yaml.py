"""Reads YAML and remembers the line of every value, so that a mistake can be shown where it stands."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from pim.base.errors import Violation

YamlPath = tuple[str | int, ...]
MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Located:
    """`data` as read from `file`; `lines` holds the line of the value at each path, `elsewhere` the file of what was
    inherited from another one."""

    file: str
    data: Any
    lines: dict[YamlPath, int] = field(default_factory=dict)
    elsewhere: dict[YamlPath, str] = field(default_factory=dict)

    def violation(self, path: YamlPath, code: str, message: str) -> Violation:
        """With the file and the line of `path`, or of the nearest thing around it that is there."""
        where = ".".join(str(part) for part in path)
        while path and path not in self.lines:
            path = path[:-1]
        return Violation(where, code, f"{self.elsewhere.get(path, self.file)}:{self.lines.get(path, 1)}: {message}")


class _Loader(yaml.SafeLoader):
    """YAML as people expect it today (1.2): `no`, `on` and `2026-01-01` are text, `12:30` is no number."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same on the parser in C, where there is one: a tenth of the time, but its messages say less."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def read_yaml(file: str, text: str) -> tuple[Located, list[Violation]]:
    """The document and what is wrong with its YAML (then `data` is what could be read of it)."""
    located = Located(file, None, {})
    violations: list[Violation] = []
    try:
        loader, node = _composed(text)
        data = _construct(loader, node, (), located, violations) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return located, [Violation("", "yaml", f"{file}:{line}: not YAML: {error.problem}")]
    except yaml.reader.ReaderError as error:
        return located, [Violation("", "yaml", f"{file}:1: not YAML: {error.reason} at character {error.position}")]
    return Located(file, data, located.lines), violations


def _composed(text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    """Raises what the parser in Python says of a mistake."""
    try:
        loader: yaml.SafeLoader = _FastLoader(text)
        return loader, loader.get_single_node()
    except yaml.YAMLError:
        loader = _Loader(text)
        return loader, loader.get_single_node()


def _construct(
    loader: yaml.SafeLoader, node: yaml.Node, path: YamlPath, at: Located, violations: list[Violation]
) -> Any:
    at.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, child, (*path, i), at, violations) for i, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    mapping: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key_node.tag == MERGE:
            merged |= _construct(loader, value_node, path, at, violations)
            continue
        if key in mapping:
            line = key_node.start_mark.line + 1
            violations.append(Violation(key, "duplicate", f"{at.file}:{line}: `{key}` stands here a second time"))
        mapping[key] = _construct(loader, value_node, (*path, key), at, violations)
        at.lines[(*path, key)] = key_node.start_mark.line + 1
    return {**merged, **mapping}
