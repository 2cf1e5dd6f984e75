"""Taking back what a changeset or an import did, as a new changeset. What others changed since is never overwritten."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from pim.base.errors import Conflict, NotFound, Violation
from pim.versioning import store
from pim.versioning.commit import commit_changeset, commit_or_raise
from pim.versioning.model import Committed, Edit, Origin, UsedElsewhere, used_nowhere
from pim.versioning.undoing import subject_of, undo

_SHOWN = 20

Allowed = Callable[[Session, Sequence[Edit]], None]
"""Raises NotPermitted when somebody may not make these edits; from a room that knows."""


def anything(session: Session, edits: Sequence[Edit]) -> None:
    """Who reverts at the keyboard of the server may."""


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
    return _revert(session, [revision], _reverting(origin, revision), at, used, allowed)


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
    return _revert(session, revisions, _reverting(origin, revisions[-1]), at, used, allowed)


def revert_the_rest(
    session: Session, revision: int, origin: Origin, at: datetime, used: UsedElsewhere = used_nowhere
) -> tuple[Committed, list[Violation]]:
    """Takes back of one revision what nobody has changed since; and what stays as it is, each with its reason: changed
    since, or not to be taken back by the rules of today."""
    store.get_changeset(session, revision)
    edits, stays = undo(session, [revision], leaving=True)
    committed = commit_changeset(session, edits, _reverting(origin, revision), at, used)
    for edit, outcome in zip(edits, committed.outcomes, strict=True):
        if outcome.refused:
            subject = subject_of(edit.kind, edit.owner, edit.code or str(edit.uuid))
            stays += (replace(violation, subject=subject) for violation in outcome.violations)
    return committed, stays


def _revert(
    session: Session, revisions: Sequence[int], origin: Origin, at: datetime, used: UsedElsewhere, allowed: Allowed
) -> Committed:
    edits, conflicts = undo(session, revisions, leaving=False)
    allowed(session, edits)
    if conflicts:
        more = f"; and {len(conflicts) - _SHOWN} more" if len(conflicts) > _SHOWN else ""
        shown = "; ".join(conflict.message for conflict in conflicts[:_SHOWN])
        raise Conflict(f"changed since, so nothing was reverted: {shown}{more}", conflicts)
    return commit_or_raise(session, edits, origin, at, used)


def _reverting(origin: Origin, revision: int) -> Origin:
    return replace(origin, source="revert", reverts=revision)
