"""Changesets and histories over HTTP: found, read, taken back, and no more of them than their reader sees."""

from typing import Any

import httpx
import pytest

from pim.base.database import Database
from pim.versioning.model import Edit, Origin
from tests.api.test_permissions import As, signed_in_as
from tests.makers import a_product, an_attribute, commit, value, values

__all__ = ["signed_in_as"]


def by(author: str, source: str = "api", **more: Any) -> Origin:
    return Origin(author, source, **more)


CAMILLE = by("camille")


def wrote(database: Database, *edits: Edit, origin: Origin = CAMILLE) -> int:
    revision = commit(database, *edits, origin=origin).revision
    assert revision is not None
    return revision


def listed(client: httpx.Client, path: str = "/changesets", **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["_embedded"]["items"]


def revisions(client: httpx.Client, **query: Any) -> list[int]:
    return [item["revision"] for item in listed(client, **query)]


@pytest.fixture
def three(client: httpx.Client, database: Database) -> tuple[int, int, int]:
    """Revisions of camille's HAT, robin's MUG by import, and camille's change of HAT."""
    first = wrote(database, a_product("HAT", values=values(name={"fr_FR": "Chapeau"})))
    second = wrote(database, a_product("MUG"), origin=by("robin", "import", import_id=7, reason="spring list"))
    return first, second, wrote(database, a_product("HAT", values=values(name={"fr_FR": "Béret"}), enabled=False))


def test_changesets_are_found_by_who_how_when_and_what(client: httpx.Client, three: tuple[int, int, int]) -> None:
    hat, mug, beret = three
    assert revisions(client)[:3] == [beret, mug, hat]
    for query, wanted in [
        ({"author": "robin"}, [mug]),
        ({"source": "import", "import": 7}, [mug]),
        ({"since": hat, "until": mug}, [mug, hat]),
        ({"since": "2026-03-01", "until": "2026-03-01", "author": "robin"}, [mug]),
        ({"until": "2026-03-01T11:59:59+00:00"}, []),
        ({"entity": "product/HAT"}, [beret, hat]),
        ({"entity": "product/nothing"}, []),
    ]:
        assert revisions(client, **query) == wanted, query
    first = listed(client, author="robin")[0]
    assert (first["reason"], first["import"], first["changes"], first["entities"]) == ("spring list", 7, 1, 1)
    assert revisions(client, entity="attribute_option/color/red") == [1]


def test_both_ways_of_paging_meet_every_changeset(client: httpx.Client, three: tuple[int, int, int]) -> None:
    for kind in ("page", "search_after"):
        pages, address = [], "/changesets?limit=1&with_count=true&pagination_type=" + kind
        while address:
            page = client.get(address).json()
            pages += [item["revision"] for item in page["_embedded"]["items"]]
            address = page["_links"].get("next", {}).get("href")
        assert pages == revisions(client)
        assert page["items_count"] == len(pages)


@pytest.mark.parametrize("query", [
    {"since": "yesterday"}, {"until": "2026-13-01"}, {"import": "spring"}, {"entity": "HAT"}, {"entity": "hat/HAT"},
    {"entity": "attribute_option/red"}, {"search_after": "eA", "pagination_type": "search_after"},
])  # fmt: skip
def test_a_filter_that_means_nothing_is_refused_by_its_name(client: httpx.Client, query: dict[str, str]) -> None:
    answer = client.get("/changesets", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["property"]) == (422, next(iter(query)))


def test_a_changeset_tells_each_change_from_what_to_what(client: httpx.Client, three: tuple[int, int, int]) -> None:
    answer = client.get(f"/changesets/{three[2]}", params={"limit": 1})
    document = answer.json()
    assert (document["author"], document["changes"], document["entities"]) == ("camille", 2, 1)
    changes = document["_embedded"]["items"]
    changes += client.get(document["_links"]["next"]["href"]).json()["_embedded"]["items"]
    told = {change["attribute"] or change["path"]: (change["code"], change["old"], change["new"]) for change in changes}
    assert told == {"name": ("HAT", "Chapeau", "Béret"), "enabled": ("HAT", True, False)}
    assert client.get(changes[0]["_links"]["self"]["href"]).json()["enabled"] is False
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/changesets/{three[2]}", params={"limit": 1}, headers=known).status_code == 304
    assert client.get("/changesets/999").status_code == 404


def test_a_history_tells_who_changed_what_and_goes_on_after_the_end(
    client: httpx.Client, database: Database, three: tuple[int, int, int]
) -> None:
    uuid = client.get("/products/HAT").json()["uuid"]
    entries = listed(client, "/products/HAT/history")
    assert [entry["path"] for entry in entries] == ["enabled", "values", "+"]
    told = listed(client, f"/products-uuid/{uuid}/history", attribute="name", locale="fr_FR")
    assert [(e["author"], e["old"], e["new"], e["revision"]) for e in told] == [
        ("camille", "Chapeau", "Béret", three[2])
    ]
    wrote(database, Edit("product", "HAT", None), origin=by("robin"))
    for path in ("/products/HAT/history", f"/products-uuid/{uuid}/history"):
        gone, *before = listed(client, path)
        assert (gone["author"], gone["path"], gone["old"]["values"]["name"][0]["data"]) == ("robin", "-", "Béret")
        assert [entry["path"] for entry in before] == ["enabled", "values", "+"]
    assert len([*walk_history(client, "/products/HAT/history")]) == 4


def walk_history(client: httpx.Client, path: str) -> Any:
    for kind in ("page", "search_after"):
        page = client.get(path, params={"limit": 1, "pagination_type": kind}).json()
        met = []
        while True:
            met += page["_embedded"]["items"]
            if "next" not in page["_links"]:
                break
            page = client.get(page["_links"]["next"]["href"]).json()
    return met


def test_a_history_that_cannot_be_is_told(client: httpx.Client) -> None:
    assert client.get("/products/nothing/history").status_code == 404
    assert client.get("/product-models/nothing/history").status_code == 404
    commit_free = client.patch("/products/HAT", json={})
    assert commit_free.status_code == 201
    for query in ({"attribute": "naem"}, {"locale": "xx_XX"}, {"scope": "nowhere"}):
        answer = client.get("/products/HAT/history", params=query)
        assert (answer.status_code, "known: " in answer.json()["errors"][0]["message"]) == (422, True)


def test_an_identifier_that_ends_like_a_history_is_read_by_its_uuid(client: httpx.Client, database: Database) -> None:
    wrote(database, a_product("A"), a_product("A/history"))
    uuid = client.get("/products", params={"search": '{"identifier":[{"operator":"=","value":"A/history"}]}'})
    uuid = uuid.json()["_embedded"]["items"][0]["uuid"]
    assert client.get(f"/products-uuid/{uuid}").json()["values"]["sku"][0]["data"] == "A/history"
    assert [entry["path"] for entry in listed(client, "/products/A/history")] == ["+"]
    assert [entry["path"] for entry in listed(client, "/products/A/history/history")] == ["+"]


def test_the_index_lists_what_stands_behind_a_name(client: httpx.Client) -> None:
    routes = {route["route"] for route in client.get(str(client.base_url).rstrip("/")).json()["routes"].values()}
    assert {"/api/rest/v1/products/{name}/history", "/api/rest/v1/media-files/{code}/download"} <= routes


def test_a_revert_is_a_new_changeset(client: httpx.Client, three: tuple[int, int, int]) -> None:
    answer = client.post(f"/changesets/{three[2]}/revert", json={"reason": "no berets"})
    assert answer.status_code == 201
    made = client.get(answer.headers["Location"]).json()
    assert (made["revision"], made["reverts"], made["source"], made["reason"]) == (
        answer.json()["revision"], three[2], "revert", "no berets",
    )  # fmt: skip
    assert client.get("/products/HAT").json()["values"]["name"][0]["data"] == "Chapeau"
    again = client.post(f"/changesets/{three[2]}/revert")
    assert (again.status_code, again.json()["revision"]) == (200, None)
    assert client.post("/changesets/999/revert").status_code == 404
    assert client.post(f"/changesets/{three[2]}/revert", json={"why": "x"}).status_code == 422


def test_every_value_that_changed_since_is_told_and_none_overwritten(
    client: httpx.Client, database: Database, three: tuple[int, int, int]
) -> None:
    wrote(database, a_product("HAT", values=values(name={"fr_FR": "Toque"}), enabled=True), origin=by("robin"))
    answer = client.post(f"/changesets/{three[2]}/revert")
    assert answer.status_code == 409
    errors = {error["property"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"values"}, "enabled is as it was before"
    name = errors["values"]
    assert (name["subject"], name["attribute"], name["locale"]) == ("product/HAT", "name", "fr_FR")
    assert "is `Toque` now, was made `Béret`, before it was `Chapeau`" in name["message"]
    assert client.get("/products/HAT").json()["values"]["name"][0]["data"] == "Toque"


def test_editors_revert_their_own_and_administrators_everybodys(signed_in_as: As, database: Database) -> None:
    editor, reader, admin = (signed_in_as(role) for role in ("editor", "reader", "administrator"))
    editor.patch("/products/HAT", json={"enabled": False})
    own = listed(editor)[0]["revision"]
    other = wrote(database, a_product("MUG"))
    family = wrote(database, Edit("family", "shoes", {"labels": {"fr_FR": "Souliers"}}))
    assert reader.post(f"/changesets/{own}/revert").status_code == 403
    assert editor.post(f"/changesets/{other}/revert").status_code == 403
    assert editor.post(f"/changesets/{own}/revert").status_code == 201
    assert admin.post(f"/changesets/{other}/revert").status_code == 201
    assert admin.post(f"/changesets/{family}/revert").status_code == 201


def test_a_revert_keeps_within_the_limits_of_who_asks(signed_in_as: As, database: Database) -> None:
    client = signed_in_as("administrator", edit={"locales": ["fr_FR"]})
    wrote(database, a_product("TENT"))
    both = wrote(database, a_product("TENT", values=values(name={"fr_FR": "Tente", "en_GB": "Tent"})))
    wrote(database, a_product("TENT", values=values(name={"fr_FR": "Abri"})))
    english = wrote(database, a_product("TENT", values=values(name={"en_GB": "Shelter"})))
    for revision in (both, english):
        refused = client.post(f"/changesets/{revision}/revert")
        assert (refused.status_code, "`en_GB`" in refused.json()["message"]) == (403, True)
    assert client.post(f"/changesets/{english - 1}/revert").status_code == 201


@pytest.fixture
def secrets(signed_in_as: As, database: Database) -> int:
    """A changeset of which different users see different parts."""
    wrote(database, Edit("attribute_group", "costs", {}), an_attribute("cost", "number", group="costs",
          decimals_allowed=True))  # fmt: skip
    wrote(database, a_product("TENT", categories=["outdoor"]), a_product("LAMP", categories=["home"]))
    tent = {**values(name={"fr_FR": "Tente", "en_GB": "Tent"}), "cost": value("12.5")}
    return wrote(database, a_product("TENT", values=tent), a_product("LAMP", values=values(name={"fr_FR": "Lampe"})))


LIMITS = [
    ({"locales": ["fr_FR"]}, [("LAMP", "Lampe"), ("TENT", "12.5"), ("TENT", "Tente")]),
    ({"attribute_groups": ["general"]}, [("LAMP", "Lampe"), ("TENT", "Tent"), ("TENT", "Tente")]),
    ({"attribute_groups": ["costs"]}, [("TENT", "12.5")]),
    ({"categories": ["home"]}, [("LAMP", "Lampe")]),
    ({"categories": ["master"]}, [("LAMP", "Lampe"), ("TENT", "12.5"), ("TENT", "Tent"), ("TENT", "Tente")]),
]


@pytest.mark.parametrize(("view", "seen"), LIMITS)
def test_nobody_sees_in_the_log_what_they_do_not_see_in_the_product(
    signed_in_as: As, secrets: int, view: dict[str, list[str]], seen: list[tuple[str, str]]
) -> None:
    client = signed_in_as("reader", view=view)
    changeset = client.get(f"/changesets/{secrets}", params={"with_count": "true"}).json()
    assert sorted((item["code"], item["new"]) for item in changeset["_embedded"]["items"]) == seen
    assert changeset["changes"] == changeset["items_count"] == len(seen)
    assert next(item for item in listed(client) if item["revision"] == secrets)["changes"] == len(seen)
    for code in ("TENT", "LAMP"):
        answer = client.get(f"/products/{code}/history")
        wanted = [data for name, data in seen if name == code]
        if client.get(f"/products/{code}").status_code == 404:
            assert (answer.status_code, wanted) == (404, [])
        else:
            told = [item["new"] for item in answer.json()["_embedded"]["items"] if item["revision"] == secrets]
            assert sorted(told) == wanted


def test_a_changeset_of_which_nothing_is_seen_is_not_there(signed_in_as: As, database: Database) -> None:
    lamps, tents = (signed_in_as("administrator", view={"categories": [code]}) for code in ("home", "outdoor"))
    made = wrote(database, a_product("TENT", categories=["outdoor"]))
    gone = wrote(database, Edit("product", "TENT", None))
    for revision in (made, gone):
        assert (lamps.get(f"/changesets/{revision}").status_code, revision in revisions(lamps)) == (404, False)
        assert lamps.post(f"/changesets/{revision}/revert").status_code == 404
        assert revision in revisions(tents)
    assert lamps.get("/products/TENT/history").status_code == 404
    assert tents.get("/products/TENT/history").status_code == 200


def test_the_last_document_of_what_was_deleted_is_cut_to_what_its_reader_sees(
    signed_in_as: As, database: Database
) -> None:
    wrote(database, a_product("TENT", values=values(name={"fr_FR": "Tente", "en_GB": "Tent"})))
    gone = wrote(database, Edit("product", "TENT", None))
    client = signed_in_as("reader", view={"locales": ["fr_FR"]})
    for path in (f"/changesets/{gone}", "/products/TENT/history"):
        old = listed(client, path)[0]["old"]
        assert [entry["data"] for entry in old["values"]["name"]] == ["Tente"]
