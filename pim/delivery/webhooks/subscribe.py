"""Who wants to be told: webhooks written down, changed, let go."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from pim.base.errors import InvalidInput, Violation, known, shown
from pim.delivery.circuit import PAUSED_BY_HAND
from pim.delivery.signature import new_secret
from pim.delivery.webhooks.store import get_webhook
from pim.delivery.webhooks.tables import WebhookRow
from pim.delivery.webhooks.tell import EVENTS


def subscribe(
    session: Session, document: Mapping[str, Any], exports: Collection[str], *, by: str, at: datetime
) -> WebhookRow:
    """`document` has `url` and may have `events`, `exports` and `enabled`. Raises InvalidInput with every problem."""
    _check({"url": None, **document}, exports)
    row = WebhookRow(url="", events=[], exports=[], secret=new_secret(), author=by, created_at=at)
    _take(row, document)
    session.add(row)
    session.flush()
    return row


def change(session: Session, webhook_id: int, document: Mapping[str, Any], exports: Collection[str]) -> WebhookRow:
    """What is left out stays. Raises NotFound, and InvalidInput with every problem."""
    row = get_webhook(session, webhook_id, lock=True)
    _check(document, exports)
    _take(row, document)
    session.add(row)
    return row


def renew_secret(session: Session, webhook_id: int) -> WebhookRow:
    """What is sent from now on is signed with it. Raises NotFound."""
    row = get_webhook(session, webhook_id, lock=True)
    row.secret = new_secret()
    session.add(row)
    return row


def _take(row: WebhookRow, document: Mapping[str, Any]) -> None:
    row.url = document.get("url", row.url)
    row.events = sorted(set(document.get("events", row.events)))
    row.exports = sorted(set(document.get("exports", row.exports)))
    if "enabled" in document:
        row.paused = None if document["enabled"] else row.paused or PAUSED_BY_HAND


def _check(document: Mapping[str, Any], exports: Collection[str]) -> None:
    problems = list(_problems(document, exports))
    if problems:
        raise InvalidInput(problems)


def _problems(document: Mapping[str, Any], exports: Collection[str]) -> Iterator[Violation]:
    names = {"events": EVENTS, "exports": exports}
    for key, value in document.items():
        if key == "url":
            if not _is_address(value):
                yield Violation(key, "url", f"`url` is {shown(value)}; write an address, https://…")
        elif key == "enabled":
            if not isinstance(value, bool):
                yield Violation(key, "wrong_type", f"`enabled` is {shown(value)}; write true or false")
        elif key not in names:
            yield Violation(key, "unknown_property", f"Property `{key}` does not exist; {_PROPERTIES}")
        elif not isinstance(value, list):
            yield Violation(key, "wrong_type", f"`{key}` is {shown(value)}; write a list, empty for all")
        else:
            for name in value:
                if name not in names[key]:
                    yield Violation(key, "unknown", f"`{key}` has {shown(name)}; {known(names[key], 60)}")


_PROPERTIES = known(["url", "events", "exports", "enabled"])


def _is_address(value: Any) -> bool:
    if not isinstance(value, str) or any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
