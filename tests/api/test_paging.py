"""Lists: HAL pages by number and by cursor, to their ends."""

import pytest

from tests.api.clients import batch


def walk(client, path, **query):
    """Codes page by page, following `next`."""
    page = client.get(path, params=query).json()
    while True:
        yield [item.get("code") or item["identifier"] for item in page["_embedded"]["items"]]
        if "next" not in page["_links"]:
            return
        page = client.get(page["_links"]["next"]["href"]).json()


@pytest.fixture
def seven(client):
    batch(client, "/products", *({"identifier": f"p{n}", "family": "shoes"} for n in range(7)))
    batch(client, "/categories", *({"code": f"c{n}", "parent": "master"} for n in range(7)))
    return client


@pytest.mark.parametrize(("path", "count"), [("/products", 7), ("/categories", 10)])
def test_following_next_meets_everything_once(seven, path, count):
    for kind in ("page", "search_after"):
        pages = [*walk(seven, path, limit=3, pagination_type=kind)]
        assert [len(page) for page in pages[:2]] == [3, 3]
        met = [code for page in pages for code in page]
        assert len(met) == len(set(met)) == count


def test_a_page_names_itself_the_first_the_next_and_the_one_before(seven):
    page = seven.get("/products", params={"limit": 3, "page": 2, "with_count": "true"}).json()
    assert (page["current_page"], page["items_count"]) == (2, 7)
    assert set(page["_links"]) == {"self", "first", "previous", "next"}
    assert "with_count=true" in page["_links"]["next"]["href"]
    assert "page=3" in page["_links"]["next"]["href"]
    item = page["_embedded"]["items"][0]
    assert seven.get(item["_links"]["self"]["href"]).json()["identifier"] == item["identifier"]


def test_a_page_by_cursor_has_no_number_and_bears_a_count(seven):
    query = {"limit": 7, "pagination_type": "search_after", "with_count": "true"}
    page = seven.get("/products", params=query).json()
    assert "current_page" not in page
    assert {"self", "first", "next"} == set(page["_links"])  # a full page: there may be more
    assert seven.get(page["_links"]["next"]["href"]).json()["_embedded"]["items"] == []


IMPOSSIBLE = [
    ({"limit": "101"}, "limit"),
    ({"limit": "0"}, "limit"),
    ({"limit": "many"}, "limit"),
    ({"page": "-1"}, "page"),
    ({"page": "101", "limit": "100"}, "page"),
    ({"pagination_type": "magic"}, "pagination_type"),
    ({"pagination_type": "search_after", "search_after": "!"}, "search_after"),
    ({"pagination_type": "search_after", "search_after": "eA"}, "search_after"),
    ({"with_count": "perhaps"}, "with_count"),
]


def test_a_page_that_cannot_be_is_refused_by_the_name_of_the_parameter(client):
    for query, name in IMPOSSIBLE:
        answer = client.get("/products", params=query)
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["property"] == name


def test_a_search_by_post_is_answered_like_the_same_list(seven):
    query = {"limit": 3, "with_count": True, "attributes": ["name"], "search": {}}
    found = seven.post("/products-uuid/search", json=query).json()
    listed = seven.get("/products-uuid", params={"limit": 3, "attributes": "name"}).json()
    assert found["items_count"] == 7
    assert found["_embedded"]["items"] == listed["_embedded"]["items"]


def test_a_channel_lists_the_products_of_its_category_tree_only(seven):
    batch(seven, "/products", {"identifier": "p1", "categories": ["outdoor"]})
    assert [*walk(seven, "/products", scope="web")] == [["p1"]]


def test_a_search_is_said_again_in_the_links_and_narrows_what_is_met(seven):
    batch(seven, "/products", *({"identifier": f"p{n}", "enabled": False} for n in (2, 4)))
    off = '{"enabled":[{"operator":"=","value":false}]}'
    assert [*walk(seven, "/products", search=off, limit=1)] == [["p2"], ["p4"], []]
    children = '{"parent":[{"operator":"=","value":"master"}],"code":[{"operator":"IN","value":["c1","c2","master"]}]}'
    assert [*walk(seven, "/categories", search=children, limit=1)] == [["c1"], ["c2"]]


def test_a_search_that_cannot_be_understood_is_told(client):
    for path in ("/products", "/product-models", "/categories"):
        assert client.get(path, params={"search": "{"}).status_code == 400
        answer = client.get(path, params={"search": '{"updated":[{"operator":"?"}]}'})
        assert answer.status_code == 422
        assert "updated" in answer.json()["errors"][0]["message"]
    unknown = client.get("/products", params={"search": '{"nothing":[{"operator":"=","value":1}]}'})
    assert unknown.status_code == 404
