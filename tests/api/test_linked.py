"""Reference entities with records, asset families with assets, and their files over HTTP."""

from typing import Any

import httpx
import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.clients import signed_in
from tests.makers import brands_and_packshots, commit

RECORDS = "/reference-entities/brand/records"
ASSETS = "/asset-families/packshot/assets"


@pytest.fixture
def linked(client: httpx.Client, database: Database) -> httpx.Client:
    assert not any(outcome.refused for outcome in commit(database, *brands_and_packshots()).outcomes)
    return client


def told(data: Any, locale: str | None = None) -> list[dict[str, Any]]:
    return [{"locale": locale, "channel": None, "data": data}]


def written(client: httpx.Client, path: str, **document: Any) -> int:
    answer = client.patch(path, json=document)
    assert answer.is_success, answer.text
    return answer.status_code


def test_a_record_is_read_as_it_was_written(linked):
    values = {"label": told("Fanal", "fr_FR"), "founded": told("1949")}
    assert written(linked, f"{RECORDS}/fanal", code="fanal", values=values) == 201
    read = linked.get(f"{RECORDS}/fanal").json()
    assert {name: read[name] for name in ("code", "values")} == {"code": "fanal", "values": values}
    assert written(linked, f"{RECORDS}/fanal", **read) == 204
    assert linked.get(f"{RECORDS}/fanal").json() == read


def test_records_come_as_an_array_and_are_answered_with_one(linked):
    documents = [
        {"code": "a"},
        {"values": {}},
        {"code": "b", "values": {"motto": told("x")}},
        {"code": "c", "extra": 1},
    ]
    answers = linked.patch(RECORDS, json=documents).json()
    assert [(answer.get("code"), answer["status_code"]) for answer in answers] == [
        ("a", 201), (None, 422), ("b", 422), ("c", 422),
    ]  # fmt: skip
    assert answers[2]["errors"][0]["message"].startswith("attribute `motto` does not exist; known: country, founded")
    assert linked.patch(RECORDS, json=[{"code": f"r{n}"} for n in range(101)]).status_code == 413
    assert linked.patch(RECORDS, json={"code": "a"}).status_code == 400


def test_a_history_tells_who_changed_what_and_goes_on_after_the_end(linked):
    path = f"{RECORDS}/fanal"
    assert written(linked, path, values={"label": told("Fanal", "fr_FR")}) == 201
    assert written(linked, path, values={"label": told("Lueur", "fr_FR"), "founded": told("1949")}) == 204
    assert linked.delete(path).status_code == 204
    entries = linked.get(f"{path}/history").json()["_embedded"]["items"]
    assert [(one["path"], one["attribute"]) for one in entries if one["path"] in "+-"] == [("-", None), ("+", None)]
    (label,) = linked.get(f"{path}/history", params={"attribute": "label"}).json()["_embedded"]["items"]
    assert (label["old"], label["new"], label["locale"]) == ("Fanal", "Lueur", "fr_FR")
    assert linked.get(f"{RECORDS}/nobody/history").status_code == 404
    assert linked.get(f"{ASSETS}/fanal/history").status_code == 404
    assert "known: " in linked.get(f"{path}/history", params={"attribute": "ean"}).json()["errors"][0]["message"]


def test_lists_have_cursors_and_are_searched(linked):
    linked.patch(RECORDS, json=[{"code": f"r{n}", "values": {"label": told("R", "fr_FR")}} for n in range(5)])
    page = linked.get(RECORDS, params={"limit": 2, "with_count": "true"}).json()
    assert (page["items_count"], [item["code"] for item in page["_embedded"]["items"]]) == (5, ["r0", "r1"])
    assert "current_page" not in page
    following = linked.get(page["_links"]["next"]["href"]).json()
    assert [item["code"] for item in following["_embedded"]["items"]] == ["r2", "r3"]
    some = linked.get(RECORDS, params={"search": '{"code":[{"operator":"IN","value":["r4","x"]}]}'}).json()
    assert [item["code"] for item in some["_embedded"]["items"]] == ["r4"]
    none = linked.get(RECORDS, params={"locales": "en_GB", "limit": 1}).json()
    assert none["_embedded"]["items"][0]["values"] == {}


def test_records_are_found_by_completeness(linked):
    written(linked, "/reference-entities/brand/attributes/story", is_required_for_completeness=True)
    stories = {"full": ("fr_FR", "en_GB"), "half": ("fr_FR",), "none": ()}
    for code, locales in stories.items():
        entries = [entry for locale in locales for entry in told("x", locale)]
        written(linked, f"{RECORDS}/{code}", values={"story": entries})
    found = []
    for complete, locales in (("true", '["fr_FR"]'), ("true", '["fr_FR", "en_GB"]'), ("false", '["en_GB"]')):
        search = f'{{"complete":{{"operator":"=","value":{complete},"channel":"web","locales":{locales}}}}}'
        page = linked.get(RECORDS, params={"search": search}).json()
        found.append([item["code"] for item in page["_embedded"]["items"]])
    assert found == [["full", "half"], ["full"], ["half", "none"]]


