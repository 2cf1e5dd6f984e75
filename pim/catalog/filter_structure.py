"""Searching the structure: attributes, families and categories as resources of their own. It is small and in memory."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pim.base.clock import now as clock_now
from pim.base.errors import InvalidInput, Violation, shown
from pim.catalog.filter_grammar import Asked, Read, Unfit, read_boolean, read_codes, read_instant, read_text
from pim.catalog.filters import misshapen, read_search
from pim.catalog.model import Entity
from pim.catalog.structure import Structure

Keeps = Callable[[Entity], bool]

_OF_ALL: dict[str, dict[str, Read]] = {"code": {"IN": read_codes}, "updated": {">": read_instant}}
_KNOWN: dict[str, dict[str, dict[str, Read]]] = {
    "attribute": {**_OF_ALL, "type": {"IN": read_codes}},
    "family": _OF_ALL,
    "category": {**_OF_ALL, "is_root": {"=": read_boolean}, "parent": {"=": read_text}},
}
"""Kind of structure → property → operator → how its value is read."""


def parse_structure_search(
    text: str | bytes | None, kind: str, structure: Structure, now: datetime | None = None
) -> Keeps:
    """Whether an entity of `kind` is found. Raises Unreadable, or InvalidInput with every problem."""
    asked = Asked(None, structure, now or clock_now())
    problems: list[Violation] = []
    conditions = list(_conditions(read_search(text), kind, asked, problems))
    if problems:
        raise InvalidInput(problems)
    return lambda entity: all(keeps(entity) for keeps in conditions)


def _conditions(search: Mapping[str, Any], kind: str, asked: Asked, problems: list[Violation]) -> Iterator[Keeps]:
    properties = _KNOWN.get(kind, {})
    for name, written in search.items():
        problem = misshapen(name, written)
        if name not in properties:
            what, names = kind.replace("_", " "), ", ".join(properties) or "none"
            problem = Violation(f"search.{name}", "unknown_filter", f"`{name}` finds no {what}; known: {names}")
        if problem is not None:
            problems.append(problem)
            continue
        for condition in written:
            try:
                value = _read(properties[name], name, condition, asked)
            except Unfit as wrong:
                problems.append(Violation(f"search.{name}", "bad_value", str(wrong)))
            else:
                yield _keeps(name, value)


def _read(operators: Mapping[str, Read], name: str, condition: Mapping[str, Any], asked: Asked) -> Any:
    operator = condition["operator"]
    read = operators.get(operator) if isinstance(operator, str) else None
    if read is None:
        raise Unfit(f"operator {shown(operator)} does not work on `{name}`; known: {', '.join(operators)}")
    try:
        return read(condition.get("value"), asked)
    except Unfit as wrong:
        raise Unfit(f"`{name}` {operator}: {wrong}") from wrong


def _keeps(name: str, value: Any) -> Keeps:
    match name:
        case "code":
            return lambda entity: entity.code in value
        case "updated":
            return lambda entity: entity.updated > value
        case "is_root":
            return lambda entity: (entity.document.get("parent") is None) == value
    if name == "type":
        return lambda entity: entity.document["type"] in value
    return lambda entity: entity.document.get(name) == value
