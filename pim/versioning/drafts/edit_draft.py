"""Putting edits into a draft. The catalogue itself says what they come to: they are committed beside it, on top of what
the draft holds already, and taken back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from pim.base.errors import Conflict, InvalidInput, Violation
from pim.base.schema_checking import check_shape
from pim.catalog.linked import LINKED
from pim.catalog.merge import merge
from pim.catalog.model import Document, Entity
from pim.versioning import store as log
from pim.versioning.cell_edits import locked_entities, told_entity
from pim.versioning.commit import commit_changeset, refusal_of
from pim.versioning.diff import cell_data
from pim.versioning.drafts import store
from pim.versioning.drafts.merge_draft import creation_of, merge_draft
from pim.versioning.drafts.model import CAME_TRUE, DRAFT
from pim.versioning.drafts.schedule import withdraw
from pim.versioning.drafts.tables import DraftEditRow, DraftRow
from pim.versioning.drafts.trial import taken_back
from pim.versioning.linked_edits import as_value
from pim.versioning.model import (
    CREATED,
    DELETED,
    VALUES,
    Change,
    Committed,
    Edit,
    Origin,
    Outcome,
    UsedElsewhere,
    used_nowhere,
)
from pim.versioning.revert import Allowed, anything


def edit_draft(
    session: Session,
    code: str,
    edits: Sequence[Edit],
    by: str,
    at: datetime,
    used: UsedElsewhere = used_nowhere,
    allowed: Allowed = anything,
) -> Sequence[Outcome]:
    """All of the edits or, raising what is wrong with them, none. What was approved is a draft again: approved was what
    somebody looked at."""
    draft = editable_draft(session, code)
    allowed(session, edits)
    rows = store.edits_of(session, draft)
    _refuse_deleted(rows, edits)
    found = _tried(session, rows, edits, by, at, used)
    refusal = refusal_of(found.outcomes)
    if refusal is not None:
        raise refusal
    _keep(session, draft, found)
    draft.state, draft.reviewer = DRAFT, None
    store.add_event(session, draft, by, at, "edited")
    return found.outcomes


def editable_draft(session: Session, code: str) -> DraftRow:
    """Locked, and no longer scheduled. Raises Conflict for one that came true."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state in CAME_TRUE:
        raise Conflict(f"draft `{code}` was applied, in revision {draft.revision}; begin another one")
    withdraw(session, draft)
    return draft


@dataclass(frozen=True, slots=True)
class _Found:
    """What edits come to: their changes of what they name, of entities as the catalogue has them (`before`), and as the
    draft will leave them (`after`)."""

    outcomes: Sequence[Outcome]
    changes: Mapping[int, Sequence[Change]]
    before: Mapping[int, Entity]
    after: Mapping[int, Entity]
    revision: int


def _tried(
    session: Session, rows: Sequence[DraftEditRow], edits: Sequence[Edit], by: str, at: datetime, used: UsedElsewhere
) -> _Found:
    origin = Origin(by, "draft")
    made = {n: row for n, edit in enumerate(edits) if edit.patch is not None and (row := _made_by(rows, edit))}
    others = [row for row in rows if row.entity_id not in {one.entity_id for one in made.values()}]
    with taken_back(session):
        so_far = merge_draft(session, others, at, force=True)
        revision = log.head_revision(session)
        commit_changeset(session, so_far.edits, origin, at, used)
        committed = commit_changeset(session, list(_combined(edits, made, at)), origin, at, used)
        changes = _of_named(committed, rows)
        kinds = {entity_id: own[0].kind for entity_id, own in changes.items()}
        after = {one.id: one for one in locked_entities(session, kinds, log.current_structure(session))}
    before = {one.id: one for one in locked_entities(session, kinds, so_far.structure)}
    return _Found(committed.outcomes, changes, before, after, revision)


def _of_named(committed: Committed, rows: Sequence[DraftEditRow]) -> dict[int, list[Change]]:
    """Entity id → changes, of what the edits name, of what came with it and of what the draft made and loses with it.
    What else follows from the edits follows again when the draft is applied."""
    named = {outcome.entity_id for outcome in committed.outcomes if not outcome.refused}
    made = {row.entity_id for row in rows if row.path == CREATED}
    changes: dict[int, list[Change]] = {}
    for change in committed.changes:
        lost = change.cell.path == DELETED and change.entity_id in made
        if change.entity_id in named or change.cell.path == CREATED or lost:
            changes.setdefault(change.entity_id, []).append(change)
    return changes


