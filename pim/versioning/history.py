"""Who changed what: the log of one product, of one value, and what stood where when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlmodel import Session, col

from pim.base.errors import NotFound, known
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import Entity, Resolved
from pim.catalog.structure import Structure
from pim.catalog.table_rows import RowChange, row_changes
from pim.versioning import store
from pim.versioning.tables import ChangeRow, ChangesetRow


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of one cell, with the changeset it came in and its number there. `attribute` is None for fields that
    are no values; for a creation and a deletion `path` is `+` and `-` (whose `old` is the whole document)."""

    revision: int
    number: int
    committed_at: datetime
    author: str
    source: str
    reason: str | None
    import_id: int | None
    path: str
    attribute: str | None
    locale: str | None
    scope: str | None
    old: Any
    new: Any
    rows: list[RowChange] | None = None
    """Of the value of a table: the rows that changed."""


def find_entity(session: Session, code: str) -> Entity:
    """The product of this identifier, else the product model of this code, else the record or asset of this owner and
    code (`brand/kartell`). Raises NotFound."""
    found = catalog_store.products_by_code(session, [code]) or catalog_store.product_models_by_code(session, [code])
    owner, _, own = code.partition("/")
    for kind in LINKED:
        found = found or catalog_store.linked_by_code(session, kind, owner, [own])
    if not found:
        raise NotFound(
            f"there is no product or product model `{code}`, and no record or asset `owner/code` of that name"
        )
    return found[0]


def find_priced(session: Session, code: str) -> Resolved:
    """The product of this identifier, else the product model of this code. Raises NotFound."""
    entity = find_entity(session, code)
    if entity.kind in LINKED:
        raise NotFound(f"there is no product or product model `{code}`")
    return catalog_store.resolve_all(session, [entity])[0]


def history(session: Session, entity: Entity) -> list[HistoryEntry]:
    """Every change of the entity, newest first."""
    return list(_entries(session, col(ChangeRow.entity_id) == entity.id))


def value_history(
    session: Session, entity: Entity, attribute: str, locale: str | None = None, scope: str | None = None
) -> list[HistoryEntry]:
    """Every change of one value, newest first. Raises NotFound for an attribute that does not exist."""
    structure = store.current_structure(session)
    kind = LINKED[entity.kind].attribute if entity.kind in LINKED else "attribute"
    if (kind, entity.owner, attribute) not in structure.entities:
        attributes = [key[2] for key in structure.entities if key[:2] == (kind, entity.owner)]
        raise NotFound(f"attribute `{attribute}` does not exist; {known(attributes)}")
    attribute_id = structure.id_of(kind, attribute, entity.owner)
    conditions = (
        col(ChangeRow.entity_id) == entity.id,
        col(ChangeRow.attribute_id) == attribute_id,
        col(ChangeRow.locale).is_not_distinct_from(locale),
        col(ChangeRow.scope).is_not_distinct_from(scope),
    )
    return list(_entries(session, *conditions))


def _entries(session: Session, *conditions: Any) -> Iterator[HistoryEntry]:
    yield from read_entries(session, rows_of_history().where(*conditions))


def rows_of_history() -> Select[ChangeRow, ChangesetRow]:
    """The log with its changesets, newest first, to be narrowed."""
    query = select(ChangeRow, ChangesetRow).join(ChangesetRow, col(ChangeRow.revision) == col(ChangesetRow.revision))
    return query.order_by(col(ChangeRow.revision).desc(), col(ChangeRow.number).desc())


def read_entries(session: Session, query: Select[ChangeRow, ChangesetRow]) -> list[HistoryEntry]:
    rows = session.execute(query).all()
    structure = store.current_structure(session)
    codes = store.attribute_codes(session, structure, (row[0].attribute_id for row in rows))
    return [_entry(row, codes, structure) for row in rows]


def _entry(row: Row[ChangeRow, ChangesetRow], codes: dict[int, str], structure: Structure) -> HistoryEntry:
    change, changeset = row
    attribute = None if change.attribute_id is None else codes[change.attribute_id]
    table = None if change.attribute_id is None else structure.tables_by_id.get(change.attribute_id)
    return HistoryEntry(
        changeset.revision, change.number, changeset.committed_at, changeset.author, changeset.source,
        changeset.reason, changeset.import_id, change.path, attribute, change.locale, change.scope, change.old,
        change.new, row_changes(change.old, change.new, table) if table else None,
    )  # fmt: skip
