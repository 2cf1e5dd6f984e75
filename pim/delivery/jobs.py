"""Following publications, delivering them and telling webhooks, as background work."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, exists, not_, or_, select
from sqlmodel import Session, col

from pim.base.clock import now
from pim.base.errors import Conflict
from pim.base.installation import Installation
from pim.base.jobs import Progress
from pim.base.jobs.model import ENDED
from pim.base.jobs.tables import JobRow
from pim.delivery import store
from pim.delivery.attempt import attempt_delivery, summary
from pim.delivery.follow import follow_events
from pim.delivery.model import UNFINISHED
from pim.delivery.tables import DeliveryRow, PausedDestinationRow

DELIVERIES_KEPT = timedelta(days=180)

BUSY = timedelta(seconds=15)
"""Until a destination is looked at again to which somebody delivers at a keyboard."""


def follow_publications_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    return {"followed": follow_events(installation)}


def deliver_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """One attempt. The next one is a job of its own, at its time."""
    try:
        return summary(attempt_delivery(installation, arguments["delivery"], told=progress))
    except Conflict as busy:
        with installation.database.session() as session:
            row = store.get_delivery(session, arguments["delivery"], lock=True)  # they may be done by now
            if row.state in UNFINISHED:
                store.give_job(session, row, now() + BUSY)
        return {**summary(row), "error": str(busy)}


def rescue_deliveries(session: Session) -> None:
    """What waits or is sent by a job that has ended without it, given up by its workers, gets a new one; so does what
    has none although its destination is not paused: it was resumed in the moment of planning."""
    row, paused = DeliveryRow, PausedDestinationRow
    ended = select(col(JobRow.id)).where(col(JobRow.state).in_(ENDED))
    is_paused = exists().where(col(paused.export) == col(row.export), col(paused.destination) == col(row.destination))
    forgotten = and_(col(row.job_id).is_(None), not_(is_paused))
    lost = (
        select(row)
        .where(col(row.state).in_(UNFINISHED), or_(col(row.job_id).in_(ended), forgotten))
        .with_for_update(skip_locked=True)
    )
    for found in session.execute(lost).scalars().all():
        store.give_job(session, found)
