"""Drafts over HTTP: written, previewed, reviewed by those who may, and merged or refused with every conflict."""

from dataclasses import asdict, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from pim.base.database import Database
from pim.base.errors import Violation
from pim.base.settings import Settings
from pim.versioning.drafts.tables import DraftRow
from tests.api.clients import signed_in
from tests.api.test_permissions import As, signed_in_as
from tests.makers import a_product, a_record, brands_and_packshots, commit, values

__all__ = ["signed_in_as"]

LOUDNESS = {
    "standard_unit_code": "DECIBEL",
    "units": {"DECIBEL": {"code": "DECIBEL", "convert_from_standard": [{"operator": "mul", "value": "1"}]}},
}


def edit(pages: int, code: str = "hat") -> dict[str, Any]:
    return {"kind": "product", "code": code, "patch": {"values": values(pages=pages)}}


@pytest.fixture
def shop(client: httpx.Client, database: Database) -> httpx.Client:
    """A hat, and a draft `spring` that gives it two pages."""
    commit(database, a_product("hat", values=values(pages=1)))
    assert client.post("/drafts", json={"code": "spring"}).status_code == 201
    assert client.post("/drafts/spring/edits", json={"edits": [edit(2), edit(1, "new")]}).status_code == 200
    return client


@pytest.fixture
def approved(shop: httpx.Client) -> httpx.Client:
    shop.post("/drafts/spring/submit")
    assert shop.post("/drafts/spring/approve", json={"comment": "good"}).json()["state"] == "approved"
    return shop


def pages(client: httpx.Client, **parameters: str) -> Any:
    return client.get("/products/hat", params=parameters).json()["values"]["pages"][0]["data"]


def test_a_draft_is_previewed_and_leaves_no_trace(shop: httpx.Client) -> None:
    before = shop.get("/products/hat").headers["ETag"]
    assert (pages(shop), pages(shop, draft="spring")) == (1, 2)
    assert shop.get("/products/new").status_code == 404
    found = shop.get("/products", params={"draft": "spring"}).json()["_embedded"]["items"]
    assert [one["identifier"] for one in found] == ["hat", "new"]
    assert shop.get("/products/hat").headers["ETag"] == before
    assert shop.get("/changesets", params={"with_count": "true"}).json()["items_count"] == 2


def test_the_structure_and_what_products_link_to_are_previewed(shop: httpx.Client, database: Database) -> None:
    commit(database, *brands_and_packshots(), a_record("brand", "fanal"))
    edits = [
        {"kind": "attribute_option", "owner": "color", "code": "sand", "patch": {"labels": {"en_GB": "Sand"}}},
        {"kind": "record", "owner": "brand", "code": "lueur", "patch": {}},
        {"kind": "record", "owner": "brand", "code": "fanal", "delete": True},
        {"kind": "measurement_family", "code": "Loudness", "patch": LOUDNESS},
    ]
    assert shop.post("/drafts/spring/edits", json={"edits": edits}).status_code == 200
    option, records = "/attributes/color/options/sand", "/reference-entities/brand/records"
    for draft, sand, codes in (({}, 404, ["fanal"]), ({"draft": "spring"}, 200, ["lueur"])):
        assert shop.get(option, params=draft).status_code == sand
        assert [one["code"] for one in shop.get(records, params=draft).json()["_embedded"]["items"]] == codes
        assert shop.get(f"{records}/lueur", params=draft).status_code == sand
        families = shop.get("/measurement-families", params=draft).json()
        assert ("Loudness" in {one["code"] for one in families}) == bool(draft)
    assert "sand" in shop.get("/attributes/color/options", params={"draft": "spring"}).text
    assert shop.get(option, params={"draft": "spring", "as_of": "1"}).status_code == 422


def test_a_preview_of_nothing_or_of_another_time_is_refused(shop: httpx.Client) -> None:
    assert shop.get("/products/hat", params={"draft": "summer"}).status_code == 404
    assert shop.get("/products/hat", params={"draft": "spring", "as_of": "1"}).status_code == 422


def test_what_a_preview_shows_cannot_be_matched_by_a_write(shop: httpx.Client) -> None:
    etag = shop.get("/products/hat", params={"draft": "spring"}).headers["ETag"]
    refused = shop.patch("/products/hat", json={"enabled": False}, headers={"If-Match": etag})
    assert refused.status_code == 412


def test_an_approved_draft_is_applied_as_one_changeset(approved: httpx.Client) -> None:
    applied = approved.post("/drafts/spring/apply").json()
    assert (applied["state"], pages(approved)) == ("applied", 2)
    changeset = approved.get(f"/changesets/{applied['revision']}").json()
    assert (changeset["source"], changeset["entities"]) == ("draft", 2)
    told = approved.get("/drafts/spring").json()
    assert [one["what"] for one in told["events"]] == ["created", "edited", "submitted", "approved", "applied"]


def test_conflicts_are_told_and_settled(approved: httpx.Client, database: Database) -> None:
    commit(database, a_product("hat", values=values(pages=3)))
    refused = approved.post("/drafts/spring/apply")
    assert (refused.status_code, refused.json()["errors"][0]["attribute"]) == (409, "pages")
    (conflict,) = approved.get("/drafts/spring/conflicts").json()["conflicts"]
    assert (conflict["base"], conflict["ours"], conflict["theirs"]) == (1, 2, 3)
    settled = approved.post("/drafts/spring/resolve", json={"take": "draft", "edits": [conflict["edit"]]})
    assert settled.json()["state"] == "in_review"
    assert approved.get("/products/new").status_code == 404


