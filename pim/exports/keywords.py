"""Keywords that item schemas may use beside those of JSON Schema: Amazon's, for its product types.

`selectors` names the members by which entries of a list are told apart; `maxUniqueItems` and `minUniqueItems` say how
many entries with the same selectors there may, or must, be. Without selectors all members tell. `maxUtf8ByteLength` and
`minUtf8ByteLength` count the bytes of a text. Each rule is said once, for both engines.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Rule = Callable[[int, Any, Mapping[str, Any]], str | None]
"""(the keyword's value, the instance, the schema around) → what is wrong; None where all is well, also where the
instance is not of the type that the keyword is about."""


def max_unique_items(most: int, entries: Any, schema: Mapping[str, Any]) -> str | None:
    count = max(_groups(entries, schema).values(), default=0)
    return f"has {count} entries {_told_apart(schema)}; at most {most} are accepted" if count > most else None


def min_unique_items(least: int, entries: Any, schema: Mapping[str, Any]) -> str | None:
    count = min(_groups(entries, schema).values(), default=least)
    return f"has {count} entries {_told_apart(schema)}; at least {least} are accepted" if count < least else None


def max_bytes(most: int, text: Any, schema: Mapping[str, Any]) -> str | None:
    count = _bytes(text) if isinstance(text, str) else 0
    return f"has {count} bytes in UTF-8; at most {most} are accepted" if count > most else None


def min_bytes(least: int, text: Any, schema: Mapping[str, Any]) -> str | None:
    count = _bytes(text) if isinstance(text, str) else least
    return f"has {count} bytes in UTF-8; at least {least} are accepted" if count < least else None


RULES: dict[str, Rule] = {
    "maxUniqueItems": max_unique_items,
    "minUniqueItems": min_unique_items,
    "maxUtf8ByteLength": max_bytes,
    "minUtf8ByteLength": min_bytes,
}


def multiple(step: int, number: Any, schema: Mapping[str, Any]) -> str | None:
    """As jsonschema-rs has it, of the numbers as they are written: 0.29 is a multiple of 0.01."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    times = Fraction(str(number)) / Fraction(str(step))
    return None if times.denominator == 1 else f"{number} is no multiple of {step}"


def _groups(entries: Any, schema: Mapping[str, Any]) -> Counter[Any]:
    """How many entries have the same selectors; one that lacks a selector has it in common with others that do."""
    if not isinstance(entries, list):
        return Counter()
    selectors = schema.get("selectors")
    return Counter(_frozen(_selected(entry, selectors)) for entry in entries)


def _selected(entry: Any, selectors: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(selectors, list):
        return entry
    return {name: entry[name] for name in selectors if name in entry}


def _frozen(value: Any) -> Any:
    """Hashable, and equal where JSON is: 1 is 1.0, but not true."""
    if isinstance(value, dict):
        return "object", frozenset((name, _frozen(member)) for name, member in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_frozen, value))
    return ("boolean", value) if isinstance(value, bool) else value


def _told_apart(schema: Mapping[str, Any]) -> str:
    selectors = schema.get("selectors")
    return f"with the same {', '.join(f'`{name}`' for name in selectors)}" if selectors else "that are the same"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _keyword(rule: Rule) -> type:
    class Keyword:
        """As jsonschema-rs wants it."""

        def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None:
            self._schema, self._value = parent_schema, value

        def validate(self, instance: Any) -> None:
            wrong = rule(self._value, instance, self._schema)
            if wrong is not None:
                raise ValueError(wrong)

    return Keyword


KEYWORDS: dict[str, type] = {name: _keyword(rule) for name, rule in RULES.items()}
"""For jsonschema-rs."""


def explaining_class() -> "type[Draft202012Validator]":
    """For jsonschema (which takes long to import): its 2020-12 with these keywords, and with `multipleOf` exact."""
    from jsonschema import Draft202012Validator, ValidationError, validators

    def checked_by(rule: Rule) -> Callable[..., Iterator[ValidationError]]:
        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            wrong = rule(value, instance, schema)
            if wrong is not None:
                yield ValidationError(wrong)

        return check

    own = {name: checked_by(rule) for name, rule in {**RULES, "multipleOf": multiple}.items()}
    return validators.extend(Draft202012Validator, validators=own)  # type: ignore[no-any-return]
