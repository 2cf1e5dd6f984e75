"""Searching records and assets, in the dialect of products' searches:

{"code": [{"operator": "IN", "value": ["kartell"]}], "updated": [{"operator": ">", "value": "2026-11-22 08:30:00"}],
 "complete": {"operator": "=", "value": true, "channel": "ecommerce", "locales": ["en_US"]}}
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlmodel import Session, col

from pim.base.clock import now as clock_now
from pim.base.errors import InvalidInput, Violation, known, shown
from pim.catalog import store
from pim.catalog.filter_grammar import OPERATORS, Asked, Filter, Operators, Unfit, read_boolean, read_codes
from pim.catalog.filter_sql import moment_of
from pim.catalog.filters import misshapen, read_search
from pim.catalog.linked import LINKED
from pim.catalog.model import Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import LinkedEntityRow

Condition = ColumnElement[bool]

_OPERATORS: dict[str, Operators] = {
    "code": {"IN": read_codes},
    "updated": OPERATORS["updated"],
    "complete": {"=": read_boolean},
}


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """In byte order of codes; `count` is of all that the search finds, when it was asked for."""

    entities: Sequence[Entity]
    count: int | None = None


def parse_linked_search(
    text: str | bytes | None, kind: str, owner: str, structure: Structure, now: datetime | None = None
) -> list[Condition]:
    """Conditions on rows of one owner's records or assets. Raises Unreadable, or InvalidInput with every problem."""
    asked = Asked(None, structure, now or clock_now())
    problems: list[Violation] = []
    conditions = [col(LinkedEntityRow.kind) == kind, col(LinkedEntityRow.owner) == owner]
    for name, written in read_search(text).items():
        listed = [written] if isinstance(written, dict) else written
        problem = misshapen(name, listed)
        if name not in _OPERATORS:
            message = f"`{name}` finds no {kind}; known: {', '.join(_OPERATORS)}"
            problem = Violation(f"search.{name}", "unknown_filter", message)
        if problem is not None:
            problems.append(problem)
            continue
        for one in listed:
            try:
                conditions.append(_condition(name, one, kind, owner, asked))
            except Unfit as wrong:
                problems.append(Violation(f"search.{name}", "bad_value", f"`{name}`: {wrong}"))
    if problems:
        raise InvalidInput(problems)
    return conditions


def _condition(name: str, written: Mapping[str, Any], kind: str, owner: str, asked: Asked) -> Condition:
    operator = written["operator"]
    read = _OPERATORS[name].get(operator) if isinstance(operator, str) else None
    if read is None:
        raise Unfit(f"operator {shown(operator)} does not work here; known: {', '.join(_OPERATORS[name])}")
    value = read(written.get("value"), asked)
    if name == "code":
        return store.among(col(LinkedEntityRow.code), value)
    if name == "updated":
        return moment_of(col(LinkedEntityRow.updated), Filter(name, name, operator, value))
    complete = and_(*_required(written, kind, owner, asked.structure))
    return complete if value else not_(complete)


def _required(written: Mapping[str, Any], kind: str, owner: str, structure: Structure) -> Iterator[Condition]:
    """One condition a value that has to be there, in the channel and in each of the locales."""
    code = written.get("channel", written.get("scope"))
    channel = structure.channels.get(code) if isinstance(code, str) else None
    if channel is None:
        raise Unfit(f"channel {shown(code)} does not exist; {known(structure.channels)}")
    locales = written.get("locales", channel.locales)
    if not isinstance(locales, list) or not set(map(str, locales)) <= set(channel.locales):
        raise Unfit(f"channel `{code}` does not speak {shown(locales)}; {known(channel.locales)}")
    values = col(LinkedEntityRow.document)["values"]
    yield func.jsonb_typeof(values) == "object"
    for key in structure.entities:
        item = structure.item(key) if key[:2] == (LINKED[kind].attribute, owner) else None
        if item is None or not item.is_required_for_completeness:
            continue
        scope = code if item.value_per_channel else None
        for locale in locales if item.value_per_locale else [None]:
            held = values[item.code].contains([{"locale": locale, "scope": scope}])
            yield func.coalesce(held, False)


def linked_page(
    session: Session, conditions: Sequence[Condition], *, after: str | None, limit: int, with_count: bool
) -> LinkedPage:
    """Those behind the code `after`. There is more behind a page that is full."""
    row = LinkedEntityRow
    query = select(col(row.code), col(row.id)).where(*conditions).order_by(col(row.code)).limit(limit)
    if after is not None:
        query = query.where(col(row.code) > after)
    ids = [found.id for found in session.execute(query)]
    entities = sorted(store.linked_entities(session, store.among(col(row.id), ids)), key=lambda e: e.code.encode())
    if not with_count:
        return LinkedPage(entities)
    return LinkedPage(entities, session.execute(select(func.count()).select_from(row).where(*conditions)).scalar_one())
