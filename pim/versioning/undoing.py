"""What takes back some revisions, entity by entity: the edits that do it, and where others are in the way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from typing import Any

from sqlalchemy import not_, select
from sqlmodel import Session, col

from pim.base.errors import Violation
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, STRUCTURE_KINDS, Document, Entity
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
from pim.versioning.diff import cell_data, put_cell
from pim.versioning.model import CREATED, DELETED, Cell, Change, Edit, Restored
from pim.versioning.snapshot import named, recalled
from pim.versioning.tables import ChangeRow
from pim.versioning.three_way import Disagreement, merged

LEVELS = "variant_attribute_sets"


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
    """What the taking back of some revisions needs to know, and the conflicts it meets.

    With `leaving`, what others changed since is left out of the edits; otherwise the edits would overwrite it, and who
    meets conflicts must not make them. `moved` are attributes that went down a family variant: they go up with all of
    their values or not at all, so where something may be left out they are.
    """

    session: Session
    structure: Structure
    entities: Mapping[int, Entity]
    codes: Mapping[int, str]
    of_others: Mapping[int, Sequence[Change]]
    leaving: bool
    moved: Set[int] = frozenset()
    conflicts: list[Violation] = field(default_factory=list)

    def meet(self, entity: Entity, what: str, cell: Cell | None = None) -> None:
        """Notes a conflict: `what` says it in words."""
        at = cell or Cell("")
        subject = subject_of(entity.kind, entity.owner, entity.code)
        self.conflicts.append(
            Violation(at.path, "changed_since", what, at.attribute, at.locale, at.scope, subject=subject)
        )


def subject_of(kind: str, owner: str, code: str) -> str:
    return "/".join(filter(None, (kind, owner, code)))


def undo(session: Session, revisions: Sequence[int], leaving: bool) -> tuple[list[Edit], list[Violation]]:
    """The edits that take `revisions`, given in their order, back, and the conflicts. Locks the structure alone."""
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
    moved = frozenset(_moved_down(structure, by_entity.values())) if leaving else frozenset()
    undoing = Undoing(session, structure, entities, codes, of_others, leaving, moved)
    edits = [edit for entity_id, own in by_entity.items() for edit in _inverse(undoing, entity_id, own)]
    restored = [edit for edit in reversed(edits) if edit.restore]  # a category that went last comes before those below
    return restored + [edit for edit in edits if not edit.restore], undoing.conflicts


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
        if not came:
            gone = _gone(undoing.session, entity_id)
            undoing.meet(gone, f"{told_entity(gone.kind, gone.code)} was deleted")
    elif came:
        yield from _take_away(undoing, entity)
    else:
        cells = list(_cells_back(undoing, entity, entity.document, changes))
        if cells:
            yield dataclass_replace(edit_putting(entity, cells), former_places=True)


def _take_away(undoing: Undoing, entity: Entity) -> Iterator[Edit]:
    """The deletion of what was created, unless somebody else made something of it since."""
    for net in _net(undoing.of_others.get(entity.id, [])):
        cell = _cell(undoing, net)
        if cell.path not in (CREATED, DELETED) and cell_data(entity.document, cell) != net.old:
            undoing.meet(entity, f"{told_entity(entity.kind, entity.code)} was edited: {told_cell(cell)}", cell)
            return
    yield Edit(entity.kind, entity.code, None, entity.owner, entity.uuid)


def _bring_back(undoing: Undoing, changes: list[Change], entity: Entity | None) -> Iterator[Edit]:
    """A deleted entity, as it was before the group's first change of it, under its old id."""
    if entity is not None:
        return  # brought back meanwhile
    was = recalled(changes[-1])
    for cell, data in _cells_back(undoing, was, was.document, changes[:-1]):
        put_cell(was.document, cell, data)
    if _is_taken(undoing, was):
        undoing.meet(was, f"{told_entity(was.kind, was.code)} was deleted and made anew")
        if undoing.leaving:
            return
    restored = Restored(was.id, was.created)
    code = was.document.get("identifier", was.code) if was.kind == PRODUCT else was.code
    document = writable_document(was)
    yield Edit(was.kind, code, document, was.owner, was.uuid, replace=True, restore=restored, former_places=True)


def _moved_down(structure: Structure, groups: Iterable[Sequence[Change]]) -> Iterator[int]:
    """Ids of attributes."""
    for change in (change for changes in groups for change in changes if change.cell.path == LEVELS):
        before, after = (_levels(change.old), _levels(change.new))
        for code in (code for code, level in after.items() if level > before.get(code, 0)):
            yield structure.attribute_ids.get(("attribute", ""), {}).get(code, 0)


def _levels(sets: Sequence[Document]) -> dict[str, int]:
    return {code: one["level"] for one in sets for code in (*one["axes"], *one["attributes"])}


def _is_taken(undoing: Undoing, was: Entity) -> bool:
    """Whether something else has its code by now."""
    if was.kind in STRUCTURE_KINDS:
        return (was.kind, was.owner, was.code) in undoing.structure.entities
    if was.kind in LINKED:
        return bool(catalog_store.known_linked(undoing.session, was.kind, was.owner, [was.code]))
    find = catalog_store.products_by_code if was.kind == PRODUCT else catalog_store.product_models_by_code
    return bool(find(undoing.session, [was.document.get("identifier") or was.code]))


def _cells_back(
    undoing: Undoing, entity: Entity, document: Document, changes: Sequence[Change]
) -> Iterator[tuple[Cell, Any]]:
    """What the cells that `changes` wrote shall hold again; where somebody else wrote since, that is a conflict."""
    for net in _net(changes):
        cell = _cell(undoing, net)
        there = cell_data(document, cell)
        if undoing.moved and (net.attribute_id in undoing.moved or cell.path == LEVELS):
            told = "went down a family variant, which is taken back as a whole only: revert the revision"
            undoing.meet(entity, f"{told_cell(cell)} of {told_entity(entity.kind, entity.code)} {told}", cell)
            continue
        try:
            yield cell, _back(cell, net, there)
        except Disagreement:
            told = f"is {told_data(there)} now, was made {told_data(net.new)}, before it was {told_data(net.old)}"
            undoing.meet(entity, f"{told_cell(cell)} of {told_entity(entity.kind, entity.code)} {told}", cell)
            if not undoing.leaving:
                yield cell, net.old


def _back(cell: Cell, net: NetChange, there: Any) -> Any:
    """The rules are those of a draft that wants `old` and began from `new`. Raises Disagreement."""
    if net.interrupted and there != net.old:
        raise Disagreement
    return merged(cell, net.new, net.old, there)


def _cell(undoing: Undoing, net: NetChange) -> Cell:
    return named(net.cell, net.attribute_id, undoing.codes)


def _gone(session: Session, entity_id: int) -> Entity:
    """What is not there any more, as it was last."""
    deletions = select(ChangeRow).where(col(ChangeRow.entity_id) == entity_id, col(ChangeRow.path) == DELETED)
    row = session.execute(deletions.order_by(col(ChangeRow.revision).desc()).limit(1)).scalar_one()
    return recalled(store.as_change(row))


def _net(changes: Sequence[Change]) -> Iterator[NetChange]:
    nets: dict[tuple[Cell, int | None], NetChange] = {}
    for change in changes:
        key = (change.cell, change.attribute_id)
        before = nets.get(key)
        first = change.old if before is None else before.old
        interrupted = before is not None and (before.interrupted or before.new != change.old)
        nets[key] = NetChange(change.cell, first, change.new, change.attribute_id, interrupted)
    return (net for net in nets.values() if net.old != net.new)
