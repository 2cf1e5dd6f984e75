"""Which products have to be indexed anew, told from the log: those that changed, those whose product models did, and
those that hold an option, a category or a record that is called otherwise now."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.catalog.filter_grammar import KIND_OF_TYPE, Filter, subtree
from pim.catalog.filter_sql import condition
from pim.catalog.linked import LINKED, target_of
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Attribute
from pim.catalog.store import among
from pim.catalog.structure import Structure
from pim.catalog.tables import LinkedEntityRow, ProductModelRow, ProductRow
from pim.versioning.model import DELETED
from pim.versioning.tables import ChangeRow

_OF_ALL = {
    "attribute": ("group", "type", "unique", "useable_as_grid_filter", "localizable", "scopable", DELETED),
    "family": ("attribute_as_label",),
    "measurement_family": ("units",),
}
"""Beginnings of paths whose change may show in any product. What makes other fields is told by the fields."""

MOST = 100_000
"""Changed fields that are looked at one by one; beyond, a new index is as quick."""


@dataclass(slots=True)
class Affected:
    """Ids of products; `gone` are those that are there no more."""

    changed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)


def affected_products(session: Session, since: int, until: int, structure: Structure) -> Affected | None:
    """By the changes in (since, until]. None when it may be all of them."""
    rows = _changes(session, since, until)
    if len(rows) > MOST or any(_says_something_of_all(row) for row in rows):
        return None
    of_kind = _by_kind(rows)
    ids = set(of_kind.get(PRODUCT, {}))
    ids |= _below(session, of_kind.get(PRODUCT_MODEL, {}))
    for one in _filters(session, of_kind, structure):
        query = select(col(ProductRow.id)).where(condition(session, one, PRODUCT, structure))
        ids.update(session.execute(query).scalars())
    there = set(session.execute(select(col(ProductRow.id)).where(among(col(ProductRow.id), ids))).scalars())
    return Affected(there, ids - there)


def _changes(session: Session, since: int, until: int) -> Sequence[Row[Any]]:
    """One row a changed field of an entity; a deletion with what was deleted."""
    kinds = (PRODUCT, PRODUCT_MODEL, "attribute_option", "category", *_OF_ALL, *LINKED)
    by_whole = select(col(ChangeRow.entity_id), col(ChangeRow.kind), col(ChangeRow.path)).distinct()
    query = by_whole.where(
        col(ChangeRow.revision) > since, col(ChangeRow.revision) <= until, col(ChangeRow.kind).in_(kinds)
    )
    return session.execute(query.limit(MOST + 1)).all()


def _says_something_of_all(row: Row[Any]) -> bool:
    return bool(row.path.startswith(_OF_ALL.get(row.kind, ("\0",))))


def _by_kind(rows: Sequence[Row[Any]]) -> dict[str, dict[int, set[str]]]:
    """Kind → entity id → paths."""
    found: dict[str, dict[int, set[str]]] = {}
    for row in rows:
        found.setdefault(row.kind, {}).setdefault(row.entity_id, set()).add(row.path)
    return found


def _below(session: Session, models: Collection[int]) -> set[int]:
    """The variants of these product models, one or two levels below."""
    if not models:
        return set()
    model = aliased(ProductModelRow)
    query = select(col(ProductRow.id)).join(model, col(ProductRow.parent_id) == col(model.id))
    return set(
        session.execute(query.where(or_(among(col(model.id), models), among(col(model.parent_id), models)))).scalars()
    )


def _filters(session: Session, of_kind: dict[str, dict[int, set[str]]], structure: Structure) -> Iterator[Filter]:
    """Filters that find the holders of what is called otherwise now."""
    keys = {entity.id: key for key, entity in structure.entities.items()}
    named = [keys[one] for kind in ("category", "family") for one in of_kind.get(kind, {}) if one in keys]
    if categories := [code for kind, _, code in named if kind == "category"]:
        yield Filter("categories", "categories", "IN", tuple(sorted(subtree(categories, structure))))
    if families := [code for kind, _, code in named if kind == "family"]:
        yield Filter("family", "family", "IN", tuple(families))
    options = _grouped(_option_names(session, of_kind.get("attribute_option", {}), keys))
    for owner, codes in options.items():
        if attribute := structure.attributes.get(owner):
            yield from _holding(attribute, codes, structure)
    for kind in LINKED:
        for owner, codes in _grouped(_linked_names(session, of_kind.get(kind, {}))).items():
            for attribute in structure.attributes.values():
                if target_of(attribute) == (kind, owner):
                    yield from _holding(attribute, codes, structure)


def _holding(attribute: Attribute, codes: Sequence[str], structure: Structure) -> Iterator[Filter]:
    """One for each place where the attribute may have a value."""
    for locale, scope in structure.places(attribute):
        yield Filter(attribute.code, KIND_OF_TYPE[attribute.type], "IN", tuple(codes), attribute, locale, scope)


def _option_names(
    session: Session, ids: Collection[int], keys: dict[int, tuple[str, str, str]]
) -> Iterator[tuple[str, str]]:
    """(attribute, code) of options; a deleted one as it was called."""
    yield from (keys[one][1:] for one in ids if one in keys)
    for old in _deleted(session, [one for one in ids if one not in keys]):
        yield old["attribute"], old["code"]


def _linked_names(session: Session, ids: Collection[int]) -> Iterator[tuple[str, str]]:
    """(owner, code) of records or assets."""
    row = LinkedEntityRow
    there = session.execute(select(col(row.id), col(row.owner), col(row.code)).where(among(col(row.id), ids))).all()
    yield from ((one.owner, one.code) for one in there)


def _deleted(session: Session, ids: Collection[int]) -> list[dict[str, Any]]:
    query = select(col(ChangeRow.old)).where(among(col(ChangeRow.entity_id), ids), col(ChangeRow.path) == DELETED)
    return list(session.execute(query).scalars()) if ids else []


def _grouped(names: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for owner, code in names:
        grouped.setdefault(owner, []).append(code)
    return grouped
