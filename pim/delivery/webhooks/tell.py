"""What webhooks are told, in the transaction in which it happened."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from pim.delivery.tables import DeliveryRow, PausedDestinationRow
from pim.delivery.webhooks.store import schedule
from pim.delivery.webhooks.tables import WebhookMessageRow, WebhookRow
from pim.syndication.events import HELD, PUBLISHED, RUN_FINISHED

DELIVERED, FAILED, PAUSED, TEST = "delivery.delivered", "delivery.failed", "destination.paused", "webhook.test"
EVENTS = (RUN_FINISHED, HELD, PUBLISHED, DELIVERED, FAILED, PAUSED)


def tell(session: Session, event: str, facts: dict[str, Any], at: datetime) -> None:
    """Every webhook that wants to hear of it and is not paused."""
    listening = select(WebhookRow).where(col(WebhookRow.paused).is_(None)).order_by(col(WebhookRow.id))
    for webhook in session.execute(listening).scalars().all():
        if _wants(webhook, event, facts):
            tell_one(session, webhook, event, facts, at)


def tell_one(
    session: Session, webhook: WebhookRow, event: str, facts: dict[str, Any], at: datetime
) -> WebhookMessageRow:
    """Whatever it wants to hear of."""
    body = {"type": event, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": facts}
    message = WebhookMessageRow(webhook_id=webhook.id or 0, event=event, body=body, state="", created_at=at)
    session.add(message)
    session.flush()
    schedule(session, message, at)
    return message


def tell_delivered(session: Session, row: DeliveryRow, at: datetime) -> None:
    tell(session, DELIVERED, _facts(row), at)


def tell_failed(session: Session, row: DeliveryRow, at: datetime) -> None:
    tell(session, FAILED, {**_facts(row), "error": row.error}, at)


def tell_paused(session: Session, row: PausedDestinationRow) -> None:
    facts = {"export": row.export, "destination": row.destination, "reason": row.reason}
    tell(session, PAUSED, facts, row.paused_at)


def _wants(webhook: WebhookRow, event: str, facts: dict[str, Any]) -> bool:
    about = {facts["export"]} if "export" in facts else set(facts["exports"])
    heard = not webhook.events or event in webhook.events
    return heard and (not webhook.exports or not about.isdisjoint(webhook.exports))


def _facts(row: DeliveryRow) -> dict[str, Any]:
    return {
        "delivery": row.id,
        "export": row.export,
        "destination": row.destination,
        "publication": row.number,
        "revision": row.revision,
        "files": len(row.files),
    }
