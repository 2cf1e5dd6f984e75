"""Webhooks and their messages in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlmodel import Session, col

from pim.base.errors import NotFound
from pim.base.jobs import OUTGOING, defer_job
from pim.delivery.model import WAITING
from pim.delivery.webhooks.tables import WebhookMessageRow, WebhookRow

SEND_WEBHOOK = "send_webhook"


def get_webhook(session: Session, webhook_id: int, *, lock: bool = False) -> WebhookRow:
    """Raises NotFound."""
    query = select(WebhookRow).where(col(WebhookRow.id) == webhook_id)
    found = session.execute(query.with_for_update() if lock else query)
    row: WebhookRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound(f"webhook {webhook_id} does not exist")
    return row


def webhooks(session: Session) -> Sequence[WebhookRow]:
    return session.execute(select(WebhookRow).order_by(col(WebhookRow.id))).scalars().all()


def messages(webhook_id: int) -> Select[WebhookMessageRow]:
    """Newest first, to be narrowed."""
    query = select(WebhookMessageRow).where(col(WebhookMessageRow.webhook_id) == webhook_id)
    return query.order_by(col(WebhookMessageRow.id).desc())


def schedule(session: Session, message: WebhookMessageRow, at: datetime, *, later: bool = False) -> None:
    """A job sends it: at once, or with `later` not before `at`."""
    message.state, message.next_at = WAITING, at
    session.add(message)
    arguments = {"message": message.id}
    defer_job(session, SEND_WEBHOOK, arguments, by="pim", queue=OUTGOING, at=at if later else None)


def sweep_messages(session: Session, older_than: datetime) -> None:
    session.execute(delete(WebhookMessageRow).where(col(WebhookMessageRow.ended_at) < older_than))
