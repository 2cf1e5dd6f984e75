"""Searching products and product models: `search` as the API's clients write it, and the pages that answer it.

    {"name": [{"operator": "CONTAINS", "value": "tent", "locale": "en_GB"}],
     "enabled": [{"operator": "=", "value": true}]}

All conditions hold at once, on a variant's values as its readers see them. Texts compare by their bytes. What says that
a value is *not* something asks for a value that is there; only EMPTY and UNCLASSIFIED find what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from pim.base.clock import now as clock_now
from pim.base.errors import InvalidInput, NotFound, Unreadable, Violation, known, shown
from pim.catalog.filter_grammar import KIND_OF_TYPE, OPERATORS, PROPERTIES, Asked, Filter, Unfit
from pim.catalog.filter_place import completeness_locales, filter_place
from pim.catalog.filter_sql import TABLES, all_of
from pim.catalog.model import PRODUCT, Attribute
from pim.catalog.structure import Structure


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of products or product models (`kind`), understood by `structure`."""

    kind: str
    filters: tuple[Filter, ...]
    structure: Structure


@dataclass(frozen=True, slots=True)
class Page:
    """`count` is of all that the search finds, when it was asked for."""

    ids: tuple[int, ...]
    count: int | None = None


def parse_search(
    text: str | bytes | None,
    *,
    locale: str | None = None,
    scope: str | None = None,
    structure: Structure,
    kind: str = PRODUCT,
    now: datetime | None = None,
) -> Search:
    """Raises Unreadable for what is no JSON, and what `understood` raises."""
    return understood(read_search(text), locale=locale, scope=scope, structure=structure, kind=kind, now=now)


def understood(
    search: Mapping[str, Any],
    *,
    locale: str | None = None,
    scope: str | None = None,
    structure: Structure,
    kind: str = PRODUCT,
    now: datetime | None = None,
) -> Search:
    """Its conditions in the order in which they are written. `locale` and `scope` stand in where a condition on an
    attribute that varies names none.

    Raises NotFound when it asks for an attribute that does not exist, InvalidInput for everything else; each with every
    problem of the search.
    """
    unknown: list[str] = []
    problems = list(_wrong_defaults(locale, scope, structure))
    filters: list[Filter] = []
    moment = now or clock_now()
    for name, conditions in search.items():
        subject = _subject(name, kind, structure)
        if subject is None:
            unknown.append(
                f"`{name}` is neither an attribute nor a property; properties: {', '.join(PROPERTIES[kind])}"
            )
        elif (problem := misshapen(name, conditions)) is not None:
            problems.append(problem)
        else:
            for one in conditions:
                parsed = _parse(name, subject, one, Asked(subject[1], structure, moment, locale, scope))
                (filters if isinstance(parsed, Filter) else problems).append(parsed)  # type: ignore[arg-type]
    if unknown:
        raise NotFound("; ".join([*unknown, *(problem.message for problem in problems)]))
    if problems:
        raise InvalidInput(problems)
    return Search(kind, tuple(filters), structure)


def read_search(text: str | bytes | None) -> Mapping[str, Any]:
    """The search as an object. PHP writes an empty one as `[]`. Raises Unreadable and InvalidInput."""
    try:
        search = msgspec.json.decode(text) if text else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unreadable(f"`search` is no JSON: {error}") from error
    if search == []:
        return {}
    if not isinstance(search, dict):
        raise InvalidInput([Violation("search", "wrong_type", f"`search` is {shown(search)}; write {_SHAPE}")])
    return search


_SHAPE = '{"property": [{"operator": "=", "value": "…"}]}'


def misshapen(name: str, conditions: Any) -> Violation | None:
    """What is wrong with the conditions on one property before any is looked at."""
    if isinstance(conditions, list) and all(isinstance(c, dict) and "operator" in c for c in conditions):
        return None
    shape = _SHAPE.replace("property", name)
    return Violation(
        f"search.{name}", "wrong_type", f"the conditions on `{name}` are {shown(conditions)}; write {shape}"
    )


def _subject(name: str, kind: str, structure: Structure) -> tuple[str, Attribute | None] | None:
    """The kind of what is asked about, and its attribute."""
    if name in PROPERTIES[kind]:
        return PROPERTIES[kind][name], None
    attribute = structure.attributes.get(name)
    return (KIND_OF_TYPE.get(attribute.type, "presence"), attribute) if attribute else None


def _wrong_defaults(locale: str | None, scope: str | None, structure: Structure) -> Iterator[Violation]:
    if locale is not None and locale not in structure.active_locales:
        message = f"locale `{locale}` is not active; {known(structure.active_locales)}"
        yield Violation("search_locale", "unknown_locale", message)
    if scope is not None and scope not in structure.channels:
        message = f"channel `{scope}` does not exist; {known(structure.channels)}"
        yield Violation("search_scope", "unknown_scope", message)


def _parse(
    name: str, subject: tuple[str, Attribute | None], written: Mapping[str, Any], asked: Asked
) -> Filter | Violation:
    kind, attribute = subject
    operator, path = written["operator"], f"search.{name}"
    read = OPERATORS[kind].get(operator) if isinstance(operator, str) else None
    if read is None:
        what = f"`{name}`" + (f" ({attribute.type})" if attribute else "")
        operators = ", ".join(OPERATORS[kind])
        message = f"operator {shown(operator)} does not work on {what}; known: {operators}"
        return Violation(path, "unknown_operator", message)
    try:
        place = filter_place(kind, written, asked)
        value = read(written.get("value"), asked)
        if kind == "completeness":
            value = value, completeness_locales(operator, place, written, asked)
    except Unfit as problem:
        return Violation(path, "bad_value", f"`{name}` {operator}: {problem}")
    return Filter(name, kind, operator, value, attribute, *place, written.get("value"))


def product_page(
    session: Session,
    search: Search,
    *,
    after: int | None = None,
    page: int | None = None,
    limit: int = 10,
    with_count: bool = False,
) -> Page:
    """Ids of the products or product models that the search finds, in their order; those behind the id `after`, or the
    numbered page (from 1). There is more behind a page that is full."""
    table = TABLES[search.kind]
    conditions = found_by(session, search)
    query = _where(select(col(table.id)), conditions).order_by(col(table.id)).limit(limit)
    if after is not None:
        query = query.where(col(table.id) > after)
    if page is not None:
        query = query.offset((page - 1) * limit)
    ids = tuple(session.execute(query).scalars())
    if not with_count:
        return Page(ids)
    count = session.execute(_where(select(func.count()).select_from(table), conditions)).scalar_one()
    return Page(ids, count)


def found_by(session: Session, search: Search) -> list[ColumnElement[bool]]:
    """The search as conditions on the rows of its kind."""
    return all_of(session, search.filters, search.kind, search.structure)


def _where(query: Select[Any], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return query.where(*conditions) if conditions else query
