"""Taking back what a changeset or an import did, as a new changeset. What others changed since is never overwritten."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from datetime import datetime
from typing import Any

from sqlalchemy import not_, select
from sqlmodel import Session, col

from pim.base.errors import Conflict, NotFound, Violation
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, STRUCTURE_KINDS, Entity
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.cell_edits import (
    edit_putting,
    locked_entities,
    told_cell,
    told_data,
    told_entity,
    writable_document,
)
from pim.versioning.commit import commit_or_raise
from pim.versioning.diff import cell_data, put_cell
from pim.versioning.model import (
    CREATED,
    DELETED,
    Cell,
    Change,
    Committed,
    Edit,
    Origin,
    Restored,
    UsedElsewhere,
    used_nowhere,
)
from pim.versioning.snapshot import named, recalled
from pim.versioning.tables import ChangeRow

_SHOWN = 20

Allowed = Callable[[Session, Sequence[Edit]], None]
"""Raises NotPermitted when somebody may not make these edits; from a room that knows."""


def anything(session: Session, edits: Sequence[Edit]) -> None:
    """Who reverts at the keyboard of the server may."""


@dataclass(frozen=True, slots=True)
class NetChange:
    """What a group of revisions did to one cell in all: `old` before the first of them, `new` after the last.
    `interrupted` when somebody else wrote it in between."""

    cell: Cell
    old: Any
    new: Any
    attribute_id: int | None
    interrupted: bool


@dataclass(slots=True)
class Undoing:
    """What the reverting of some revisions needs to know, and the conflicts it meets."""

    session: Session
    structure: Structure
    entities: dict[int, Entity]
    codes: dict[int, str]
    of_others: dict[int, list[Change]]
    conflicts: list[Violation] = field(default_factory=list)

    def meet(self, entity: Entity, what: str, cell: Cell | None = None) -> None:
        """Notes a conflict: `what` says it in words."""
        subject = "/".join(filter(None, (entity.kind, entity.owner, entity.code)))
        at = cell or Cell("")
        self.conflicts.append(
            Violation(at.path, "changed_since", what, at.attribute, at.locale, at.scope, subject=subject)
        )


def revert_changeset(
    session: Session,
    revision: int,
    origin: Origin,
    at: datetime,
    used: UsedElsewhere = used_nowhere,
    allowed: Allowed = anything,
) -> Committed:
    """Takes back one revision. Raises NotFound, NotPermitted by `allowed`, or Conflict listing every cell that has
    changed since."""
    store.get_changeset(session, revision)
    origin = dataclass_replace(origin, source="revert", reverts=revision)
    return _revert(session, [revision], origin, at, used, allowed)


def revert_import(
    session: Session,
    import_id: int,
    origin: Origin,
    at: datetime,
    used: UsedElsewhere = used_nowhere,
    allowed: Allowed = anything,
) -> Committed:
    """Takes back all changesets of an import, as one."""
    revisions = store.revisions_of_import(session, import_id)
    if not revisions:
        raise NotFound(f"import {import_id} changed nothing, or does not exist")
    origin = dataclass_replace(origin, source="revert", reverts=revisions[-1])
    return _revert(session, revisions, origin, at, used, allowed)


def _revert(
    session: Session, revisions: Sequence[int], origin: Origin, at: datetime, used: UsedElsewhere, allowed: Allowed
) -> Committed:
    store.lock_structure(session, alone=True)
    structure = store.current_structure(session)
    by_entity: dict[int, list[Change]] = {}
    for change in store.changes_of(session, revisions):
        by_entity.setdefault(change.entity_id, []).append(change)
    kinds = {entity_id: changes[0].kind for entity_id, changes in by_entity.items()}
    entities = {entity.id: entity for entity in locked_entities(session, kinds, structure)}
    created = [entity_id for entity_id, changes in by_entity.items() if changes[0].cell.path == CREATED]
    of_others = _changes_of_others(session, created, revisions)
    changes = (change for group in (*by_entity.values(), *of_others.values()) for change in group)
    codes = store.attribute_codes(session, structure, (change.attribute_id for change in changes))
    undoing = Undoing(session, structure, entities, codes, of_others)
    edits = [edit for entity_id, changes in by_entity.items() for edit in _inverse(undoing, entity_id, changes)]
    allowed(session, edits)
    conflicts = undoing.conflicts
    if conflicts:
        more = f"; and {len(conflicts) - _SHOWN} more" if len(conflicts) > _SHOWN else ""
        shown = "; ".join(conflict.message for conflict in conflicts[:_SHOWN])
        raise Conflict(f"changed since, so nothing was reverted: {shown}{more}", conflicts)
    return commit_or_raise(session, edits, origin, at, used)


def _changes_of_others(session: Session, ids: Sequence[int], revisions: Sequence[int]) -> dict[int, list[Change]]:
    """Entity id → what was done to it outside of `revisions` since the first of them, oldest first."""
    query = select(ChangeRow).where(
        catalog_store.among(col(ChangeRow.entity_id), ids),
        col(ChangeRow.revision) > revisions[0],
        not_(catalog_store.among(col(ChangeRow.revision), revisions)),
    )
    found: dict[int, list[Change]] = {}
    for row in session.execute(query.order_by(col(ChangeRow.revision), col(ChangeRow.number))).scalars():
        found.setdefault(row.entity_id, []).append(store.as_change(row))
    return found


def _inverse(undoing: Undoing, entity_id: int, changes: list[Change]) -> Iterator[Edit]:
    """The edit that brings one entity back to before `changes`, which come oldest first."""
    entity = undoing.entities.get(entity_id)
    came, went = changes[0].cell.path == CREATED, changes[-1].cell.path == DELETED
    if came and went:
        return
    if went:
        yield from _bring_back(undoing, changes, entity)
    elif entity is None:
        gone = _gone(undoing.session, entity_id)
        undoing.meet(gone, f"{told_entity(gone.kind, gone.code)} was deleted")
    elif came:
        yield from _take_away(undoing, entity)
    else:
        nets = _checked(undoing, entity, entity.document, changes)
        back = edit_putting(entity, ((_cell(undoing, net), net.old) for net in nets))
        yield dataclass_replace(back, former_places=True)


def _take_away(undoing: Undoing, entity: Entity) -> Iterator[Edit]:
    """The deletion of what was created, unless somebody else made something of it since."""
    for net in _net(undoing.of_others.get(entity.id, [])):
        if net.cell.path not in (CREATED, DELETED) and _data(undoing, entity.document, net) != net.old:
            cell = _cell(undoing, net)
            undoing.meet(entity, f"{told_entity(entity.kind, entity.code)} was edited: {told_cell(cell)}", cell)
            return
    yield Edit(entity.kind, entity.code, None, entity.owner, entity.uuid)


def _bring_back(undoing: Undoing, changes: list[Change], entity: Entity | None) -> Iterator[Edit]:
    """A deleted entity, as it was before the group's first change of it, under its old id."""
    if entity is not None:
        return  # brought back meanwhile
    was = recalled(changes[-1])
    _put_back(undoing, was, was.document, changes[:-1])
    if was.kind in STRUCTURE_KINDS:
        taken = (was.kind, was.owner, was.code) in undoing.structure.entities
    elif was.kind in LINKED:
        taken = bool(catalog_store.known_linked(undoing.session, was.kind, was.owner, [was.code]))
    else:
        find = catalog_store.products_by_code if was.kind == PRODUCT else catalog_store.product_models_by_code
        taken = bool(find(undoing.session, [was.document.get("identifier") or was.code]))
    if taken:
        undoing.meet(was, f"{told_entity(was.kind, was.code)} was deleted and made anew")
    restored = Restored(was.id, was.created)
    code = was.document.get("identifier", was.code) if was.kind == PRODUCT else was.code
    document = writable_document(was)
    yield Edit(was.kind, code, document, was.owner, was.uuid, replace=True, restore=restored, former_places=True)