def test_an_approved_draft_is_scheduled_and_an_edit_takes_that_back(approved: httpx.Client) -> None:
    body = {"at": "2099-12-01T00:00", "until": "2099-12-27", "zone": "Europe/Paris", "exports": ["website"]}
    told = approved.post("/drafts/spring/schedule", json=body).json()
    assert (told["state"], told["starts_at"], told["ends_at"], told["exports"]) == (
        "scheduled", "2099-11-30T23:00:00+00:00", "2099-12-26T23:00:00+00:00", ["website"],
    )  # fmt: skip
    assert approved.get(f"/jobs/{told['job_id']}").json()["state"] == "queued"
    changed = approved.post("/drafts/spring/edits", json={"edits": [edit(5)]}).json()
    assert (changed["state"], changed["starts_at"], changed["exports"]) == ("draft", None, [])
    assert approved.get(f"/jobs/{told['job_id']}").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [
        {"at": "soon"},
        {"at": "2001-01-01"},
        {"at": "2099-01-01", "exports": ["no"]},
        {"at": "2099-01-01", "zone": "x"},
        {},
        {"until": "2099-01-01"},
        {"at": "2099-01-01", "until": "2098-01-01"},
        {"at": "2099-01-01", "until": 7},
    ],
)
def test_a_schedule_that_cannot_be_is_refused(approved: httpx.Client, body: dict[str, Any]) -> None:
    assert approved.post("/drafts/spring/schedule", json=body).status_code == 422
    assert approved.get("/drafts/spring").json()["state"] == "approved"


def test_an_applied_draft_is_given_an_end(approved: httpx.Client) -> None:
    approved.post("/drafts/spring/apply")
    told = approved.post("/drafts/spring/schedule", json={"until": "2099-12-27T00:00Z"}).json()
    assert (told["state"], told["ends_at"], told["stays"]) == ("applied", "2099-12-27T00:00:00+00:00", [])
    assert approved.get(f"/jobs/{told['end_job_id']}").json()["kind"] == "end_draft"
    assert approved.post("/drafts/spring/unschedule").json()["ends_at"] is None


@pytest.mark.parametrize(("view", "told"), [({}, "`pages` is `3` now"), ({"locales": ["fr_FR"]}, "see the history")])
def test_what_stays_of_a_draft_tells_no_values_to_who_sees_a_part(
    signed_in_as: As, database: Database, view: dict[str, list[str]], told: str
) -> None:
    editor = signed_in_as("editor", view=view)
    editor.post("/drafts", json={"code": "autumn"})
    stays = asdict(Violation("values", "changed_since", "`pages` is `3` now", "pages", subject="product/hat"))
    with database.session() as session:
        session.execute(update(DraftRow).values(stays=[stays]))
    (one,) = editor.get("/drafts/autumn").json()["stays"]
    assert told in one["message"]


def test_edits_are_taken_out_and_drafts_deleted(shop: httpx.Client) -> None:
    first, second = shop.get("/drafts/spring").json()["edits"]
    assert shop.delete(f"/drafts/spring/edits/{first['edit']}").status_code == 200
    assert [one["edit"] for one in shop.get("/drafts/spring").json()["edits"]] == [second["edit"]]
    assert shop.delete("/drafts/spring").status_code == 204
    assert shop.get("/drafts", params={"state": "draft"}).json()["_embedded"]["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"edits": []}, 422, "one at least"),
        ({"edits": [{"kind": "produkt", "code": "hat", "patch": {}}]}, 422, "`kind` is `produkt`"),
        ({"edits": [{"kind": "product", "code": "pen", "delete": True}]}, 404, "pen"),
        ({"edits": [edit(0)]}, 422, "pages"),
        ({"edit": []}, 422, "does not exist"),
    ],
)
def test_wrong_edits_are_refused(shop: httpx.Client, body: dict[str, Any], status: int, told: str) -> None:
    answer = shop.post("/drafts/spring/edits", json=body)
    assert (answer.status_code, told in answer.text) == (status, True)


def test_editors_write_drafts_and_only_publishers_approve_them(
    shop: httpx.Client, settings: Settings, database: Database
) -> None:
    with signed_in(settings, database, role="editor") as editor:
        assert editor.post("/drafts/spring/edits", json={"edits": [edit(4)]}).status_code == 200
        structure = {"kind": "family", "code": "hats", "patch": {}}
        assert editor.post("/drafts/spring/edits", json={"edits": [structure]}).status_code == 403
        assert editor.post("/drafts/spring/submit").status_code == 200
        assert "publisher" in editor.post("/drafts/spring/approve").text
        assert editor.delete("/drafts/spring").status_code == 403


def test_those_who_wrote_do_not_approve_where_the_setting_says_so(
    shop: httpx.Client, settings: Settings, database: Database
) -> None:
    with signed_in(replace(settings, review_by_others=True), database, role="publisher") as publisher:
        publisher.post("/drafts/spring/edits", json={"edits": [edit(4)]})
        publisher.post("/drafts/spring/submit")
        assert publisher.post("/drafts/spring/approve").status_code == 403
        with signed_in(replace(settings, review_by_others=True), database, role="publisher") as other:
            assert other.post("/drafts/spring/approve").status_code == 200
