"""Searching over HTTP: what was just written is found, pages, facets, suggestions, what is alike, saved searches."""

import httpx
import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.clients import signed_in
from tests.makers import a_product, given, values

NOW = {"consistency": "session"}


@pytest.fixture
def tents(database: Database, client: httpx.Client) -> httpx.Client:
    """Ten of them, and a lamp."""
    named = [("ridge", "Ridge tent"), ("valley", "Valley tent"), *((f"peak-{n}", f"Peak tent {n}") for n in range(8))]
    of_tents = {"family": "shoes", "categories": ["outdoor"]}
    products = [a_product(code, **of_tents, values=values(name={"en_GB": name})) for code, name in named]
    given(database, *products, a_product("lamp", categories=["home"], values=values(name={"en_GB": "Lamp for a tent"})))
    return client


def found(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["identifier"] for item in answer.json()["_embedded"]["items"]]


def test_a_write_is_found_in_the_answer_that_follows_it(tents: httpx.Client) -> None:
    assert found(tents.get("/search", params={"q": "ridge", **NOW})) == ["ridge"]
    written = {"identifier": "ridge", "values": {"name": [{"locale": "en_GB", "scope": None, "data": "Saddle tent"}]}}
    assert tents.patch("/products/ridge", json=written).status_code == 204
    answer = tents.get("/search", params={"q": "saddle", **NOW})
    assert found(answer) == ["ridge"]
    (item,) = answer.json()["_embedded"]["items"]
    assert item["label"] == "ridge"
    assert item["highlights"] == [{"attribute": "name", "locale": "en_GB", "html": "<em>Saddle</em> tent"}]
    assert tents.get(item["_links"]["self"]["href"]).json()["uuid"] == item["uuid"]


def test_pages_lead_to_each_other_and_are_counted(tents: httpx.Client) -> None:
    answer = tents.get("/search", params={"q": "tent", "limit": 4, "with_count": "true", **NOW})
    assert answer.json()["items_count"] == 11
    codes = found(answer)
    while "next" in (links := answer.json()["_links"]):
        answer = tents.get(links["next"]["href"])
        codes += found(answer)
    assert len(codes) == len(set(codes)) == 11


def test_facets_come_with_the_filter_that_narrows_to_them(tents: httpx.Client) -> None:
    params = {"q": "tent", "facets": "category,family", **NOW}
    category, _ = tents.get("/search", params=params).json()["facets"]
    counts = {value["value"]: (value["count"], value["query"]) for value in category["values"]}
    assert counts["outdoor"] == (10, "category:outdoor")
    assert len(found(tents.get("/search", params={"q": "tent category:outdoor", "limit": 100}))) == 10


def test_filters_alone_need_no_index_and_are_ordered(tents: httpx.Client) -> None:
    answer = tents.get("/search", params={"q": "family:shoes", "sort": "-identifier", "limit": 2})
    assert found(answer) == ["valley", "ridge"]
    assert answer.json()["revision"] is None


def test_a_mistyped_word_is_answered_and_told(tents: httpx.Client) -> None:
    answer = tents.get("/search", params={"q": "vallley tent", **NOW})
    assert found(answer) == ["valley"]
    assert answer.json()["corrections"] == [{"typed": "vallley", "instead": "valley"}]
    assert answer.json()["did_you_mean"] == "valley tent"


WRONG = [
    ({"q": "colour:red"}, "`colour` is neither an attribute nor"),
    ({"q": 'tent "ridge'}, "is never closed"),
    ({"q": "tent", "sort": "picture"}, "one cannot sort by `picture`"),
    ({"q": "tent", "facets": "weight"}, "values of `weight` (pim_catalog_metric) are not counted"),
    ({"q": "tent", "locale": "xx_XX"}, "locale `xx_XX` is not active"),
    ({"q": "tent", "consistency": "never"}, "known: eventual, session"),
]


def test_what_cannot_be_read_is_refused_with_the_way_out(tents: httpx.Client) -> None:
    for params, message in WRONG:
        answer = tents.get("/search", params=params)
        assert answer.status_code == 422, params
        assert message in answer.json()["message"] + str(answer.json().get("errors"))


def test_words_are_suggested_as_somebody_types(tents: httpx.Client) -> None:
    tents.get("/search", params={"q": "tent", **NOW})
    answer = tents.get("/search/suggestions", params={"q": "tent va"}).json()
    assert answer["words"] == ["valley"]
    assert [one["identifier"] for one in answer["products"]] == ["valley"]


def test_what_is_alike_is_listed_without_the_product_itself(tents: httpx.Client) -> None:
    tents.get("/search", params={"q": "tent", **NOW})
    answer = tents.get("/search/similar/peak-1", params={"limit": 3}).json()
    alike = [one["identifier"] for one in answer["products"]]
    assert len(alike) == 3
    assert all(code.startswith("peak-") and code != "peak-1" for code in alike)
    assert tents.get("/search/similar/nothing").status_code == 404


def test_a_saved_search_is_asked_by_its_code(tents: httpx.Client) -> None:
    saved = {"code": "peaks", "title": "Peaks", "q": "peak", "sort": "-identifier"}
    assert tents.post("/saved-searches", json=saved).status_code == 201
    assert found(tents.get("/search", params={"saved": "peaks", "limit": 2, **NOW})) == ["peak-7", "peak-6"]
    assert found(tents.get("/search", params={"saved": "peaks", "q": "ridge", **NOW})) == ["ridge"]
    assert tents.patch("/saved-searches/peaks", json={"sort": None}).status_code == 204
    assert tents.get("/saved-searches/peaks").json()["sort"] is None
    assert tents.delete("/saved-searches/peaks").status_code == 204
    assert tents.get("/search", params={"saved": "peaks"}).status_code == 404


def test_others_see_a_saved_search_when_it_is_shared_and_do_not_change_it(
    settings: Settings, database: Database
) -> None:
    with signed_in(settings, database) as mine, signed_in(settings, database, "reader") as theirs:
        mine.post("/saved-searches", json={"code": "mine", "title": "Mine", "q": "tent"})
        assert theirs.get("/saved-searches/mine").status_code == 404
        mine.patch("/saved-searches/mine", json={"shared": True})
        listed = theirs.get("/saved-searches").json()["_embedded"]["items"]
        assert [one["code"] for one in listed] == ["mine"]
        assert theirs.patch("/saved-searches/mine", json={"q": "lamp"}).status_code == 403
        assert theirs.delete("/saved-searches/mine").status_code == 403


def test_a_saved_search_that_cannot_be_read_is_refused(client: httpx.Client) -> None:
    answer = client.post("/saved-searches", json={"code": "a b", "q": 3, "colour": "red"})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 3
