"""Which roots of the catalogue changed between a revision and a snapshot, told from the log without their documents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.store import among
from pim.catalog.tables import AssociationTargetRow, ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.model import CREATED, DELETED
from pim.versioning.snapshot import Snapshot, undone_since, with_root_keys
from pim.versioning.tables import ChangeRow

_IDENTITY = (CREATED, DELETED, "identifier", "code", "parent")
"""Changes that make an entity begin, end, be named otherwise, or belong to another root."""

_HOLDERS_OF_OPTION = """
    SELECT DISTINCT root_key FROM {table}
    WHERE jsonb_exists(document -> 'values', :attribute) AND EXISTS (
        SELECT FROM jsonb_array_elements(document -> 'values' -> :attribute) AS value
        WHERE jsonb_exists_any(value -> 'data', :codes)
    )
"""


@dataclass(frozen=True, slots=True)
class StructureChange:
    """A cell of a piece of structure that changed; `key` is (kind, owner, code), None for one that is gone or is no
    piece of structure (a record, an asset)."""

    key: tuple[str, str, str] | None
    path: str


def changed_roots(snapshot: Snapshot, since: int, most: int) -> set[str] | None:
    """Keys, then and now, of the roots that an edit of a product or product model after `since` touched, and of those
    that mention a product that came, went or got another name. None when more than `most` entities changed."""
    session = snapshot.session
    changed = _changed_entities(session, since, snapshot.revision, most)
    if changed is None:
        return None
    moved = [entity_id for entity_id, has_moved in changed.items() if has_moved]
    keys = _keys_now(snapshot, changed) | _keys_then(snapshot, since, moved)
    if moved:
        mentions = select(col(AssociationTargetRow.entity_id)).where(among(col(AssociationTargetRow.target_id), moved))
        keys |= _keys_now(snapshot, session.execute(mentions).scalars().all()) | _keys_to_doubt(snapshot)
    return keys


def changed_structure(snapshot: Snapshot, since: int) -> list[StructureChange]:
    """What changed beside products and product models in (since, the snapshot's revision]."""
    keys = {entity.id: key for key, entity in snapshot.structure.entities.items()}
    rows = snapshot.session.execute(
        select(col(ChangeRow.entity_id), col(ChangeRow.path))
        .where(col(ChangeRow.revision) > since, col(ChangeRow.revision) <= snapshot.revision)
        .where(col(ChangeRow.kind).not_in([PRODUCT, PRODUCT_MODEL]))
        .distinct()
    )
    return [StructureChange(keys.get(row.entity_id), row.path) for row in rows]


def roots_with_options(snapshot: Snapshot, attribute: str, codes: Collection[str]) -> set[str]:
    """Keys of the roots in which somebody holds one of these options."""
    given = {"attribute": attribute, "codes": list(codes)}
    return _found_in_both(snapshot, _HOLDERS_OF_OPTION, given)


def roots_in_categories(snapshot: Snapshot, codes: Collection[str]) -> set[str]:
    """Keys of the roots in which somebody is in one of these categories or below."""
    inside = set(codes)
    for code in snapshot.structure.categories:
        if not inside.isdisjoint(category.code for category in snapshot.structure.category_path(code)):
            inside.add(code)
    statement = "SELECT DISTINCT root_key FROM {table} WHERE categories && CAST(:codes AS varchar[])"
    return _found_in_both(snapshot, statement, {"codes": list(inside)})


def _found_in_both(snapshot: Snapshot, statement: str, given: dict[str, Any]) -> set[str]:
    found = _keys_to_doubt(snapshot)
    for table in (PRODUCT, PRODUCT_MODEL):
        found.update(snapshot.session.execute(text(statement.format(table=table)), given).scalars())
    return found


def _keys_to_doubt(snapshot: Snapshot) -> set[str]:
    """Of what changed after the snapshot: tables of now do not tell whom it mentioned and what it held."""
    return {key for key, _ in snapshot.keyed}


def _changed_entities(session: Session, since: int, until: int, most: int) -> dict[int, bool] | None:
    """Product and product model id → whether its identity changed."""
    moved = func.bool_or(col(ChangeRow.path).in_(_IDENTITY)).label("moved")
    rows = session.execute(
        select(col(ChangeRow.entity_id), moved)
        .where(col(ChangeRow.revision) > since, col(ChangeRow.revision) <= until)
        .where(col(ChangeRow.kind).in_([PRODUCT, PRODUCT_MODEL]))
        .group_by(col(ChangeRow.entity_id))
        .limit(most + 1)
    ).all()
    return None if len(rows) > most else {row.entity_id: row.moved for row in rows}


def _keys_now(snapshot: Snapshot, ids: Iterable[int]) -> set[str]:
    """Keys that the roots of these entities have in the snapshot."""
    wanted = set(ids)
    keys = {key for key, entity in snapshot.keyed if entity.id in wanted}
    untouched = [entity_id for entity_id in wanted if entity_id not in snapshot.touched]
    for table in (ProductRow, ProductModelRow):
        keys.update(
            snapshot.session.execute(select(col(table.root_key)).where(among(col(table.id), untouched))).scalars()
        )
    return keys


def _keys_then(snapshot: Snapshot, since: int, moved: Sequence[int]) -> set[str]:
    """Keys that the roots of these entities had at `since`. All whose code or model is another now are among them."""
    if not moved:
        return set()
    session = snapshot.session
    newest = store.head_revision(session)
    undone = undone_since(session, since, newest, store.current_structure(session), moved)
    then = {entity_id: entity for entity_id, (_, entity) in undone.items()}
    there = [entity for entity in then.values() if entity is not None]
    return {key for key, _ in with_root_keys(session, there, then)}
