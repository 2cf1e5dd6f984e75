"""Exports over HTTP: told, run, reported on, rolled back; and by whom."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from tests.api.clients import API, a_token
from tests.api.servers import serving
from tests.base.jobs.workers import ended, working
from tests.makers import Edit, an_attribute, commit, given
from tests.syndication.runs import a_hat, an_export, run, storage_of


class Shop:
    """A server with the export `shop`, whose publications 1 and 2 are there."""

    def __init__(self, settings: Settings, database: Database, base: str) -> None:
        self.settings, self.database, self.base = settings, database, base

    def signed_in(self, role: str = "administrator", **limits: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {a_token(self.database, role, **limits)}"}
        return httpx.Client(base_url=self.base + API, headers=headers, timeout=30)


@pytest.fixture
def shop(settings: Settings, database: Database) -> Iterator[Shop]:
    given(database)
    settings = an_export(settings)
    for price in ("1.00", "2.00"):
        commit(database, a_hat("A", price=price), a_hat("B", price=None))
        run(database, settings)
    with serving(settings, database, storage_of(settings), {}) as base:
        yield Shop(settings, database, base)


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["_embedded"]["items"]
    return found


def test_an_export_tells_its_definition_and_what_is_current(shop: Shop) -> None:
    client = shop.signed_in("reader")
    (export,) = items(client.get("/exports"))
    assert export == client.get(export["_links"]["self"]["href"]).json()
    assert (export["name"], export["channel"], export["held"], export["problems"]) == ("shop", ["web"], None, [])
    current = export["current"]
    assert (current["number"], current["items"], current["rejected"]) == (2, 1, 1)
    feed = next(file for file in current["files"] if file["name"] == "fr_FR.jsonl")
    pulled = client.get(feed["url"].replace(shop.settings.public_url, shop.base))
    assert len(pulled.content) == feed["bytes"]
    assert "known: shop" in client.get("/exports/ship").json()["message"]


def test_a_definition_that_is_wrong_says_so_and_hides_no_other(shop: Shop) -> None:
    an_export(shop.settings, "broken", schema="nowhere/1")
    broken, fine = items(shop.signed_in().get("/exports"))
    assert ("nowhere/1" in broken["problems"][0], broken["current"]) == (True, None)
    assert fine["current"]["number"] == 2


def test_a_publication_has_a_manifest(shop: Shop) -> None:
    client = shop.signed_in("reader")
    listed = items(client.get("/exports/shop/publications"))
    assert [(one["number"], one["state"]) for one in listed] == [(2, "current"), (1, "kept")]
    first = client.get(listed[1]["_links"]["self"]["href"]).json()
    assert first["manifest"]["publication"] == 1
    assert {file["name"] for file in first["files"]} <= {file["name"] for file in first["manifest"]["files"]}
    assert client.get("/exports/shop/publications/9").status_code == 404


@pytest.mark.parametrize("path", ["/exports/shop/publications", "/exports/shop/report"])
def test_both_ways_of_paging_meet_everything_once(shop: Shop, path: str) -> None:
    client = shop.signed_in()
    everything = items(client.get(path, params={"limit": 100}))
    for kind in ("page", "search_after"):
        answer = client.get(path, params={"limit": 1, "pagination_type": kind, "with_count": "true"})
        met = items(answer)
        while following := answer.json()["_links"].get("next"):
            answer = client.get(following["href"])
            met += items(answer)
        assert met == everything
        assert answer.json()["items_count"] == len(everything) == 2


def test_a_report_names_field_rule_and_attribute_and_can_be_narrowed(shop: Shop) -> None:
    client = shop.signed_in("reader")
    report = client.get("/exports/shop/report", params={"locale": "fr_FR"}).json()
    assert (report["publication"], report["items"], report["rejected_items"]) == (2, 1, 1)
    (row,) = report["_embedded"]["items"]
    assert (row["item"], row["field"], row["rule"], row["attribute"]) == ("B", "price", "required", "price")
    narrowed = [({"item": "A"}, 0), ({"attribute": "price"}, 2), ({"rule": "type"}, 0), ({"publication": 1}, 2)]
    for query, found in narrowed:
        assert len(items(client.get("/exports/shop/report", params=query))) == found, query


def test_a_report_tells_nobody_of_what_they_do_not_see(shop: Shop) -> None:
    commit(shop.database, Edit("attribute_group", "costs", {}), an_attribute("price", "price_collection",
           group="costs", useable_as_grid_filter=True))  # fmt: skip
    for view, seen in [
        ({"locales": ["fr_FR"]}, ["fr_FR"]),
        ({"attribute_groups": ["general"]}, []),
        ({"categories": ["home"]}, []),
        ({"categories": ["outdoor"], "attribute_groups": ["costs"]}, ["en_GB", "fr_FR"]),
    ]:
        rows = items(shop.signed_in("reader", view=view).get("/exports/shop/report"))
        assert [row["locale"] for row in rows] == seen, view


def test_a_preview_pages_counts_and_keeps_what_its_reader_may_not_see(shop: Shop) -> None:
    search = {"price": [{"operator": "NOT EMPTY"}]}
    an_export(shop.settings, assortment={"search": search})
    asked = {"limit": 1, "with_count": "true"}
    page = shop.signed_in("reader").get("/exports/shop/preview", params=asked).json()
    assert [one["by_rule"] for one in page["counts"]] == [{"search": 1}, {"search": 1}]
    assert (page["_embedded"]["items"][0]["item"], page["items_count"]) == ("A", 2)
    (left,) = items(shop.signed_in().get("/exports/shop/preview", params={"verdict": "left_out"}))
    assert (left["item"], left["reason"]) == ("B", "`price` NOT EMPTY does not hold")
    limited = shop.signed_in("reader", view={"categories": ["outdoor"], "attribute_groups": ["other"]})
    assert [row["reason"] for row in items(limited.get("/exports/shop/preview"))] == [None, None]
    assert items(shop.signed_in("reader", view={"categories": ["home"]}).get("/exports/shop/preview")) == []
    assert shop.signed_in().get("/exports/shop/preview", params={"rule": "colour"}).status_code == 422


def test_a_schedule_is_told_paused_and_resumed_by_publishers(shop: Shop) -> None:
    reader, publisher = shop.signed_in("reader"), shop.signed_in("publisher")
    assert "has no schedule" in reader.get("/exports/shop/schedule").json()["message"]
    an_export(shop.settings, schedule={"cron": "0 3 * * *", "after": ["import"]})
    told = reader.get("/exports/shop/schedule").json()
    assert (told["cron"], told["after"], told["paused"], told["last_run"]) == (["0 3 * * *"], ["import"], None, None)
    assert told["next_run"].endswith("T03:00:00Z")
    assert reader.post("/exports/shop/pause").status_code == 403
    paused = publisher.post("/exports/shop/pause", json={"comment": "the shop moves"}).json()
    assert (paused["next_run"], paused["paused"]["comment"]) == (None, "the shop moves")
    assert publisher.post("/exports/shop/pause").status_code == 409
    assert publisher.post("/exports/shop/pause", json={"comment": 3}).status_code == 422
    assert publisher.post("/exports/shop/resume").json()["paused"] is None
    assert items(reader.get("/exports"))[0]["schedule"]["cron"] == ["0 3 * * *"]


def test_a_report_is_taken_in_and_told_as_far_as_its_reader_sees(shop: Shop) -> None:
    reader, publisher = shop.signed_in("reader"), shop.signed_in("publisher")
    path, sheet = "/exports/shop/feedback", {"content-type": "text/csv"}
    report = b"Item ID,Issue title,Attribute\nA,Too dear,price\nZ,Unknown,name\n"
    assert reader.post(path, content=report, headers=sheet).status_code == 403
    assert publisher.post(path, content=report, headers=sheet).status_code == 422
    google = {"params": {"format": "google"}, "headers": sheet}
    assert [publisher.post(path, content=report, **google).status_code for _ in "12"] == [201, 200]
    (a, z) = items(reader.get(path))
    assert (a["item"], a["attribute"], a["state"], a["publication"]) == ("A", "price", "rejected", 2)
    assert (z["item"], z["their_item"]) == (None, "Z")
    assert items(reader.get("/feedback", params={"attribute": "price"})) == [a]
    assert items(shop.signed_in("reader", view={"categories": ["home"]}).get(path)) == []
    assert reader.get(path, params={"state": "broken"}).status_code == 422
    assert publisher.post(path, content=b"", headers={"content-type": "image/png"}).status_code == 415


@pytest.mark.parametrize("path", ["/exports/run", "/exports/shop/run"])
def test_a_run_is_a_job_of_a_publisher(shop: Shop, path: str) -> None:
    assert shop.signed_in("editor").post(path).status_code == 403
    commit(shop.database, a_hat("C"))
    answer = shop.signed_in("publisher").post(path)
    assert answer.status_code == 202
    with working(Installation(shop.settings, shop.database, open_storage(shop.settings)), JOBS):
        job = ended(shop.database, int(answer.json()["execution_id"]))
    (export,) = job.result["exports"]
    assert (job.state, export["state"], export["number"]) == ("done", "published", 3)
    assert answer.headers["Location"].endswith(f"/jobs/{job.id}")


def test_a_rollback_is_a_new_publication(shop: Shop) -> None:
    publisher = shop.signed_in("publisher")
    assert shop.signed_in("editor").post("/exports/shop/rollback").status_code == 403
    answer = publisher.post("/exports/shop/rollback")
    assert (answer.status_code, answer.json()["number"], answer.json()["rollback_of"]) == (201, 3, 1)
    assert publisher.get(answer.headers["Location"]).json()["state"] == "current"
    assert publisher.post("/exports/shop/rollback", json={"to": 2}).json()["rollback_of"] == 2
    for body, status in [({"to": 4}, 409), ({"to": 99}, 404), ({"to": "2"}, 422), ({"two": 2}, 422)]:
        assert publisher.post("/exports/shop/rollback", json=body).status_code == status, body
    assert publisher.post("/exports/ship/rollback").status_code == 404


def hold(shop: Shop) -> None:
    """The only hat of the shop is gone: publication 3 waits."""
    commit(shop.database, Edit("product", "A", None), a_hat("C"))
    run(shop.database, shop.settings)


def test_what_waits_shows_what_differs_and_a_publisher_decides(shop: Shop) -> None:
    hold(shop)
    publisher = shop.signed_in("publisher")
    answer = publisher.get("/exports/shop/diff", params={"file": "fr_FR.jsonl"})
    assert [(row["change"], row["item"]) for row in items(answer)] == [("removed", "A"), ("added", "C")]
    told = answer.json()
    assert (told["publication"], told["state"], told["against"]) == (3, "held", 2)
    assert "would lose 1 of 1 items" in told["reason"]
    assert shop.signed_in("editor").post("/exports/shop/approve").status_code == 403
    assert publisher.post("/exports/shop/approve", json={"publication": 2}).status_code == 409
    approved = publisher.post("/exports/shop/approve", json={"publication": 3, "comment": "hats are out"})
    assert (approved.status_code, approved.json()["state"]) == (200, "current")
    (decision,) = items(publisher.get("/exports/shop/decisions"))
    assert (decision["publication"], decision["verdict"], decision["comment"]) == (3, "approved", "hats are out")
    assert len(decision["author"]) == 32, "the name of the user of the token"


def test_what_waits_may_be_thrown_away(shop: Shop) -> None:
    hold(shop)
    publisher = shop.signed_in("publisher")
    assert publisher.post("/exports/shop/reject").json() == {"export": "shop", "rejected": 3}
    assert publisher.post("/exports/shop/reject").status_code == 404


def test_a_diff_tells_nobody_of_what_they_do_not_see(shop: Shop) -> None:
    everything = items(shop.signed_in("reader").get("/exports/shop/diff"))
    assert {(row["field"], row["before"], row["after"]) for row in everything} == {("price", "1.00", "2.00")}
    seen = items(shop.signed_in("reader", view={"attribute_groups": ["marketing"]}).get("/exports/shop/diff"))
    assert seen == []


def test_pages_of_a_diff_meet_every_row_once(shop: Shop) -> None:
    client = shop.signed_in("reader")
    everything = items(client.get("/exports/shop/diff"))
    met = [row for page in range(1, len(everything) + 1)
           for row in items(client.get("/exports/shop/diff", params={"limit": 1, "page": page}))]  # fmt: skip
    assert len(met) == 6
    assert met == everything


def test_an_item_is_explained_as_far_as_its_reader_sees(shop: Shop) -> None:
    told = shop.signed_in("reader").get("/exports/shop/items/A", params={"locale": "fr_FR", "field": "price"}).json()
    (locale,) = told["locales"]
    (origin,) = locale["fields"]["price"]["origins"]
    assert (origin["owner"], origin["value"], locale["verdict"]) == ("A", "2.00", "accepted")
    limited = shop.signed_in("reader", view={"attribute_groups": ["marketing"]}).get("/exports/shop/items/A")
    assert "price" not in limited.json()["locales"][0]["fields"]
    assert shop.signed_in("reader", view={"categories": ["home"]}).get("/exports/shop/items/A").status_code == 404
    assert "`Z`" in shop.signed_in("reader").get("/exports/shop/items/Z").json()["message"]


def test_the_audit_is_for_those_who_see_everything(shop: Shop) -> None:
    found = shop.signed_in("reader").get("/audit").json()
    assert (found["is_clean"], [one["export"] for one in found["exports"]]) == (True, ["shop"])
    assert shop.signed_in("reader", view={"locales": ["fr_FR"]}).get("/audit").status_code == 403
