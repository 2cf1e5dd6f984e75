"""Webhooks are told what they asked for, signed, until they have heard it."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from pim.base.errors import InvalidInput
from pim.delivery.webhooks import store
from pim.delivery.webhooks.send import ATTEMPTS, send_message
from pim.delivery.webhooks.subscribe import change, subscribe
from tests.delivery.makers import a_folder, attempt, delivering, in_session, publish
from tests.delivery.receiver import Receiver, receiving
from tests.makers import NOW


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def told(here, **document):
    """A webhook that was written down."""
    return in_session(here, lambda session: subscribe(session, document, ["shop"], by="camille", at=NOW))


def messages(here, webhook):
    """Oldest first."""
    return list(reversed(in_session(here, lambda session: session.scalars(store.messages(webhook.id)).all())))


def sent(here, webhook, later=0.0):
    """Everything that waits, at a time so many seconds after NOW."""
    for message in messages(here, webhook):
        send_message(here, message.id, clock=lambda: NOW + timedelta(seconds=later))
    return messages(here, webhook)


def test_a_webhook_hears_of_the_run_its_publication_and_its_delivery(settings, database, there, receiver):
    here = delivering(settings, database, a_folder(there))
    webhook = told(here, url=receiver.url + "/hook")
    attempt(here, publish(here)[0])
    assert {message.state for message in sent(here, webhook)} == {"delivered"}
    bodies = [json.loads(came.body) for came in receiver.received]
    assert [body["type"] for body in bodies] == ["publication.published", "run.finished", "delivery.delivered"]
    assert bodies[0]["timestamp"] == "2026-03-01T12:00:00Z"
    assert (bodies[0]["data"]["export"], bodies[0]["data"]["publication"]) == ("shop", 1)
    assert (bodies[2]["data"]["destination"], bodies[2]["data"]["files"]) == ("mirror", 5)


def test_what_is_sent_is_signed_with_the_secret_of_the_webhook(settings, database, there, receiver):
    here = delivering(settings, database)
    webhook = told(here, url=receiver.url, events=["publication.published"])
    publish(here)
    sent(here, webhook)
    (came,) = receiver.received
    signed = f"{came.headers['webhook-id']}.{came.headers['webhook-timestamp']}.".encode() + came.body
    digest = hmac.digest(base64.b64decode(webhook.secret.removeprefix("whsec_")), signed, "sha256")
    assert came.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_it_hears_only_what_it_asked_for(settings, database, there):
    here = delivering(settings, database, a_folder(there / "unmounted", attempts=1))
    failures = told(here, url="http://hook.example", events=["delivery.failed", "destination.paused"])
    database_of_others = in_session(
        here, lambda s: subscribe(s, {"url": "http://x.example", "exports": ["web"]}, ["web"], by="c", at=NOW)
    )
    attempt(here, publish(here)[0])
    assert [message.event for message in messages(here, failures)] == ["delivery.failed", "destination.paused"]
    assert messages(here, database_of_others) == []


def test_a_500_is_told_again_later_with_the_same_id(settings, database, receiver):
    here = delivering(settings, database)
    webhook = told(here, url=receiver.url, events=["publication.held", "publication.published"])
    receiver.answers = [(500, {}), (429, {"Retry-After": "7200"})]
    publish(here)
    (once,), (twice,), (heard,) = (sent(here, webhook) for _ in range(3))
    assert 15 <= (once.next_at - NOW).total_seconds() <= 30
    assert (twice.next_at - NOW).total_seconds() == 7200
    assert (heard.state, heard.attempts, heard.answer) == ("delivered", 3, "201 Created: thank you")
    assert len({came.headers["webhook-id"] for came in receiver.received}) == 1


def test_who_is_gone_or_never_answers_is_told_nothing_more_until_enabled(settings, database, receiver):
    here = delivering(settings, database)
    gone, silent = (told(here, url=receiver.url, events=["publication.published"]) for _ in range(2))
    publish(here)
    receiver.answers = [(410, {})]
    assert sent(here, gone)[0].state == "failed"
    receiver.answers = [(404, {})] * ATTEMPTS
    for _ in range(ATTEMPTS):
        (message,) = sent(here, silent)
    assert (message.state, message.attempts) == ("failed", ATTEMPTS)
    publish(here, "C")
    assert [len(messages(here, one)) for one in (gone, silent)] == [1, 1]
    in_session(here, lambda session: change(session, gone.id, {"enabled": True}, ["shop"]))
    publish(here, "D")
    assert [len(messages(here, one)) for one in (gone, silent)] == [2, 1]


def test_what_waits_for_a_paused_webhook_is_not_sent(settings, database, receiver):
    here = delivering(settings, database)
    webhook = told(here, url=receiver.url, events=["publication.published"])
    publish(here)
    in_session(here, lambda session: change(session, webhook.id, {"enabled": False}, ["shop"]))
    (message,) = sent(here, webhook)
    assert (message.state, message.answer, receiver.received) == ("failed", "its webhook is paused", [])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "`url` is None; write an address"),
        ({"url": "ftp://x"}, "`url` is `ftp://x`; write an address"),
        ({"url": "http://x", "events": ["publication.lost"]}, "`events` has `publication.lost`; known: delivery.deliv"),
        ({"url": "http://x", "exports": ["attic"]}, "`exports` has `attic`; known: shop"),
        ({"url": "http://x", "exports": "shop"}, "`exports` is `shop`; write a list"),
        ({"url": "http://x", "enabled": "no"}, "`enabled` is `no`; write true or false"),
        ({"url": "http://x", "secret": "x"}, "Property `secret` does not exist; known: enabled, events"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_with_the_reason(settings, database, document, message):
    here = delivering(settings, database)
    with pytest.raises(InvalidInput) as caught:
        told(here, **document)
    assert message in str(caught.value)
