"""Destinations that are paused: after a delivery has failed nothing goes there until a person resumes it.

A wrong password tried every hour locks accounts, and a changed host key may be an attack; so whatever is not known to
pass stops the whole destination, and says so to who listens (`destination.paused`).
"""

import logging
from datetime import datetime

from sqlmodel import Session

from pim.base.errors import NotFound, known
from pim.delivery import store
from pim.delivery.model import SENDING
from pim.delivery.tables import DeliveryRow, PausedDestinationRow
from pim.delivery.webhooks.tell import tell_paused
from pim.syndication.store import current_publication

PAUSED_BY_HAND = "paused by hand"

log = logging.getLogger("pim.delivery")


def pause(session: Session, export: str, destination: str, *, reason: str, by: str, at: datetime) -> None:
    """Changes nothing when it is paused already."""
    if store.paused(session, export, destination):
        return
    row = PausedDestinationRow(export=export, destination=destination, reason=reason, author=by, paused_at=at)
    session.add(row)
    tell_paused(session, row)
    log.warning("destination %s of export %s is paused: %s", destination, export, reason)


def resume(session: Session, export: str, destination: str, *, by: str, at: datetime) -> list[DeliveryRow]:
    """What has not arrived of the current publication goes out again, as if for the first time.

    Raises NotFound when it is not paused.
    """
    row = store.paused(session, export, destination)
    if row is None:
        names = known(f"{one.export}/{one.destination}" for one in store.all_paused(session))
        raise NotFound(f"destination `{destination}` of export `{export}` is not paused; {names}")
    session.delete(row)
    session.flush()
    current = current_publication(session, export)
    waiting = store.unfinished(session, export, destination, current.number) if current else ()
    return [again(session, one, by, at) for one in waiting if one.state != SENDING]


def again(session: Session, row: DeliveryRow, by: str, at: datetime) -> DeliveryRow:
    """It is due now, with all its attempts before it. What has arrived of it is not sent again."""
    store.withdraw(session, row)
    row.attempts, row.error, row.ended_at, row.author = 0, None, None, by
    store.schedule(session, row, at)
    return row
