"""Which catalogue an export run shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pim.base.clock import Clock
from pim.base.database import Database
from pim.versioning.drafts.preview import draft_view, open_draft_view
from pim.versioning.drafts.store import get_draft
from pim.versioning.snapshot import Snapshot, open_snapshot


@dataclass(frozen=True, slots=True)
class Shown:
    """That of now, of a past revision, or of now with the draft of this name applied to it."""

    as_of: int | None = None
    draft: str | None = None

    @property
    def apart(self) -> bool:
        """Never current."""
        return self.as_of is not None or self.draft is not None


@contextmanager
def snapshot_of(database: Database, shown: Shown, clock: Clock) -> Iterator[Snapshot]:
    """A draft is applied and taken back in a moment, so that nobody waits for the rendering. Raises NotFound."""
    view = None
    if shown.draft is not None:
        with database.session() as session:
            view = draft_view(session, get_draft(session, shown.draft), clock())
    with database.snapshot_session() as session:
        yield open_draft_view(session, view) if view else open_snapshot(session, shown.as_of)
