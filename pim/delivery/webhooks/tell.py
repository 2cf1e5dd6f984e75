"""What webhooks are told, in the transaction in which it happened."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from pim.delivery.tables import DeliveryRow, PausedDestinationRow
from pim.syndication.events import HELD, PUBLISHED, RUN_FINISHED

DELIVERED, FAILED, PAUSED = "delivery.delivered", "delivery.failed", "destination.paused"
EVENTS = (RUN_FINISHED, HELD, PUBLISHED, DELIVERED, FAILED, PAUSED)


def tell(session: Session, event: str, facts: dict[str, Any], at: datetime) -> None:
    """Every webhook that asked for it."""


def tell_delivered(session: Session, row: DeliveryRow, at: datetime) -> None:
    tell(session, DELIVERED, _facts(row), at)


def tell_failed(session: Session, row: DeliveryRow, at: datetime) -> None:
    tell(session, FAILED, {**_facts(row), "error": row.error}, at)


def tell_paused(session: Session, row: PausedDestinationRow) -> None:
    facts = {"export": row.export, "destination": row.destination, "reason": row.reason}
    tell(session, PAUSED, facts, row.paused_at)


def _facts(row: DeliveryRow) -> dict[str, Any]:
    return {"delivery": row.id, "export": row.export, "destination": row.destination, "publication": row.number,
            "revision": row.revision, "files": [parcel["name"] for parcel in row.files]}  # fmt: skip
