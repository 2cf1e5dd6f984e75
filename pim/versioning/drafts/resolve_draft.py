"""Settling by choice where a draft and the catalogue disagree, and taking edits out of a draft."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.versioning import store as log
from pim.versioning.drafts import store
from pim.versioning.drafts.apply_draft import conflicts_of
from pim.versioning.drafts.edit_draft import edit_draft, editable_draft
from pim.versioning.drafts.model import APPROVED, CONFLICTED, DRAFT, IN_REVIEW, SCHEDULED, SIDES, MergeConflict
from pim.versioning.drafts.tables import DraftEditRow, DraftRow
from pim.versioning.model import Edit, UsedElsewhere, used_nowhere


def resolve_draft(
    session: Session,
    code: str,
    take: str,
    numbers: Sequence[int],
    by: str,
    at: datetime,
    used: UsedElsewhere = used_nowhere,
) -> list[MergeConflict]:
    """Settles the conflicts of these edits (none named: all) for the `draft` or the `catalogue`; what is left of them.
    Without any left, the draft is in review: what was settled is looked at before it is applied.

    The catalogue's side drops the edit. The draft's side begins it anew from what the catalogue says now: should that
    change once more before the draft is applied, it is a conflict once more.
    """
    if take not in SIDES:
        raise InvalidInput([Violation("take", "unknown_side", f"`{take}` is no side of a conflict; {known(SIDES)}")])
    draft = editable_draft(session, code)
    state = draft.state
    chosen = _chosen(conflicts_of(session, draft, at, used), numbers)
    rows = {row.id: row for row in store.edits_of(session, draft)}
    again: list[Edit] = []
    for conflict in chosen:
        row = rows[conflict.edit]
        if take == "catalogue":
            _drop(session, [row.id])
        else:
            again += _begin_anew(session, row, conflict)
    session.flush()
    if again:
        edit_draft(session, code, again, by, at, used)
    left = conflicts_of(session, draft, at, used)
    draft.state = CONFLICTED if left else IN_REVIEW if state in (CONFLICTED, APPROVED, SCHEDULED) else state
    store.add_event(session, draft, by, at, "resolved", f"{len(chosen)} for the {take}")
    return left


def drop_edits(session: Session, code: str, numbers: Sequence[int], by: str, at: datetime) -> DraftRow:
    """Takes edits out of a draft, by their numbers. Raises NotFound for one that it does not have."""
    draft = editable_draft(session, code)
    there = {row.id for row in store.edits_of(session, draft)}
    if unknown := [number for number in numbers if number not in there]:
        raise NotFound(f"draft `{code}` has no edit {unknown[0]}; {known(map(str, there))}")
    _drop(session, numbers)
    draft.state, draft.reviewer = DRAFT, None
    store.add_event(session, draft, by, at, "edited", f"{len(numbers)} edits dropped")
    return draft


def _chosen(conflicts: Sequence[MergeConflict], numbers: Sequence[int]) -> list[MergeConflict]:
    """One for each edit. Raises NotFound when there is none at a number."""
    by_number = {conflict.edit: conflict for conflict in reversed(conflicts)}
    if unknown := [number for number in numbers if number not in by_number]:
        there = known(map(str, by_number))
        raise NotFound(f"edit {unknown[0]} of the draft is in no conflict; {there}")
    return [conflict for number, conflict in sorted(by_number.items()) if not numbers or number in numbers]


def _begin_anew(session: Session, row: DraftEditRow, conflict: MergeConflict) -> list[Edit]:
    """The edits that say the same of what is there now. Raises InvalidInput where it cannot be said."""
    if conflict.reason == "exists":
        _drop(session, [row.id])
        return [Edit(row.kind, row.code, row.data, row.owner)]
    if conflict.reason == "changed":
        row.base, row.base_revision = conflict.theirs, log.head_revision(session)
        session.add(row)
        return []
    way_out = (
        "take the catalogue's side, or bring back what was deleted"
        if conflict.reason == "deleted"
        else "edit the draft so that it fits, or take the catalogue's side"
    )
    raise InvalidInput([Violation("take", conflict.reason, f"edit {row.id}: {conflict.message}; {way_out}")])


def _drop(session: Session, numbers: Sequence[int]) -> None:
    session.execute(delete(DraftEditRow).where(col(DraftEditRow.id).in_(numbers)))
