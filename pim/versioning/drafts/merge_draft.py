"""A draft as the catalogue of now takes it: edits to commit, and where the two disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlmodel import Session

from pim.base.errors import Violation
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, STRUCTURE_KINDS, Entity
from pim.catalog.structure import Structure
from pim.versioning import store as log
from pim.versioning.cell_edits import (
    edit_putting,
    locked_entities,
    told_cell,
    told_data,
    told_entity,
    writable_document,
)
from pim.versioning.diff import cell_data
from pim.versioning.drafts.model import MergeConflict, Reason
from pim.versioning.drafts.tables import DraftEditRow
from pim.versioning.model import CREATED, DELETED, VALUES, Cell, Edit, Outcome, Restored
from pim.versioning.three_way import Disagreement, merged


@dataclass(slots=True)
class Merge:
    """`edits` are those that can be made, with the rows of the draft that each is made of."""

    session: Session
    structure: Structure
    entities: dict[int, Entity]
    at: datetime
    force: bool
    edits: list[Edit] = field(default_factory=list)
    rows: list[Sequence[DraftEditRow]] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)

    def meet(self, row: DraftEditRow, reason: Reason, message: str, theirs: Any = None) -> None:
        self.conflicts.append(
            MergeConflict(
                row.id, row.kind, row.owner, row.code, row.path, row.attribute, row.locale, row.scope,
                row.base, row.data, theirs, reason, message,
            )
        )  # fmt: skip

    def add(self, edit: Edit, rows: Sequence[DraftEditRow]) -> None:
        self.edits.append(edit)
        self.rows.append(rows)

    def refused(self, outcomes: Sequence[Outcome]) -> None:
        """What could not be committed, although nobody disagrees: merged, it breaks a rule."""
        for rows, outcome in zip(self.rows, outcomes, strict=True):
            for violation in outcome.violations if outcome.refused else ():
                row = _about(rows, violation)
                entity = self.entities.get(row.entity_id)
                self.meet(row, "invalid", violation.message, _theirs(entity, row))


def merge_draft(session: Session, rows: Sequence[DraftEditRow], at: datetime, force: bool = False) -> Merge:
    """Three-way, value by value. Locks the structure alone: nobody writes until the transaction ends.

    With `force` the draft wins wherever it can be said at all.
    """
    log.lock_structure(session, alone=True)
    structure = log.current_structure(session)
    kinds = {row.entity_id: row.kind for row in rows}
    entities = {entity.id: entity for entity in locked_entities(session, kinds, structure)}
    merge = Merge(session, structure, entities, at, force)
    for entity_id, group in groupby(sorted(rows, key=_by_entity), key=lambda row: row.entity_id):
        own = list(group)
        entity = entities.get(entity_id)
        if own[0].path == CREATED:
            _create(merge, own)
        elif own[0].path == DELETED:
            _delete(merge, own, entity)
        elif entity is None:
            _lost(merge, own)
        else:
            _change(merge, own, entity)
    return merge


def cell_of(row: DraftEditRow) -> Cell:
    return Cell(row.path, row.attribute, row.locale, row.scope)


def creation_of(row: DraftEditRow, at: datetime, document: dict[str, Any] | None = None) -> Edit:
    """The edit that makes what the draft makes, under the id that it has there."""
    born = Entity(row.entity_id, row.kind, row.code, document or row.data, at, at, 0, row.uuid, row.owner)
    code = born.document.get("identifier") if row.kind == PRODUCT else row.code
    restore = Restored(row.entity_id, at)
    return Edit(row.kind, code, writable_document(born), row.owner, row.uuid, must="create", restore=restore)


def _create(merge: Merge, rows: Sequence[DraftEditRow]) -> None:
    (row,) = rows
    there = _called_so(merge, row)
    if there is None:
        merge.add(creation_of(row, merge.at), rows)
    elif there.document != row.data and not merge.force:
        what = told_entity(row.kind, there.code)
        merge.meet(row, "exists", f"{what} was created meanwhile, otherwise than here", there.document)


def _called_so(merge: Merge, row: DraftEditRow) -> Entity | None:
    """What is called by now as the draft calls what it creates."""
    if row.kind in STRUCTURE_KINDS:
        return merge.structure.entities.get((row.kind, row.owner, row.code))
    if row.kind in LINKED:
        found = catalog_store.linked_by_code(merge.session, row.kind, row.owner, [row.code])
    elif row.kind == PRODUCT:
        found = catalog_store.products_by_code(merge.session, [row.data.get("identifier") or row.code])
    else:
        found = catalog_store.product_models_by_code(merge.session, [row.code])
    return found[0] if found else None


def _delete(merge: Merge, rows: Sequence[DraftEditRow], entity: Entity | None) -> None:
    """What is gone already need not be deleted; what somebody edited since is not, unless a person says so."""
    (row,) = rows
    if entity is None:
        return
    if entity.document != row.base and not merge.force:
        what = told_entity(row.kind, entity.code)
        merge.meet(row, "changed", f"{what} shall be deleted, and was edited meanwhile", entity.document)
        return
    code = entity.document["identifier"] if entity.kind == PRODUCT else entity.code
    merge.add(Edit(entity.kind, code, None, entity.owner, entity.uuid), rows)


def _lost(merge: Merge, rows: Sequence[DraftEditRow]) -> None:
    what = told_entity(rows[0].kind, rows[0].code)
    for row in () if merge.force else rows:
        shall = f"{told_cell(cell_of(row))} of it shall be {told_data(row.data)}"
        merge.meet(row, "deleted", f"{what} was deleted; {shall}")


def _change(merge: Merge, rows: Sequence[DraftEditRow], entity: Entity) -> None:
    cells = list(_merged_cells(merge, rows, entity))
    if cells:
        merge.add(edit_putting(entity, cells), rows)


def _merged_cells(merge: Merge, rows: Sequence[DraftEditRow], entity: Entity) -> Iterator[tuple[Cell, Any]]:
    for row in rows:
        cell, theirs = cell_of(row), _theirs(entity, row)
        if merge.force:
            yield cell, row.data
        elif not _same_attribute(merge.structure, row):
            merge.meet(row, "deleted", f"attribute `{row.attribute}` was deleted and made anew", theirs)
        else:
            try:
                yield cell, merged(cell, row.base, row.data, theirs)
            except Disagreement:
                told = f"is {told_data(theirs)} now, shall be {told_data(row.data)}, was {told_data(row.base)}"
                what = told_entity(row.kind, entity.code)
                merge.meet(row, "changed", f"{told_cell(cell)} of {what} {told}", theirs)


def _theirs(entity: Entity | None, row: DraftEditRow) -> Any:
    if entity is None or row.path == CREATED:
        return None
    return entity.document if row.path == DELETED else cell_data(entity.document, cell_of(row))


def attribute_id_of(structure: Structure, row: DraftEditRow) -> int | None:
    """The id of what is called like the row's attribute today."""
    own = (LINKED[row.kind].attribute, row.owner) if row.kind in LINKED else ("attribute", "")
    return structure.attribute_ids.get(own, {}).get(row.attribute or "")


def _same_attribute(structure: Structure, row: DraftEditRow) -> bool:
    """Not if it was deleted and another one has its code. One that is not there is told by the rules."""
    return row.path != VALUES or attribute_id_of(structure, row) in (None, row.attribute_id)


def _about(rows: Sequence[DraftEditRow], violation: Violation) -> DraftEditRow:
    """The row that a violation speaks of or, where no single one is to blame, the first."""
    place = (violation.attribute, violation.locale, violation.scope)
    for row in rows:
        if violation.attribute is not None and (row.attribute, row.locale, row.scope) == place:
            return row
    names = (violation.attribute, violation.path.removeprefix(f"{VALUES}."))
    named = (row for row in rows if row.attribute in names or row.path in (violation.path, violation.attribute))
    return next(named, rows[0])


def _by_entity(row: DraftEditRow) -> tuple[int, int]:
    return row.entity_id, row.id
