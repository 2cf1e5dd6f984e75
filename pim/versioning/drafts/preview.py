"""The catalogue as it would be with a draft applied now: looked at, and gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session

from pim.versioning.commit import commit_changeset
from pim.versioning.drafts import store
from pim.versioning.drafts.merge_draft import merge_draft
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.drafts.trial import taken_back
from pim.versioning.model import Origin


@contextmanager
def previewed(session: Session, draft: DraftRow, at: datetime) -> Iterator[None]:
    """Inside, `session` reads the draft's side of everything, structure and filters included; nobody writes meanwhile.
    Where the draft and the catalogue disagree the draft wins; what breaks a rule is left out."""
    with taken_back(session):
        merge = merge_draft(session, store.edits_of(session, draft), at, force=True)
        commit_changeset(session, merge.edits, Origin(draft.author, "draft"), at)
        yield
