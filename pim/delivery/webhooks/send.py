"""Telling a webhook, until it has heard it. Signed after Standard Webhooks; any answer of 2xx means heard."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
import msgspec
from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.errors import DeliveryError, TemporaryFailure
from pim.base.installation import Installation
from pim.base.jobs import Progress
from pim.delivery.http_answers import checked_answer, http_errors, without_secrets
from pim.delivery.model import DELIVERED, FAILED, WAITING, seconds_to_wait
from pim.delivery.signature import signed_headers
from pim.delivery.webhooks import store
from pim.delivery.webhooks.tables import WebhookMessageRow, WebhookRow
from pim.delivery.webhooks.tell import TEST

ATTEMPTS = 12
"""Over some six hours."""

TIMEOUT = 20.0
"""Seconds, as the standard has it: between 15 and 30."""

GONE = " answers 410"

log = logging.getLogger("pim.delivery")


def send_webhook_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """One attempt. The next one is a job of its own, at its time."""
    return send_message(installation, arguments["message"])


def send_message(here: Installation, message_id: int, clock: Clock = now) -> dict[str, Any]:
    """Sent again when its process dies behind the answer: `webhook-id` tells receivers that it is the same."""
    with here.database.session() as session:
        message = session.get(WebhookMessageRow, message_id)
        if message is None or message.state != WAITING:
            return {"message": message_id, "state": message.state if message else "deleted"}
        webhook = store.get_webhook(session, message.webhook_id)
        if webhook.paused is not None and message.event != TEST:
            message.state, message.answer, message.ended_at = FAILED, "its webhook is paused", clock()
            session.add(message)
            return {"message": message_id, "state": FAILED}
    error: DeliveryError | None = None
    try:
        answer = _post(webhook, message, clock())
    except DeliveryError as refused:
        answer, error = str(refused), refused
    with here.database.session() as session:
        return _noted(session, message_id, answer, error, clock())


def _post(webhook: WebhookRow, message: WebhookMessageRow, at: datetime) -> str:
    body = msgspec.json.encode(message.body)
    signed = signed_headers(webhook.secret, f"msg_{message.created_at:%Y%m%d%H%M%S}_{message.id}", at, [body])
    headers = {"Content-Type": "application/json", "User-Agent": "pim-webhooks", **signed}
    where = without_secrets(webhook.url)
    with (
        http_errors(where),
        httpx.Client(timeout=TIMEOUT) as client,
        client.stream("POST", webhook.url, content=body, headers=headers) as answer,
    ):
        return checked_answer(where, answer, at)


def _noted(session: Session, message_id: int, answer: str, error: DeliveryError | None, at: datetime) -> dict[str, Any]:
    message = session.get(WebhookMessageRow, message_id, with_for_update=True)
    if message is None:  # its webhook was deleted meanwhile
        return {"message": message_id, "state": "deleted"}
    message.attempts, message.answer, message.next_at = message.attempts + 1, answer, None
    if error is None:
        message.state, message.ended_at = DELIVERED, at
    elif message.attempts >= ATTEMPTS or GONE in answer:
        message.state, message.ended_at = FAILED, at
        _pause(session, message)
    else:
        asked = error.retry_after if isinstance(error, TemporaryFailure) else None
        wait = seconds_to_wait(message.attempts, asked, Random(f"{message.id}:{message.attempts}"))
        store.schedule(session, message, at + timedelta(seconds=wait), later=True)
    session.add(message)
    return {"message": message_id, "event": message.event, "state": message.state, "answer": answer}


def _pause(session: Session, message: WebhookMessageRow) -> None:
    """It is told nothing more until somebody enables it again."""
    webhook = store.get_webhook(session, message.webhook_id, lock=True)
    if webhook.paused is None:
        webhook.paused = f"message {message.id} was not taken, after {message.attempts} attempts: {message.answer}"
        session.add(webhook)
        log.warning("webhook %s is paused: %s", webhook.id, webhook.paused)
