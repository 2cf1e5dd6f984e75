"""Taking back what a changeset or an import did, as a new changeset. What others changed since is never overwritten."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.errors import Conflict, NotFound
from pim.catalog import store as catalog_store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.commit import commit_or_raise
from pim.versioning.diff import cell_data, put_cell
from pim.versioning.model import (
    CREATED,
    DELETED,
    VALUES,
    Cell,
    Change,
    Committed,
    Edit,
    Origin,
    Restored,
    UsedElsewhere,
    used_nowhere,
)
from pim.versioning.snapshot import named, recalled, undone
from pim.versioning.tables import ChangeRow

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class NetChange:
    """What a group of revisions did to one cell in all: `old` before the first of them, `new` after the last."""

    cell: Cell
    old: Any
    new: Any
    attribute_id: int | None


def revert_changeset(
    session: Session, revision: int, origin: Origin, at: datetime, used: UsedElsewhere = used_nowhere
) -> Committed:
    """Takes back one revision. Raises NotFound, or Conflict listing every cell that has changed since."""
    store.get_changeset(session, revision)
    return _revert(session, [revision], replace(origin, source="revert", reverts=revision), at, used)


def revert_import(
    session: Session, import_id: int, origin: Origin, at: datetime, used: UsedElsewhere = used_nowhere
) -> Committed:
    """Takes back all changesets of an import, as one."""
    revisions = store.revisions_of_import(session, import_id)
    if not revisions:
        raise NotFound(f"import {import_id} changed nothing, or does not exist")
    return _revert(session, revisions, replace(origin, source="revert", reverts=revisions[-1]), at, used)


def _revert(session: Session, revisions: Sequence[int], origin: Origin, at: datetime, used: UsedElsewhere) -> Committed:
    store.lock_structure(session, alone=True)
    structure = store.current_structure(session)
    by_entity: dict[int, list[Change]] = {}
    for change in store.changes_of(session, revisions):
        by_entity.setdefault(change.entity_id, []).append(change)
    entities = {entity.id: entity for entity in _entities(session, by_entity, structure)}
    codes = store.attribute_codes(session, structure, (c.attribute_id for group in by_entity.values() for c in group))
    conflicts: list[str] = []
    edits: list[Edit] = []
    for entity_id, changes in by_entity.items():
        entity = entities.get(entity_id)
        edits += _inverse(session, changes, entity, revisions[-1], structure, codes, conflicts)
    if conflicts:
        more = f"; and {len(conflicts) - _SHOWN} more" if len(conflicts) > _SHOWN else ""
        raise Conflict(f"changed since, so nothing was reverted: {'; '.join(conflicts[:_SHOWN])}{more}")
    return commit_or_raise(session, edits, origin, at, used)


def _inverse(
    session: Session,
    changes: list[Change],
    entity: Entity | None,
    last: int,
    structure: Structure,
    codes: dict[int, str],
    conflicts: list[str],
) -> Iterator[Edit]:
    """The edit that brings one entity back to before `changes`, which come oldest first."""
    came, went = changes[0].cell.path == CREATED, changes[-1].cell.path == DELETED
    if came and went:
        return
    if went:
        yield from _bring_back(changes, entity, codes, conflicts)
    elif entity is None:
        conflicts.append(f"{changes[0].kind.replace('_', ' ')} {changes[0].entity_id} was deleted")
    elif came:
        if _edited_since(session, entity, last, structure):
            conflicts.append(f"{entity.kind.replace('_', ' ')} `{entity.code}` was edited")
        yield Edit(entity.kind, entity.code, None, entity.owner, entity.uuid)
    else:
        document = deepcopy(entity.document)
        for net in _net(changes):
            cell = named(net.cell, net.attribute_id, codes)
            if cell_data(document, cell) != net.new:
                conflicts.append(f"{_shown(cell)} of {entity.kind.replace('_', ' ')} `{entity.code}`")
            put_cell(document, cell, net.old)
        yield Edit(entity.kind, entity.code, _as_patch(entity, document), entity.owner, entity.uuid, replace=True)


def _bring_back(
    changes: list[Change], entity: Entity | None, codes: dict[int, str], conflicts: list[str]
) -> Iterator[Edit]:
    """A deleted entity, as it was before the group's first change of it, under its old id."""
    if entity is not None:
        return  # brought back meanwhile
    was = recalled(changes[-1])
    document = was.document
    for net in _net(changes[:-1]):
        put_cell(document, named(net.cell, net.attribute_id, codes), net.old)
    restored = Restored(was.id, was.created)
    code = document.get("identifier", was.code) if was.kind == PRODUCT else was.code
    yield Edit(was.kind, code, _as_patch(was, document), was.owner, was.uuid, replace=True, restore=restored)


def _net(changes: list[Change]) -> Iterator[NetChange]:
    nets: dict[tuple[Cell, int | None], NetChange] = {}
    for change in changes:
        key = (change.cell, change.attribute_id)
        first = nets[key].old if key in nets else change.old
        nets[key] = NetChange(change.cell, first, change.new, change.attribute_id)
    return (net for net in nets.values() if net.old != net.new)


def _as_patch(entity: Entity, document: dict[str, Any]) -> dict[str, Any]:
    """A stored document as an edit may give it: what a writer does not say is left out."""
    if entity.kind in STRUCTURE_KINDS:
        return {key: value for key, value in document.items() if value is not None}
    return document


def _entities(session: Session, changes: dict[int, list[Change]], structure: Structure) -> Iterator[Entity]:
    yield from (entity for entity in structure.entities.values() if entity.id in changes)
    ids = [entity_id for entity_id, group in changes.items() if group[0].kind in (PRODUCT, PRODUCT_MODEL)]
    yield from catalog_store.product_models(session, col(ProductModelRow.id).in_(ids), lock=True)
    yield from catalog_store.products(session, col(ProductRow.id).in_(ids), lock=True)


def _edited_since(session: Session, entity: Entity, revision: int, structure: Structure) -> bool:
    """Whether the entity differs from what it was at `revision`; edits that were taken back do not count."""
    query = select(ChangeRow).where(col(ChangeRow.entity_id) == entity.id, col(ChangeRow.revision) > revision)
    newest_first = query.order_by(col(ChangeRow.revision).desc(), col(ChangeRow.number).desc())
    since = [store.as_change(row) for row in session.execute(newest_first).scalars()]
    codes = store.attribute_codes(session, structure, (change.attribute_id for change in since))
    then = undone(entity, since, codes)
    return then is None or then.document != entity.document


def _shown(cell: Cell) -> str:
    place = ", ".join(filter(None, (cell.locale, cell.scope)))
    name = f"`{cell.attribute}`" if cell.path == VALUES else f"`{cell.path}`"
    return f"{name} ({place})" if place else name
