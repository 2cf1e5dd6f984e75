"""A scheduled draft coming true, as background work.

The changeset, the draft's new state and the asking for its exports are one transaction: whoever is killed before its
end has done nothing, and whoever comes after it finds that all is done.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.clock import now
from pim.base.installation import Installation
from pim.base.jobs import PartlyFailed, Progress
from pim.base.jobs.model import JobKind
from pim.base.settings import Settings
from pim.catalog.model import STRUCTURE_KINDS
from pim.versioning.catch_up_job import defer_catch_up
from pim.versioning.drafts.apply_draft import apply_locked
from pim.versioning.drafts.model import CONFLICTED, SCHEDULED
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.model import UsedElsewhere

Used = Callable[[Session, Settings], UsedElsewhere]
RunExports = Callable[[Session, Sequence[str], str], int]
"""The id of a job that runs these exports, for somebody."""


def apply_draft_job(used: Used, run_exports: RunExports) -> JobKind:
    """What exports need, and running them, comes from rooms above."""

    def perform(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
        with installation.database.session() as session:
            draft = _its_draft(session, arguments["draft"], progress.job_id)
            if draft is None:
                return {"applied": False, "why": "the draft was taken back, deleted or scheduled anew"}
            if draft.state == SCHEDULED:
                _apply(session, draft, progress.author, used(session, installation.settings), run_exports)
            result = {"draft": draft.code, "state": draft.state, "revision": draft.revision}
        if result["state"] == CONFLICTED:
            raise PartlyFailed(
                f"draft `{result['draft']}` is in conflict with the catalogue; nothing was written, and no export run: "
                f"see pim draft conflicts {result['draft']}",
                result,
            )
        return result

    return perform


def _its_draft(session: Session, draft_id: int, job_id: int) -> DraftRow | None:
    """Locked; None when it is not this job's any more."""
    query = select(DraftRow).where(col(DraftRow.id) == draft_id, col(DraftRow.job_id) == job_id)
    found: DraftRow | None = session.execute(query.with_for_update()).scalar_one_or_none()
    return found


def _apply(session: Session, draft: DraftRow, by: str, used: UsedElsewhere, run_exports: RunExports) -> None:
    done = apply_locked(session, draft, by, now(), used)
    if done.conflicts:
        return
    if any(change.kind in STRUCTURE_KINDS for change in done.changes):
        defer_catch_up(session, by=by)
    if draft.exports:
        run_exports(session, draft.exports, by)
