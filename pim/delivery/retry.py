"""A person wants a delivery tried again."""

from datetime import datetime

from sqlmodel import Session

from pim.base.errors import Conflict
from pim.delivery import store
from pim.delivery.circuit import again
from pim.delivery.model import DELIVERED, SENDING
from pim.delivery.tables import DeliveryRow
from pim.syndication.store import current_publication


def retry_delivery(session: Session, delivery_id: int, *, by: str, at: datetime) -> DeliveryRow:
    """It is due now; the names stay. What was delivered is sent once more, whole.

    Raises NotFound; Conflict while it is sent, while its destination is paused, and for what is not current any more:
    an older feed never goes out over a newer one.
    """
    row = store.get_delivery(session, delivery_id, lock=True)
    what = f"delivery {row.id} of export `{row.export}` to `{row.destination}`"
    if row.state == SENDING:
        raise Conflict(f"{what} is under way")
    current = current_publication(session, row.export)
    if current is None or current.number != row.number:
        newer = f"publication {current.number} is" if current else "none is"
        raise Conflict(f"{what} is of publication {row.number}, but {newer} current; roll back to send an older one")
    if store.paused(session, row.export, row.destination):
        raise Conflict(f"{what} waits: its destination is paused; resume it, which tries this again")
    if row.state == DELIVERED:
        row.sent, row.round = 0, row.round + 1
    return again(session, row, by, at)
