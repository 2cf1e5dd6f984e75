"""Whether an item may go out, and if not, why.

The verdict comes from jsonschema-rs (half a million items a second); only what it turns down is explained, with
jsonschema, whose errors say more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from pim.base.errors import InvalidInput, Violation, known
from pim.catalog.attribute_paths import attribute_path
from pim.catalog.structure import Structure
from pim.exports.formats import FORMATS, format_checker
from pim.exports.keywords import KEYWORDS, RULES, explaining_class
from pim.syndication.model import FieldViolation

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Sources = Mapping[str, Sequence[str]]
"""Target field (dotted, without list positions) → the attributes the mapping takes it from, in its order."""

LONGEST_VALUE = 500
"""Characters of a rejected text that a report repeats."""


class ItemCheck:
    """The item schema of one export, compiled once a run."""

    def __init__(self, schema: Mapping[str, Any], name: str) -> None:
        """Raises InvalidInput when the schema itself is none."""
        try:
            compiled = jsonschema_rs.validator_for(
                dict(schema), validate_formats=True, formats=FORMATS, keywords=KEYWORDS
            )
        except (jsonschema_rs.ValidationError, ValueError) as exc:
            message = f"schemas/items/{name}.schema.json is no valid JSON Schema: {exc}"
            raise InvalidInput([Violation("schema", "invalid_schema", message)]) from exc
        self._schema = dict(schema)
        self._compiled = compiled
        self.accepts = compiled.is_valid
        """Whether the fields of an item are valid."""

    @cached_property
    def _explaining(self) -> "Draft202012Validator":
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        # Crawled once here, else every reference to an embedded schema crawls it all again.
        whole = DRAFT202012.create_resource(self._schema)
        registry = Registry().with_resource(whole.id() or "", whole).crawl()
        return explaining_class()(self._schema, format_checker=format_checker(), registry=registry)

    def violations(self, fields: Mapping[str, Any]) -> list[FieldViolation]:
        """Every rule that `fields` break, in the order of the fields; at least one where `accepts` says no."""
        errors = sorted(self._explaining.iter_errors(fields), key=lambda error: [str(step) for step in error.path])
        found = {(one.field, one.rule, one.message): one for error in errors for one in _violations(error)}
        return list(found.values()) or [_as_rs_says(error) for error in self._compiled.iter_errors(fields)]


def with_sources(
    violations: Iterable[FieldViolation], sources: Sources, structure: Structure, locale: str, scope: str
) -> list[FieldViolation]:
    """Each violation with the attributes its field comes from."""
    return [_with_source(violation, sources, structure, locale, scope) for violation in violations]


def _with_source(
    violation: FieldViolation, sources: Sources, structure: Structure, locale: str, scope: str
) -> FieldViolation:
    attributes = attributes_of(violation.field, sources)
    path = attribute_path(attributes[0], structure) if attributes else ()
    first = path[-1] if path else None
    origin = f"; it comes from {_listed(attributes)}" if attributes else ""
    return FieldViolation(
        field=violation.field,
        rule=violation.rule,
        value=violation.value,
        expected=violation.expected,
        message=violation.message + origin,
        attributes=attributes,
        attribute=attributes[0] if attributes else None,
        attribute_locale=locale if first and first.localizable else None,
        attribute_scope=scope if first and first.scopable else None,
    )


def attributes_of(field: str, sources: Sources) -> list[str]:
    """Those of the field itself, else of the nearest field around it, else of everything inside it."""
    steps = [step for step in field.split(".") if not step.isdigit()]
    for length in range(len(steps), 0, -1):
        found = sources.get(".".join(steps[:length]))
        if found:
            return list(found)
    inside = ".".join(steps) + "." if steps else ""
    return list(dict.fromkeys(a for path, of in sources.items() if inside and path.startswith(inside) for a in of))


def _listed(attributes: Sequence[str]) -> str:
    names = [f"`{attribute}`" for attribute in attributes]
    return "attribute " + names[0] if len(names) == 1 else "attributes " + ", ".join(names)


def _violations(error: "ValidationError") -> Iterator[FieldViolation]:
    path = [str(step) for step in error.absolute_path]
    rule, expected, value = str(error.validator), error.validator_value, error.instance
    if rule == "required":
        for name in expected:
            if name not in value:
                yield _violation([*path, name], rule, None, True, f"`{_field([*path, name])}` is missing")
    elif rule == "dependentRequired":
        for name in sorted({n for has, needs in expected.items() if has in value for n in needs if n not in value}):
            yield _violation([*path, name], rule, None, True, f"`{_field([*path, name])}` is missing")
    elif rule in ("additionalProperties", "unevaluatedProperties"):
        properties = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        for name in [name for name in value if name not in properties]:
            message = f"`{_field([*path, name])}` is not a field of the item schema; {known(properties)}"
            yield _violation([*path, name], rule, value[name], sorted(properties), message)
    elif rule in ("anyOf", "oneOf") and error.context:
        yield from _alternatives(error, path)
    else:
        yield _violation(path, rule, value, expected, _message(_field(path), rule, expected, value, error.message))


def _alternatives(error: "ValidationError", path: list[str]) -> Iterator[FieldViolation]:
    """Alternatives that only ask for other fields: one is missing. Else the reason of the nearest alternative."""
    branches: list[list[str]] = [one.get("required", []) for one in error.validator_value if isinstance(one, dict)]
    if all(branches) and all(inner.validator == "required" for inner in error.context):
        names = list(dict.fromkeys(name for branch in branches for name in branch))
        missing = " or ".join(f"`{_field([*path, name])}`" for name in names)
        yield _violation([*path, names[0]], str(error.validator), None, names, f"{missing} is missing: one is needed")
        return
    if error.context:
        from jsonschema.exceptions import best_match

        nearest = best_match(error.context)
        yield from _violations(nearest)


def _message(field: str, rule: str, expected: Any, value: Any, fallback: str) -> str:
    subject = f"`{field}`" if field else "the item"
    match rule:
        case "maxLength":
            return f"{subject} has {len(value)} characters; at most {expected} are accepted"
        case "minLength":
            return f"{subject} has {len(value)} characters; at least {expected} are accepted"
        case "maxItems":
            return f"{subject} has {len(value)} entries; at most {expected} are accepted"
        case "minItems":
            return f"{subject} has {len(value)} entries; at least {expected} are accepted"
        case "uniqueItems":
            return f"{subject} names an entry twice"
        case "enum":
            return f"{subject} is {_shown(value)}; {known(str(one) for one in expected)}"
        case "const":
            return f"{subject} is {_shown(value)}; only {_shown(expected)} is accepted"
        case "pattern":
            return f"{subject} is {_shown(value)}; it must match {expected}"
        case "format":
            return f"{subject} is {_shown(value)}; it must be a valid {expected}"
        case "type":
            return f"{subject} is {_shown(value)}; it must be of type {expected}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" | "multipleOf":
            return f"{subject} is {_shown(value)}; {LIMITS[rule]} {expected} is accepted"
        case "contains":
            how_many = "more than one entry" if fallback.startswith("Too many") else "no entry"
            return f"{subject} has {how_many} {_in_words(expected)}"
        case keyword if keyword in RULES:
            return f"{subject} {fallback}"
        case "not":
            return f"{subject} is not accepted in this combination: {fallback}"
        case _:
            return f"{subject}: {fallback}"


def _in_words(schema: Any) -> str:
    """What an entry of a list must be, where it is told by members that have one value."""
    members = schema.get("properties", {}) if isinstance(schema, dict) else {}
    told = [f"whose `{name}` is {_shown(one['const'])}" for name, one in members.items() if "const" in one]
    return " and ".join(told) if told and len(told) == len(members) else f"like {_shown(schema)}"


LIMITS = {
    "minimum": "nothing below",
    "exclusiveMinimum": "only more than",
    "maximum": "nothing above",
    "exclusiveMaximum": "only less than",
    "multipleOf": "only a multiple of",
}


def _violation(path: Sequence[str], rule: str, value: Any, expected: Any, message: str) -> FieldViolation:
    return FieldViolation(
        field=_field(path), rule=rule, value=_short(value), expected=_short(expected), message=message
    )


def _as_rs_says(error: Any) -> FieldViolation:
    path = [str(step) for step in error.instance_path]
    rule = str(error.schema_path[-1]) if error.schema_path else "schema"
    return _violation(path, rule, None, None, f"`{_field(path)}`: {error.message}")


def _field(path: Sequence[str]) -> str:
    return ".".join(path)


def _short(value: Any) -> Any:
    return value[:LONGEST_VALUE] + "…" if isinstance(value, str) and len(value) > LONGEST_VALUE else value


def _shown(value: Any) -> str:
    text = f"`{value}`" if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:80] + "…"
