"""Applying a draft: merged into the catalogue of now as one changeset, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from pim.base.errors import Conflict
from pim.versioning.commit import commit_changeset
from pim.versioning.drafts import store
from pim.versioning.drafts.merge_draft import Merge, merge_draft
from pim.versioning.drafts.model import APPLIED, APPROVED, CAME_TRUE, CONFLICTED, MergeConflict
from pim.versioning.drafts.schedule import await_end, told_state
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.drafts.trial import taken_back
from pim.versioning.model import Change, Committed, Origin, UsedElsewhere, used_nowhere


@dataclass(frozen=True, slots=True)
class Applied:
    """`revision` is None where nothing was left to change, and where `conflicts` kept the catalogue as it was."""

    draft: DraftRow
    revision: int | None
    conflicts: Sequence[MergeConflict] = ()
    changes: Sequence[Change] = ()


def apply_draft(session: Session, code: str, by: str, at: datetime, used: UsedElsewhere = used_nowhere) -> Applied:
    """One changeset, in the name of the draft's author. Where there are conflicts nothing is written, and the draft is
    `conflicted`. Raises Conflict for a draft that is not approved, and for one whose end is over."""
    draft = store.get_draft(session, code, lock=True)
    if draft.state != APPROVED:
        raise Conflict(f"draft `{code}` is {told_state(draft)}; only an approved one can be applied")
    if draft.ends_at is not None and draft.ends_at <= at:
        raise Conflict(f"draft `{code}` was to end at {draft.ends_at.isoformat()}; unschedule it, and it has no end")
    return apply_locked(session, draft, by, at, used)


def apply_locked(session: Session, draft: DraftRow, by: str, at: datetime, used: UsedElsewhere) -> Applied:
    """`apply_draft` of one that may be."""
    merge, committed = _merge_and_commit(session, draft, at, used)
    if committed is None:
        draft.state = CONFLICTED
        store.add_event(session, draft, by, at, "conflicted", f"{len(merge.conflicts)} conflicts; nothing was written")
        return Applied(draft, None, merge.conflicts)
    draft.state, draft.revision = APPLIED, committed.revision
    await_end(session, draft, by)
    store.add_event(session, draft, by, at, "applied")
    return Applied(draft, committed.revision, (), committed.changes)


def conflicts_of(
    session: Session, draft: DraftRow, at: datetime, used: UsedElsewhere = used_nowhere
) -> list[MergeConflict]:
    """What would keep the draft from being applied now. Nothing stays written."""
    if draft.state in CAME_TRUE:
        return []
    with taken_back(session):
        merge, _ = _merge_and_commit(session, draft, at, used)
    return merge.conflicts


def _merge_and_commit(
    session: Session, draft: DraftRow, at: datetime, used: UsedElsewhere
) -> tuple[Merge, Committed | None]:
    """None where there are conflicts: with the catalogue, or with its rules once everything is merged."""
    merge = merge_draft(session, store.edits_of(session, draft), at)
    if merge.conflicts:
        return merge, None
    origin = Origin(draft.author, "draft", draft.reason or f"draft `{draft.code}`")
    savepoint = session.begin_nested()
    committed = commit_changeset(session, merge.edits, origin, at, used)
    merge.refused(committed.outcomes)
    if merge.conflicts:
        savepoint.rollback()
        return merge, None
    savepoint.commit()
    return merge, committed
