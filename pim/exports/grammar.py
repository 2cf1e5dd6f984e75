"""Checks export.yaml and mapping.yaml against the schemas that are their grammar, in words a person can act on.

The verdict is jsonschema-rs's; only what it turns down is explained, with jsonschema, which takes long to import.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from pim.base.errors import Violation, known
from pim.base.settings import data_folder
from pim.exports.located_yaml import Located, YamlPath

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


GRAMMARS = ("mapping", "channel_export")
"""Each may refer to the other."""


def check_grammar(document: Located, schema: str, definition: str | None = None) -> list[Violation]:
    """Every violation of schemas/<schema>.schema.json, or of one `$defs` entry of it, in the order of the lines."""
    if _verdict(schema, definition).is_valid(document.data):
        return []
    errors = _explaining(schema, definition).iter_errors(document.data)
    violations = dict.fromkeys(violation for error in errors for violation in _explained(document, error))
    return sorted(violations, key=lambda v: int(v.message.split(":", 2)[1]))


def facts() -> list[str]:
    """The closed list of names that begin with `$`."""
    return [fact["const"] for fact in _schema("mapping")["$defs"]["facts"]["oneOf"]]


@cache
def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((data_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def _grammar(name: str, definition: str | None) -> dict[str, Any]:
    schema = _schema(name)
    if definition is None:
        return schema
    return {key: value for key, value in schema.items() if key != "anyOf"} | {"$ref": f"#/$defs/{definition}"}


@cache
def _verdict(name: str, definition: str | None) -> Any:
    registry = jsonschema_rs.Registry([(_schema(each)["$id"], _schema(each)) for each in GRAMMARS])
    return jsonschema_rs.validator_for(_grammar(name, definition), registry=registry)


@cache
def _explaining(name: str, definition: str | None) -> Any:
    import jsonschema
    from referencing import Registry, Resource

    resources = [(_schema(each)["$id"], Resource.from_contents(_schema(each))) for each in GRAMMARS]
    return jsonschema.Draft202012Validator(_grammar(name, definition), registry=Registry().with_resources(resources))


def _explained(document: Located, error: "ValidationError") -> Iterator[Violation]:
    path: YamlPath = tuple(error.absolute_path)
    explain = EXPLANATIONS.get(str(error.validator), _as_it_is)
    for at, message in explain(path, error):
        yield document.violation(at, str(error.validator), message)


Explained = Iterator[tuple[YamlPath, str]]


def _as_it_is(path: YamlPath, error: "ValidationError") -> Explained:
    yield path, f"{_place(path)}{error.message}"


def _unknown_key(path: YamlPath, error: "ValidationError") -> Explained:
    what = "transform" if error.schema.get("title") == "transform" else "key"
    allowed = error.schema.get("properties", {})
    for key in error.instance:
        if key not in allowed:
            if what == "transform" and key in _bare_transforms():
                yield (*path, key), f"transform `{key}` takes no parameter; write `{key}`"
            else:
                yield (*path, key), f"unknown {what} `{key}`; {known(allowed, 60)}"


def _no_choice(path: YamlPath, error: "ValidationError") -> Explained:
    what = error.schema.get("title", path[-1] if path else "value")
    parameters = _schema("mapping")["$defs"]["transform"]["else"]["properties"]
    if what == "transform" and error.instance in parameters:
        yield path, f"transform `{error.instance}` needs a parameter; write `{{{error.instance}: …}}`"
        return
    names = {*error.validator_value, *parameters} if what == "transform" else error.validator_value
    yield path, f"unknown {what} `{error.instance}`; {known(map(str, names), 80)}"


def _not_one_source(path: YamlPath, error: "ValidationError") -> Explained:
    sources = [branch["required"][0] for branch in error.validator_value if "required" in branch]
    if not sources or not isinstance(error.instance, dict):
        return
    used = [source for source in sources if source in error.instance]
    if used:
        yield path, f"{_place(path)}takes its value from {' and from '.join(f'`{u}`' for u in used)}; keep one"
    else:
        yield path, f"{_place(path)}takes its value from nowhere; needs one of: {', '.join(sources)}"


def _missing(path: YamlPath, error: "ValidationError") -> Explained:
    for key in error.validator_value:
        if key not in error.instance:
            yield path, f"{_place(path)}`{key}` is missing"


def _wrong_type(path: YamlPath, error: "ValidationError") -> Explained:
    wanted = error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
    words = {"object": "a mapping (key: value)", "array": "a list", "string": "text", "integer": "a whole number"}
    yield path, f"{_place(path)}is `{_shown(error.instance)}`; it must be {words.get(wanted, wanted)}"


def _wrong_form(path: YamlPath, error: "ValidationError") -> Explained:
    yield path, f"{_place(path)}is `{_shown(error.instance)}`; it must match {error.validator_value}"


EXPLANATIONS: dict[str, Callable[[YamlPath, Any], Explained]] = {
    "additionalProperties": _unknown_key,
    "enum": _no_choice,
    "oneOf": _not_one_source,
    "required": _missing,
    "type": _wrong_type,
    "pattern": _wrong_form,
}


def _bare_transforms() -> list[str]:
    names: list[str] = _schema("mapping")["$defs"]["transform"]["then"]["enum"]
    return names


def _place(path: YamlPath) -> str:
    return f"`{'.'.join(map(str, path))}` " if path else ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:59] + "…"