def _combined(edits: Sequence[Edit], made: Mapping[int, DraftEditRow], at: datetime) -> Iterator[Edit]:
    """Edits of what the draft itself creates become part of its creation."""
    documents: dict[int, dict[str, Any]] = {}
    for n, edit in enumerate(edits):
        row = made.get(n)
        if row is None or edit.patch is None:
            yield edit
            continue
        if edit.must == "create":
            message = f"{told_entity(edit.kind, row.code)} is created by this draft already; patch it"
            raise InvalidInput([Violation("code", "taken", message)])
        again = row.entity_id in documents
        document = merge(documents.get(row.entity_id, row.data), _well_shaped(edit))
        documents[row.entity_id] = document
        yield replace(creation_of(row, at, document), must="" if again else "create", replace=again)


def _well_shaped(edit: Edit) -> Document:
    """The patch, such that it can be merged. Raises InvalidInput."""
    patch = edit.patch or {}
    violations = check_shape(edit.kind, patch)
    if violations:
        raise InvalidInput(violations)
    if edit.kind not in LINKED:
        return patch
    return {**patch, VALUES: {code: list(map(as_value, own)) for code, own in patch.get(VALUES, {}).items()}}


def _made_by(rows: Sequence[DraftEditRow], edit: Edit) -> DraftEditRow | None:
    return next((row for row in rows if row.path == CREATED and _names(edit, row)), None)


def _names(edit: Edit, row: DraftEditRow) -> bool:
    if (edit.kind, edit.owner) != (row.kind, row.owner):
        return False
    return edit.uuid == row.uuid if edit.uuid is not None else edit.code == row.code


def _refuse_deleted(rows: Sequence[DraftEditRow], edits: Sequence[Edit]) -> None:
    for edit in edits:
        for row in rows:
            if row.path == DELETED and edit.patch is not None and _names(edit, row):
                what = told_entity(row.kind, row.code)
                raise Conflict(f"this draft deletes {what}; drop its edit {row.id} first")


def _keep(session: Session, draft: DraftRow, found: _Found) -> None:
    rows: dict[int, dict[Any, DraftEditRow]] = {}
    for row in store.edits_of(session, draft):
        rows.setdefault(row.entity_id, {})[row.path, row.attribute_id, row.locale, row.scope] = row
    for entity_id, changes in found.changes.items():
        own = rows.get(entity_id, {})
        if changes[0].cell.path == DELETED:
            _keep_deletion(session, draft, found, entity_id, own)
        elif entity_id not in found.before:
            _keep_creation(session, draft, found, entity_id, own)
        else:
            for change in changes:
                _keep_change(session, draft, found, change, own)
    session.flush()


def _keep_deletion(
    session: Session, draft: DraftRow, found: _Found, entity_id: int, own: Mapping[Any, DraftEditRow]
) -> None:
    """What the draft said of it before is forgotten; if the draft made it, all of it."""
    ids = [row.id for row in own.values()]
    session.execute(delete(DraftEditRow).where(col(DraftEditRow.id).in_(ids)))
    if entity_id in found.before:
        entity = found.before[entity_id]
        session.add(_row(draft, found, entity, path=DELETED, base=entity.document))


def _keep_creation(
    session: Session, draft: DraftRow, found: _Found, entity_id: int, own: Mapping[Any, DraftEditRow]
) -> None:
    entity = found.after[entity_id]
    for row in own.values():
        row.data, row.code = entity.document, entity.code
        session.add(row)
    if not own:
        session.add(_row(draft, found, entity, path=CREATED, data=entity.document))


def _keep_change(
    session: Session, draft: DraftRow, found: _Found, change: Change, own: Mapping[Any, DraftEditRow]
) -> None:
    cell = change.cell
    entity = found.before[change.entity_id]
    base = cell_data(entity.document, cell)
    row = own.get((cell.path, change.attribute_id, cell.locale, cell.scope))
    if row is None and change.new != base:
        address = {"path": cell.path, "attribute_id": change.attribute_id, "attribute": cell.attribute}
        place = {"locale": cell.locale, "scope": cell.scope}
        session.add(_row(draft, found, entity, **address, **place, base=base, data=change.new))
    elif row is not None and change.new == base:
        session.delete(row)
    elif row is not None:  # its base stays: what others wrote since is still to be told
        row.data = change.new
        session.add(row)


def _row(draft: DraftRow, found: _Found, entity: Entity, **fields: Any) -> DraftEditRow:
    return DraftEditRow(
        draft_id=draft.id, entity_id=entity.id, kind=entity.kind, owner=entity.owner, code=entity.code,
        uuid=entity.uuid, base_revision=found.revision, **fields,
    )  # fmt: skip