def test_attributes_are_listed_whole_or_as_a_counted_page(linked):
    path = "/reference-entities/brand/attributes"
    listed = linked.get(path).json()
    assert [item["code"] for item in listed] == ["country", "founded", "house", "image", "label", "story"]
    assert listed[1] == {
        "code": "founded", "labels": {}, "type": "number", "value_per_locale": False, "value_per_channel": False,
        "is_required_for_completeness": False, "decimals_allowed": None, "min_value": "1800", "max_value": None,
    }  # fmt: skip
    assert linked.get(path, params={"with_count": "true"}).json()["items_count"] == 6
    assert linked.get(f"{path}/country/options").json() == [{"code": "fr", "labels": {"en_GB": "France"}}]


def test_files_are_kept_first_and_named_afterwards(linked):
    answer = linked.post("/asset-media-files", files={"file": ("front.png", b"not a picture", "image/png")})
    code = answer.headers["Asset-media-file-code"]
    assert linked.get(answer.headers["Location"]).content == b"not a picture"
    written(linked, f"{ASSETS}/front", values={"media": told(code), "film": told("turn")})
    values = linked.get(f"{ASSETS}/front").json()["values"]
    assert values["media"][0]["_links"]["download"]["href"].endswith(f"/asset-media-files/{code}")
    assert values["film"][0]["_links"]["download"]["href"] == "https://films.example/turn.mp4"
    answer = linked.post("/reference-entities-media-files", files={"file": ("logo.png", b"logo", "image/png")})
    image = answer.headers["Reference-entities-media-file-code"]
    written(linked, "/reference-entities/brand", image=image)
    assert (
        linked.get(linked.get("/reference-entities/brand").json()["_links"]["image_download"]["href"]).content
        == b"logo"
    )
    refused = linked.patch("/reference-entities/brand", json={"image": "gone.png"})
    assert (refused.status_code, refused.json()["errors"][0]["property"]) == (422, "image")


def test_what_is_in_use_stays_and_the_rest_goes(linked):
    written(linked, f"{ASSETS}/front")
    linked.patch("/products/lamp", json={"values": {"packshots": [{"locale": None, "scope": None, "data": ["front"]}]}})
    refused = linked.delete(f"{ASSETS}/front")
    assert (refused.status_code, refused.json()["message"].endswith("product `lamp`")) == (409, True)
    assert linked.delete("/asset-families/packshot").status_code == 409
    assert linked.delete("/products/lamp").status_code == 204
    assert linked.delete(f"{ASSETS}/front").status_code == 204
    assert linked.get(f"{ASSETS}/front").status_code == 404


def test_a_record_changed_meanwhile_is_not_overwritten(linked):
    written(linked, f"{RECORDS}/fanal")
    etag = linked.get(f"{RECORDS}/fanal").headers["ETag"]
    written(linked, f"{RECORDS}/fanal", values={"founded": told("1949")})
    answer = linked.patch(f"{RECORDS}/fanal", json={"values": {}}, headers={"If-Match": etag})
    assert answer.status_code == 412


def test_products_are_found_by_their_records(linked):
    linked.patch(RECORDS, json=[{"code": "fanal"}, {"code": "lueur"}])
    for code, brand in (("lamp", "fanal"), ("torch", "lueur"), ("rope", None)):
        linked.patch(f"/products/{code}", json={"values": {"brand": [{"locale": None, "scope": None, "data": brand}]}})
    found = []
    for condition in ('"IN","value":["fanal"]', '"NOT IN","value":["fanal"]', '"EMPTY"'):
        page = linked.get("/products", params={"search": f'{{"brand":[{{"operator":{condition}}}]}}'}).json()
        found.append([item["identifier"] for item in page["_embedded"]["items"]])
    assert found == [["lamp"], ["torch"], ["rope"]]


def test_editors_write_records_and_administrators_their_structure(settings: Settings, database: Database, linked):
    with signed_in(settings, database, "editor") as editor:
        assert editor.patch(f"{RECORDS}/fanal", json={}).status_code == 201
        assert editor.patch("/reference-entities/brand", json={}).status_code == 403


def test_what_is_not_there_is_named(linked):
    for path, message in {
        "/reference-entities/hat/records": "Reference entity `hat` does not exist",
        f"{RECORDS}/hat": "Record `hat` does not exist in `brand`",
        "/asset-families/packshot/attributes/hat/options": "Asset family attribute `hat` does not exist in `packshot`",
    }.items():
        answer = linked.get(path)
        assert (answer.status_code, answer.json()["message"]) == (404, message)