def _put_back(undoing: Undoing, entity: Entity, document: dict[str, Any], changes: list[Change]) -> None:
    for net in _checked(undoing, entity, document, changes):
        put_cell(document, _cell(undoing, net), net.old)


def _checked(undoing: Undoing, entity: Entity, document: dict[str, Any], changes: list[Change]) -> Iterator[NetChange]:
    """What `changes` came to, where nobody else wrote since; where somebody did, that is a conflict."""
    for net in _net(changes):
        there = _data(undoing, document, net)
        if net.interrupted or there != net.new:
            cell = _cell(undoing, net)
            told = f"is {told_data(there)} now, was made {told_data(net.new)}, before it was {told_data(net.old)}"
            undoing.meet(entity, f"{told_cell(cell)} of {told_entity(entity.kind, entity.code)} {told}", cell)
        yield net


def _data(undoing: Undoing, document: dict[str, Any], net: NetChange) -> Any:
    return cell_data(document, _cell(undoing, net))


def _cell(undoing: Undoing, net: NetChange) -> Cell:
    return named(net.cell, net.attribute_id, undoing.codes)


def _gone(session: Session, entity_id: int) -> Entity:
    """What is not there any more, as it was last."""
    deletions = select(ChangeRow).where(col(ChangeRow.entity_id) == entity_id, col(ChangeRow.path) == DELETED)
    row = session.execute(deletions.order_by(col(ChangeRow.revision).desc()).limit(1)).scalar_one()
    return recalled(store.as_change(row))


def _net(changes: list[Change]) -> Iterator[NetChange]:
    nets: dict[tuple[Cell, int | None], NetChange] = {}
    for change in changes:
        key = (change.cell, change.attribute_id)
        before = nets.get(key)
        first = change.old if before is None else before.old
        interrupted = before is not None and (before.interrupted or before.new != change.old)
        nets[key] = NetChange(change.cell, first, change.new, change.attribute_id, interrupted)
    return (net for net in nets.values() if net.old != net.new)
