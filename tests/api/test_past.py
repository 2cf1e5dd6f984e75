"""Reading the catalogue as it was, over HTTP."""

from typing import Any

import httpx
import pytest

from pim.base.database import Database
from pim.versioning.model import Edit
from tests.api.test_changesets import listed, wrote
from tests.api.test_permissions import As, signed_in_as
from tests.makers import NOW, a_family, a_product, a_product_model, a_record, brands_and_packshots, value, values

__all__ = ["signed_in_as"]

RED = "shoe-red"


@pytest.fixture
def before(client: httpx.Client, database: Database) -> int:
    """The revision of a shoe in red and of hats; since then they were renamed, edited, deleted, made and moved."""
    wrote(database, *brands_and_packshots(), a_record("brand", "fanal", values={"label": value("Fanal", "fr_FR")}))
    wrote(
        database,
        a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(name={"fr_FR": "Soulier"})),
        a_product(RED, parent="shoe", values=values(color="red")),
    )
    hats = [a_product(f"hat-{n}", categories=["outdoor"], values=values(ean=f"{n}")) for n in range(5)]
    then = wrote(database, *hats, a_product("pair", associations={"pair": {"products": ["hat-0"]}}))
    wrote(database, a_product_model("shoe", values=values(name={"fr_FR": "Chaussure"})))
    wrote(database, Edit("product", "hat-0", {"identifier": "cap", "categories": ["home"]}), a_product("new"))
    wrote(database, Edit("product", "hat-1", None), Edit("family", "books", {"labels": {"fr_FR": "Livres"}}))
    wrote(database, a_record("brand", "fanal", values={"label": value("Autre", "fr_FR")}), a_product("hat-1"))
    return then


