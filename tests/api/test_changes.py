"""The feed of changes over HTTP: pages, answers that wait, events, and what limits leave of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.versioning.model import Edit
from tests.api.clients import API, a_token
from tests.api.servers import serving
from tests.api.test_permissions import As, signed_in_as
from tests.makers import a_product, a_product_model, commit, values

__all__ = ["signed_in_as"]


def told(items: list[dict[str, Any]]) -> list[str]:
    return [f"{item['op']} {item['kind']} {item['code']}" for item in items]


def followed(client: httpx.Client, after: Any, limit: int = 100) -> list[str]:
    page = client.get("/changes", params={"after": after, "limit": limit}).json()
    met = told(page["_embedded"]["items"])
    while page["more"]:
        page = client.get(page["_links"]["next"]["href"]).json()
        met += told(page["_embedded"]["items"])
    return met


def head(client: httpx.Client) -> int:
    return int(client.get("/changes", params={"limit": 1}).json()["head"])


def test_pages_lead_to_everything_that_changed_and_end(client: httpx.Client, database: Database) -> None:
    start = head(client)
    commit(database, a_product("MUG"), a_product("HAT"), Edit("category", "sale", {"parent": "master"}))
    commit(database, Edit("product", "HAT", None))
    met = ["upsert category sale", "upsert product MUG", "upsert product HAT", "delete product HAT"]
    assert followed(client, start) == followed(client, start, limit=1) == met
    page = client.get("/changes", params={"after": start}).json()
    assert (page["after"], page["head"], page["more"]) == (str(start + 2), start + 2, False)
    sale, mug, *_ = page["_embedded"]["items"]
    assert client.get(sale["_links"]["self"]["href"]).json()["code"] == "sale"
    assert client.get(mug["_links"]["self"]["href"]).json()["uuid"] == mug["uuid"]


def test_every_kind_of_structure_has_an_address(client: httpx.Client) -> None:
    items = client.get("/changes", params={"limit": 1000}).json()["_embedded"]["items"]
    assert {item["kind"] for item in items} > {"attribute_option", "family_variant", "measurement_family"}
    for item in items:
        assert client.get(item["_links"]["self"]["href"]).status_code == 200, item


def test_an_answer_waits_for_the_next_change(client: httpx.Client, database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.get, "/changes", params={"after": head(client), "wait": 25})
        commit(database, a_product("MUG"))
        assert told(asked.result().json()["_embedded"]["items"]) == ["upsert product MUG"]


def test_an_answer_that_waited_for_nothing_says_so(client: httpx.Client) -> None:
    page = client.get("/changes", params={"after": head(client), "wait": 1}).json()
    assert (page["_embedded"]["items"], page["after"]) == ([], str(page["head"]))


WRONG = [
    ({"after": "yesterday"}, 422, "`yesterday` is no place in the changes"),
    ({"after": "5000000"}, 410, "read everything again"),
    ({"limit": "1001"}, 422, "more than 1000 items"),
    ({"wait": "61"}, 422, "60 is the most"),
    ({"wait": "long"}, 422, "write 0 or more"),
]


@pytest.mark.parametrize("path", ["/changes", "/changes/events"])
def test_a_place_that_cannot_be_is_told_before_anybody_waits(client: httpx.Client, path: str) -> None:
    for query, status, message in WRONG[: 2 if path.endswith("events") else None]:
        answer = client.get(path, params=query)
        assert (answer.status_code, message in answer.text) == (status, True), answer.text


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """As a browser reads them, but for one who waits in vain."""
    event: dict[str, str] = {}
    for line in lines:
        assert not line.startswith(":"), "nobody was told of a change"
        name, _, text = line.partition(": ")
        if name:
            event[name] = text
        elif "data" in event:
            yield event
            event = {}


def test_a_stream_tells_each_change_and_goes_on_where_it_was(client: httpx.Client, database: Database) -> None:
    with client.stream("GET", "/changes/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        commit(database, a_product("MUG"), a_product("HAT"))
        told = events(lines)
        first, _ = next(told), next(told)
        assert (first["event"], '"code":"MUG"' in first["data"]) == ("upsert", True)
        for enabled in (False, True, False):
            commit(database, a_product("MUG", enabled=enabled))
            assert '"code":"MUG"' in next(told)["data"]
    commit(database, Edit("product", "MUG", None))
    with client.stream("GET", "/changes/events", headers={"Last-Event-ID": first["id"]}) as stream:
        rest = events(stream.iter_lines())
        assert [next(rest)["event"] for _ in range(5)] == [*4 * ["upsert"], "delete"]


def test_a_server_that_ends_ends_its_streams(settings: Settings, database: Database) -> None:
    with ExitStack() as server, httpx.Client(timeout=30) as client:
        base = server.enter_context(serving(settings, database, open_storage(settings), {}))
        headers = {"Authorization": f"Bearer {a_token(database)}"}
        with client.stream("GET", f"{base}{API}/changes/events", headers=headers) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            server.close()
            assert not any(line.startswith("data") for line in lines)


def test_what_leaves_a_users_categories_is_gone_for_them(signed_in_as: As, database: Database) -> None:
    tents = signed_in_as("reader", view={"categories": ["outdoor"]})
    start = head(tents)
    commit(database, a_product("TENT", categories=["outdoor"]), a_product("LAMP", categories=["home"]))
    commit(database, a_product("LAMP", enabled=False))
    assert followed(tents, start) == ["upsert product TENT"]
    commit(database, a_product("TENT", categories=["home"]))
    assert followed(tents, start) == ["delete product TENT"]
    commit(database, Edit("product", "TENT", None), Edit("product", "LAMP", None))
    assert followed(tents, start) == ["delete product TENT"]


def test_a_deleted_variant_was_seen_through_the_categories_of_its_model(signed_in_as: As, database: Database) -> None:
    tents, lamps = (signed_in_as("reader", view={"categories": [code]}) for code in ("outdoor", "home"))
    start = head(tents)
    commit(database, a_product_model("M", family="shoes", family_variant="shoes_color", categories=["outdoor"]))
    commit(database, a_product("V", parent="M", values=values(color="red")))
    commit(database, Edit("product_model", "M", None))
    gone = ["delete product M", "delete product V"]
    assert sorted(one.replace("_model", "") for one in followed(tents, start) if one.startswith("delete")) == gone
    assert followed(lamps, start) == []


def test_a_change_of_a_hidden_value_is_none(signed_in_as: As, database: Database) -> None:
    french = signed_in_as("reader", view={"locales": ["fr_FR"]})
    commit(database, a_product("TENT"))
    start = head(french)
    commit(database, a_product("TENT", values=values(name={"en_GB": "Tent"})))
    assert followed(french, start) == []
    assert followed(signed_in_as("reader"), start) == ["upsert product TENT"]
