"""Deltas of feeds over HTTP: conditions, compression, tokens, and cursors that are too old."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text

from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.servers import serving
from tests.makers import commit, given
from tests.syndication.runs import a_hat, an_export, run, storage_of

SECRET = {"SHOP_TOKEN": "s3cret"}


@dataclass(frozen=True)
class Shop:
    client: httpx.Client
    database: Database
    settings: Settings

    def edit(self, price: str) -> None:
        commit(self.database, a_hat("A", price=price))
        run(self.database, self.settings)


@pytest.fixture
def shop(database: Database, settings: Settings) -> Iterator[Shop]:
    given(database, a_hat("A"), a_hat("B"))
    an_export(settings, "closed", token="SHOP_TOKEN")
    settings = an_export(settings, keep=2)
    run(database, settings)
    with serving(settings, database, storage_of(settings), SECRET) as base, httpx.Client(base_url=base) as client:
        yield Shop(client, database, settings)


def test_a_reader_gets_everything_and_then_what_has_changed(shop: Shop) -> None:
    first = shop.client.get("/feeds/shop/changes", params={"locale": "fr_FR"}).json()
    assert ([one["id"] for one in first["changes"]], first["file"], first["has_more"]) == (
        ["A", "B"],
        "fr_FR.jsonl",
        False,
    )
    shop.edit("12.00")
    (change,) = shop.client.get("/feeds/shop/changes", params={"cursor": first["next_cursor"]}).json()["changes"]
    assert (change["op"], change["id"], change["rev"], change["product"]["price"]) == ("upsert", "A", 2, "12.00")


def test_what_the_client_has_is_not_sent_again_in_either_encoding(shop: Shop) -> None:
    plain = shop.client.get("/feeds/shop/changes", headers={"Accept-Encoding": "identity"})
    packed = shop.client.get("/feeds/shop/changes", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert packed.json() == plain.json()
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = shop.client.get("/feeds/shop/changes", headers={"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    shop.edit("12.00")
    assert shop.client.get("/feeds/shop/changes", headers={"If-None-Match": packed.headers["ETag"]}).status_code == 200


def test_a_cursor_that_is_too_old_says_so_to_programs(shop: Shop) -> None:
    cursor = shop.client.get("/feeds/shop/changes").json()["next_cursor"]
    for price in ("12.00", "13.00"):
        shop.edit(price)
    assert shop.client.get("/feeds/shop/changes", params={"cursor": cursor}).status_code == 200
    with shop.database.session() as session:
        session.execute(text("UPDATE publication SET superseded_at = superseded_at - interval '31 days'"))
    shop.edit("14.00")
    answer = shop.client.get("/feeds/shop/changes", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")


def test_a_closed_feed_tells_its_changes_to_its_token_alone(shop: Shop) -> None:
    assert shop.client.get("/feeds/closed/changes").status_code == 401
    opened = shop.client.get("/feeds/closed/changes", headers={"Authorization": "Bearer s3cret"})
    assert (opened.status_code, opened.headers["Cache-Control"]) == (200, "private, no-cache")


@pytest.mark.parametrize(("query", "status", "says"), [
    ({"limit": "0"}, 422, "limit"), ({"limit": "5000"}, 422, "1000"), ({"courser": "x"}, 422, "known: cursor"),
    ({"cursor": "x"}, 422, "next_cursor"), ({"file": "x"}, 404, "known: all.json"), ({"locale": "de_DE"}, 404, "de_DE"),
])  # fmt: skip
def test_wrong_questions_are_told_what_would_be_right(
    shop: Shop, query: dict[str, str], status: int, says: str
) -> None:
    answer = shop.client.get("/feeds/shop/changes", params=query)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert shop.client.get("/feeds/shap/changes").status_code == 404