def read(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_variant_is_read_as_it_and_its_models_were(client: httpx.Client, before: int) -> None:
    assert read(client, f"/products/{RED}")["values"]["name"] == value("Chaussure", "fr_FR")
    assert read(client, f"/products/{RED}", as_of=before)["values"]["name"] == value("Soulier", "fr_FR")


def test_names_are_those_of_then(client: httpx.Client, before: int) -> None:
    assert read(client, "/products/hat-0", as_of=before)["categories"] == ["outdoor"]
    assert client.get("/products/cap", params={"as_of": before}).status_code == 404
    assert read(client, "/products/pair")["associations"]["pair"]["products"] == ["cap"]
    assert read(client, "/products/pair", as_of=before)["associations"]["pair"]["products"] == ["hat-0"]
    uuid = read(client, "/products/cap")["uuid"]
    assert read(client, f"/products-uuid/{uuid}", as_of=before)["values"]["sku"] == value("hat-0")


def test_lists_hold_what_was_there_then_in_the_same_order_by_page_and_by_cursor(
    client: httpx.Client, before: int
) -> None:
    then = [RED, *(f"hat-{n}" for n in range(5)), "pair"]
    query = {"as_of": before, "with_count": "true", "limit": 3}
    pages = [read(client, "/products", **query, page=page) for page in (1, 2, 3)]
    assert [item["identifier"] for page in pages for item in page["_embedded"]["items"]] == then
    assert {page["items_count"] for page in pages} == {len(then)}
    page = read(client, "/products", as_of=before, limit=3, pagination_type="search_after")
    found = list(page["_embedded"]["items"])
    while "next" in page["_links"]:
        page = client.get(page["_links"]["next"]["href"]).json()
        found += page["_embedded"]["items"]
    assert [item["identifier"] for item in found] == then


def test_search_by_name_finds_what_had_it_then(client: httpx.Client, before: int) -> None:
    search = '{"identifier": [{"operator": "IN", "value": ["hat-0", "hat-1", "cap", "new"]}]}'
    assert [one["identifier"] for one in listed(client, "/products", as_of=before, search=search)] == ["hat-0", "hat-1"]
    wrong = client.get(
        "/products", params={"as_of": before, "search": '{"enabled": [{"operator": "=", "value": true}]}'}
    )
    assert wrong.status_code == 422
    assert "cannot be asked as of a revision" in wrong.text


def test_structure_and_records_are_read_as_they_were(client: httpx.Client, before: int) -> None:
    assert read(client, "/families/books")["labels"]["fr_FR"] == "Livres"
    assert "fr_FR" not in read(client, "/families/books", as_of=before)["labels"]
    families = listed(client, "/families", as_of=before)
    assert next(one for one in families if one["code"] == "books")["labels"] == {}
    path = "/reference-entities/brand/records"
    assert read(client, f"{path}/fanal", as_of=before)["values"]["label"][0]["data"] == "Fanal"
    (fanal,) = [one for one in listed(client, path, as_of=before) if one["code"] == "fanal"]
    assert fanal["values"]["label"][0]["data"] == "Fanal"
    assert listed(client, "/families", as_of=0) == []


def test_values_of_a_deleted_attribute_are_read_from_the_time_before(client: httpx.Client, database: Database) -> None:
    then = wrote(database, a_product("hat", values=values(ean="123")))
    since = wrote(database, Edit("attribute", "ean", None), a_family("shoes", ["name", "color", "size"]))
    assert "ean" not in read(client, "/products/hat")["values"]
    assert read(client, "/products/hat", as_of=then)["values"]["ean"] == value("123")
    assert client.post(f"/changesets/{since}/revert").status_code == 201
    assert read(client, "/products/hat")["values"]["ean"] == value("123")


@pytest.mark.parametrize(
    ("as_of", "status", "told"),
    [
        ("tomorrow", 422, "`tomorrow` is neither a revision nor a date"),
        ("999999", 404, "revision 999999 does not exist; the newest is"),
    ],
)
def test_a_time_that_is_none_is_told(client: httpx.Client, as_of: str, status: int, told: str) -> None:
    for path in ("/products", "/products/hat", "/families", "/measurement-families"):
        answer = client.get(path, params={"as_of": as_of})
        assert answer.status_code == status
        assert told in answer.text


@pytest.mark.parametrize("name", ["as_of", "draft"])
def test_what_is_not_read_as_it_was_says_so(client: httpx.Client, before: int, name: str) -> None:
    answers = [
        client.get(path, params={name: "1"}) for path in ("/media-files", "/changesets", "/products/cap/history")
    ]
    answers.append(client.patch("/products/cap", params={name: "1"}, json={"enabled": False}))
    assert {answer.status_code for answer in answers} == {422}
    assert f"`{name}` does not apply to GET /products/cap/history" in answers[2].text


def test_a_day_is_read_to_its_end(client: httpx.Client, before: int) -> None:
    day = NOW.date().isoformat()
    assert read(client, "/products/cap", as_of=day)["identifier"] == "cap"
    assert client.get("/products/cap", params={"as_of": "2001-01-01"}).status_code == 404


def test_limits_hold_for_the_past(database: Database, before: int, signed_in_as: As) -> None:
    """Of what was in sight then, and was moved out of it since, nothing is seen."""
    reader = signed_in_as("reader", view={"categories": ["outdoor"]})
    seen = [one["identifier"] for one in listed(reader, "/products", as_of=before)]
    assert seen == [RED, "hat-1", "hat-2", "hat-3", "hat-4", "pair"]
    assert reader.get("/products/hat-0", params={"as_of": before}).status_code == 404
    assert reader.get("/products", params={"as_of": before, "with_count": "true"}).status_code == 422


def test_a_diff_is_read_in_pages_and_summed_up(client: httpx.Client, before: int) -> None:
    page = read(client, "/diff", **{"from": before, "limit": 3, "with_summary": "true", "with_count": "true"})
    assert page["from"] == before
    assert page["summary"]["kinds"]["product"] == {"changed": 1, "created": 2, "deleted": 1}
    found = list(page["_embedded"]["items"])
    while "next" in page["_links"]:
        page = client.get(page["_links"]["next"]["href"]).json()
        found += page["_embedded"]["items"]
    assert len(found) == page["items_count"]
    (shoe,) = [one for one in found if one["code"] == "shoe"]
    assert shoe["op"] == "changed"
    assert [(cell["attribute"], cell["old"], cell["new"]) for cell in shoe["cells"]] == [
        ("name", "Soulier", "Chaussure")
    ]
    assert {(one["code"], one["op"]) for one in found if one["kind"] == "product"} == {
        ("cap", "changed"), ("hat-1", "deleted"), ("hat-1", "created"), ("new", "created"),
    }  # fmt: skip


def test_a_diff_shows_no_more_than_its_reader_sees(database: Database, before: int, signed_in_as: As) -> None:
    reader = signed_in_as("reader", view={"categories": ["outdoor"], "attribute_groups": []})
    found = listed(reader, "/diff", **{"from": before})
    assert "cap" not in {one["code"] for one in found}
    assert not [
        cell for one in found for cell in one["cells"] if cell["attribute"] == "name" and one["kind"] != "record"
    ]
    assert len(listed(reader, "/diff", **{"from": before, "entity": "product/new"})) == 1


def test_prices_are_read_behind_the_history(client: httpx.Client, database: Database, signed_in_as: As) -> None:
    for amount in ("50.00", "40.00"):
        wrote(database, a_product("hat", values=values(price=[{"amount": amount, "currency": "EUR"}])))
    (euro,) = read(client, "/products/hat/history/prices", days=60)["currencies"]
    assert [(one["amount"], one["until"] is None) for one in euro["periods"]] == [("40.00", True), ("50.00", False)]
    assert euro["reduction"]["lowest_before"] == "50.00"
    assert client.get("/products/hat/history/prices", params={"attribute": "name"}).status_code == 422
    assert client.get("/products/cap/history/prices").status_code == 404
    blind = signed_in_as("reader", view={"attribute_groups": []})
    assert blind.get("/products/hat/history/prices").status_code == 404
