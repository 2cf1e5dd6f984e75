"""Deliveries, destinations and webhooks over HTTP: seen, tried again, paused, and told."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.settings import Settings
from pim.delivery.webhooks.send import send_message
from tests.api.clients import signed_in
from tests.delivery.makers import a_folder, attempt, delivering, publish, rows
from tests.delivery.receiver import Receiver, receiving


@pytest.fixture
def here(settings: Settings, database: Database, tmp_path: Path) -> Installation:
    """`shop` goes to a share that is not mounted, where nobody tries twice."""
    here = delivering(settings, database, a_folder(tmp_path / "share", attempts=1))
    publish(here)
    return here


@pytest.fixture
def client(here: Installation) -> Iterator[httpx.Client]:
    with signed_in(here.settings, here.database) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_delivery_is_shown_with_its_files_and_every_attempt(here: Installation, client: httpx.Client) -> None:
    (listed,) = client.get("/deliveries").json()["_embedded"]["items"]
    attempt(here, rows(here)[0])
    shown = client.get(f"/deliveries/{listed['id']}").json()
    assert (listed["state"], listed["file_count"], shown["state"]) == ("waiting", 5, "failed")
    assert [file["name"] for file in shown["files"]] == [
        "all.json",
        "en_GB.csv",
        "en_GB.jsonl",
        "fr_FR.csv",
        "fr_FR.jsonl",
    ]
    (tried,) = shown["attempts"]
    assert (tried["outcome"], tried["bytes"], shown["error"]) == ("failed", 0, tried["answer"])


def test_deliveries_are_chosen_by_export_destination_and_state(client: httpx.Client) -> None:
    def found(**parameters: str) -> int:
        return len(client.get("/deliveries", params=parameters).json()["_embedded"]["items"])

    assert found(export="shop,web", destination="mirror", state="waiting,sending") == 1
    assert (found(export="web"), found(destination="attic"), found(state="failed")) == (0, 0, 0)
    assert "State `lost` does not exist; known: delivered, failed" in client.get("/deliveries?state=lost").text


def test_a_failed_delivery_goes_on_when_its_destination_is_resumed(
    here: Installation, client: httpx.Client, tmp_path: Path
) -> None:
    failed = attempt(here, rows(here)[0])
    refused = client.post(f"/deliveries/{failed.id}/retry")
    assert (refused.status_code, "its destination is paused; resume it" in refused.text) == (409, True)
    (destination,) = client.get("/destinations").json()["_embedded"]["items"]
    assert "is not there; make it" in destination["paused"]["reason"]
    (tmp_path / "share").mkdir()
    assert client.post("/destinations/shop/mirror/resume").json()["paused"] is None
    assert attempt(here, failed).state == "delivered"
    again = client.post(f"/deliveries/{failed.id}/retry")
    assert (again.status_code, again.json()["state"], again.json()["arrived_count"]) == (202, "waiting", 0)


def test_a_destination_is_paused_by_hand_with_a_reason(client: httpx.Client) -> None:
    paused = client.post("/destinations/shop/mirror/pause", json={"comment": "They move"}).json()["paused"]
    assert paused["reason"] == "They move"
    assert client.post("/destinations/shop/attic/pause").status_code == 404
    assert client.post("/destinations/attic/mirror/resume").status_code == 404


def test_a_webhook_is_made_changed_told_and_deleted(
    here: Installation, client: httpx.Client, receiver: Receiver
) -> None:
    made = client.post("/webhooks", json={"url": receiver.url, "events": ["run.finished"]})
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    path = made.headers["Location"].partition("/api/rest/v1")[2]
    assert "secret" not in client.get(path).json()
    assert client.patch(path, json={**client.get(path).json(), "enabled": False}).json()["paused"] == "paused by hand"
    message = client.post(f"{path}/test").json()
    assert send_message(here, message["id"])["state"] == "delivered"
    (told,) = client.get(f"{path}/messages").json()["_embedded"]["items"]
    assert (told["event"], told["answer"]) == ("webhook.test", "201 Created: thank you")
    assert client.post(f"{path}/renew-secret").json()["secret"] != made.json()["secret"]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_readers_see_deliveries_and_touch_nothing(here: Installation) -> None:
    with signed_in(here.settings, here.database, "reader") as client:
        assert client.get("/deliveries").status_code == 200
        refused = (client.post("/deliveries/1/retry"), client.post("/destinations/shop/mirror/pause"))
        assert [answer.status_code for answer in (*refused, client.get("/webhooks"))] == [403, 403, 403]
