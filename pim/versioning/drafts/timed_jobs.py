"""A scheduled draft coming true, and ending, as background work.

The changeset, the draft's new state, the asking for its exports and for the job that ends it are one transaction:
whoever is killed before its end has done nothing, and whoever comes after it finds that all is done.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from pim.base.clock import now
from pim.base.installation import Installation
from pim.base.jobs import PartlyFailed, Progress
from pim.base.jobs.model import JobKind
from pim.base.settings import Settings
from pim.catalog.model import STRUCTURE_KINDS
from pim.versioning.catch_up_job import defer_catch_up
from pim.versioning.drafts import store
from pim.versioning.drafts.apply_draft import apply_locked
from pim.versioning.drafts.end_draft import end_locked
from pim.versioning.drafts.model import APPLIED, APPROVED, CONFLICTED, PARTLY_ENDED, SCHEDULED
from pim.versioning.drafts.schedule import forget_times
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.model import Change, UsedElsewhere

Used = Callable[[Session, Settings], UsedElsewhere]
RunExports = Callable[[Session, Sequence[str], str], int]
"""The id of a job that runs these exports, for somebody."""

Turn = Callable[[Session, DraftRow, str, UsedElsewhere], Sequence[Change] | None]
"""What happens to a draft at its time: the changes that it makes. None: nothing came of it, and no export is run."""

ItsDraft = Callable[[int], ColumnElement[bool]]
"""Whether a draft still waits for the job of this id."""

_FAILED = {
    CONFLICTED: "draft `{0}` is in conflict with the catalogue; nothing was written, and no export run: "
    "see pim draft conflicts {0}",
    APPROVED: "no worker ran between the times at which draft `{0}` begins and ends, so it was not applied; "
    "schedule it anew",
    PARTLY_ENDED: "draft `{0}` has ended, but some of what it changed was changed since and stays: "
    "see pim draft show {0}",
}
"""State of a draft after its time → what a person has to know."""


def apply_draft_job(used: Used, run_exports: RunExports) -> JobKind:
    """What exports need, and running them, comes from rooms above."""
    return _timed(SCHEDULED, lambda job_id: col(DraftRow.job_id) == job_id, _apply, used, run_exports)


def end_draft_job(used: Used, run_exports: RunExports) -> JobKind:
    return _timed(APPLIED, lambda job_id: col(DraftRow.end_job_id) == job_id, _end, used, run_exports)


def _timed(state: str, its: ItsDraft, turn: Turn, used: Used, run_exports: RunExports) -> JobKind:
    """The job that does `turn` with a draft in `state`."""

    def perform(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
        with installation.database.session() as session:
            draft = _locked(session, arguments["draft"], its(progress.job_id))
            if draft is None:
                return {"done": False, "why": "the draft was taken back, deleted or scheduled anew"}
            if draft.state == state:
                changes = turn(session, draft, progress.author, used(session, installation.settings))
                _follow_up(session, draft, changes, progress.author, run_exports)
            revisions = {"revision": draft.revision, "ended_revision": draft.ended_revision}
            result = {"draft": draft.code, "state": draft.state, **revisions}
        if result["state"] in _FAILED:
            raise PartlyFailed(_FAILED[result["state"]].format(result["draft"]), result)
        return result

    return perform


def _locked(session: Session, draft_id: int, waits: ColumnElement[bool]) -> DraftRow | None:
    query = select(DraftRow).where(col(DraftRow.id) == draft_id, waits).with_for_update()
    found: DraftRow | None = session.execute(query).scalar_one_or_none()
    return found


def _apply(session: Session, draft: DraftRow, by: str, used: UsedElsewhere) -> Sequence[Change] | None:
    at = now()
    if draft.ends_at is not None and draft.ends_at <= at:
        forget_times(draft)
        draft.state = APPROVED
        store.add_event(session, draft, by, at, "missed", "no worker ran between its begin and its end")
        return None
    done = apply_locked(session, draft, by, at, used)
    return None if done.conflicts else done.changes


def _end(session: Session, draft: DraftRow, by: str, used: UsedElsewhere) -> Sequence[Change]:
    return end_locked(session, draft, by, now(), used)


def _follow_up(
    session: Session, draft: DraftRow, changes: Sequence[Change] | None, by: str, run_exports: RunExports
) -> None:
    if changes is None:
        return
    if any(change.kind in STRUCTURE_KINDS for change in changes):
        defer_catch_up(session, by=by)
    if draft.exports:
        run_exports(session, draft.exports, by)
