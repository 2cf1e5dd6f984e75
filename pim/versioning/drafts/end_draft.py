"""A draft that ends: what nobody has changed since it was applied goes back, the rest stays for a person to look at."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from pim.versioning.drafts import store
from pim.versioning.drafts.model import ENDED, PARTLY_ENDED
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.model import Change, Origin, UsedElsewhere
from pim.versioning.revert import revert_the_rest


def end_locked(session: Session, draft: DraftRow, by: str, at: datetime, used: UsedElsewhere) -> Sequence[Change]:
    """As one changeset, in the name of the draft's author; what it changes. `draft` is applied, and locked."""
    changes: Sequence[Change] = ()
    if draft.revision is not None:
        origin = Origin(draft.author, "revert", f"draft `{draft.code}` ended")
        committed, stays = revert_the_rest(session, draft.revision, origin, at, used)
        draft.ended_revision, draft.stays = committed.revision, list(map(asdict, stays))
        changes = committed.changes
    draft.state = PARTLY_ENDED if draft.stays else ENDED
    told = f"{len(draft.stays)} things were not taken back; see what stays of the draft" if draft.stays else None
    store.add_event(session, draft, by, at, "ended", told)
    return changes
