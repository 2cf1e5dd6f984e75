"""The catalogue as it would be with a draft applied now: looked at, and gone. Where the two disagree the draft wins;
what breaks a rule is left out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from pim.catalog.structure import Structure
from pim.versioning import store as log
from pim.versioning.commit import commit_changeset
from pim.versioning.drafts import store
from pim.versioning.drafts.merge_draft import merge_draft
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.drafts.trial import taken_back
from pim.versioning.model import Committed, Origin
from pim.versioning.snapshot import Instead, Snapshot, current_entities, snapshot_with, undone_since


@contextmanager
def previewed(session: Session, draft: DraftRow, at: datetime) -> Iterator[Committed]:
    """Inside, `session` reads the draft's side of everything, structure and filters included; others wait to write."""
    with taken_back(session):
        merge = merge_draft(session, store.edits_of(session, draft), at, force=True)
        yield commit_changeset(session, merge.edits, Origin(draft.author, "draft"), at)


@dataclass(frozen=True, slots=True)
class DraftView:
    """The catalogue with a draft applied, as what is otherwise than at `revision`: for reading that takes longer than
    others can wait."""

    revision: int
    at: datetime
    structure: Structure
    instead: Instead


def draft_view(session: Session, draft: DraftRow, at: datetime) -> DraftView:
    with previewed(session, draft, at) as committed:
        revision = log.head_revision(session) if committed.revision is None else committed.revision - 1
        structure = log.current_structure(session)
        kinds = {change.entity_id: change.kind for change in committed.changes}
        there = {entity.id: entity for entity in current_entities(session, kinds, structure)}
    return DraftView(revision, at, structure, {one: (kind, there.get(one)) for one, kind in kinds.items()})


def open_draft_view(session: Session, view: DraftView) -> Snapshot:
    """`session` must be in a REPEATABLE READ transaction that began after the view was made."""
    newest = log.newest_revision(session, view.revision)
    since = undone_since(session, view.revision, newest, log.current_structure(session))
    return snapshot_with(session, view.revision, view.at, view.structure, since | view.instead)
