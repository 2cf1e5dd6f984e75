"""Deltas of feeds: whoever follows them has what a fresh pull has."""

import gzip
import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import Gone, InvalidInput, NotFound
from pim.base.settings import Settings
from pim.exports.load import load_definition
from pim.syndication.delta import Cursor, DeltaPage, Upsert, delta_page, publications_of_feed
from pim.syndication.rollback import roll_back
from tests.makers import NOW, Edit, a_product, commit, given
from tests.syndication.runs import FILES, a_hat, an_export, path_of, run, storage_of

SHARDS = {"name": "app-{locale}.json", "writer": "shards"}
RSS = {"name": "{locale}.xml", "writer": "rss"}
FEEDS: dict[str, Any] = {"files": [*FILES, SHARDS, RSS], "gate": {"removed": 1, "rejected": 1}}


def page(
    database: Database, shop: Settings, cursor: str | None = None, file: str | None = None, limit: int = 100
) -> DeltaPage:
    with database.session() as session:
        definition = load_definition(shop.exports_folder / "shop")
        feed = publications_of_feed(session, storage_of(shop), definition, file, None, cursor)
        return delta_page(feed, cursor, limit)


class Reader:
    """Keeps a copy of a feed, by deltas alone."""

    def __init__(self, file: str, limit: int) -> None:
        self.file, self.limit, self.cursor = file, limit, ""
        self.items: dict[str, Any] = {}

    def follow(self, database: Database, shop: Settings) -> None:
        more = True
        while more:
            found = page(database, shop, self.cursor, self.file, self.limit)
            assert len({change.id for change in found.changes}) == len(found.changes) <= self.limit
            for change in found.changes:
                if isinstance(change, Upsert):
                    self.items[change.id] = change.product
                else:
                    del self.items[change.id]  # every tombstone is of something that was seen
            self.cursor, more = found.next_cursor, found.has_more


@pytest.fixture
def shop(database: Database, settings: Settings) -> Settings:
    given(database, *(a_hat(f"{number:02}") for number in range(12)))
    settings = an_export(settings, **FEEDS, keep=9)
    run(database, settings)
    return settings


def some_edits(random: Random, number: int) -> list[Edit]:
    """Hats that come, go, change, are rejected, or go below a model and so to another root."""
    code = f"{random.randrange(14):02}"
    return random.choice([
        [a_hat(code, price=f"{number}.50")], [a_hat(code, price=None)], [Edit("product", code, None)],
        [a_hat(code), a_product(code, enabled=random.random() < 0.5)], [a_hat(code, fr=f"Chapeau no {number}")],
    ])  # fmt: skip


@pytest.mark.parametrize(("seed", "keep"), [(1, 9), (2, 2)])
def test_everything_once_and_then_every_delta_is_a_fresh_pull(
    database: Database, shop: Settings, seed: int, keep: int
) -> None:
    """Also for those who come when the publication that they have is past, and the one after it."""
    random = Random(seed)
    shop = an_export(shop, **FEEDS, keep=keep)
    readers = [Reader("fr_FR.jsonl", 100), Reader("fr_FR.jsonl", 2)]
    late, last = Reader("fr_FR.jsonl", 3), Reader("fr_FR.jsonl", 100)
    last.follow(database, shop)
    for number in range(1, 7):
        for _ in range(3):
            try:
                commit(database, *some_edits(random, number))
            except InvalidInput:
                continue  # what is not there cannot be deleted
        if number == 4:
            roll_back(database, storage_of(shop), "shop")
        result = run(database, shop)
        for reader in [*readers, *([late] if number % 2 else [])]:
            reader.follow(database, shop)
        fresh = {one["sku"]: one for one in map(json.loads, path_of(result, "fr_FR.jsonl").read_text().splitlines())}
        assert all(reader.items == fresh for reader in readers), number
    for reader in (late, last):
        reader.follow(database, shop)
        assert reader.items == readers[0].items


def test_the_same_cursor_twice_is_the_same_answer(database: Database, shop: Settings) -> None:
    first = page(database, shop, limit=5)
    assert (len(first.changes), first.has_more) == (5, True)
    assert page(database, shop, first.next_cursor, limit=5) == page(database, shop, first.next_cursor, limit=5)


def test_pages_begun_before_a_new_publication_lead_to_it_in_the_end(database: Database, shop: Settings) -> None:
    first = page(database, shop, limit=11)
    commit(database, a_hat("00", price="11.00"))
    run(database, shop)
    last = page(database, shop, first.next_cursor, limit=11)
    assert ([change.id for change in last.changes], last.publication, last.has_more) == (["11"], 1, True)
    head = page(database, shop, last.next_cursor)
    assert ([change.id for change in head.changes], head.publication, head.has_more) == (["00"], 2, False)


def test_what_the_schema_keeps_out_and_what_is_gone_leave_tombstones(database: Database, shop: Settings) -> None:
    cursor = page(database, shop).next_cursor
    commit(database, Edit("product", "01", None), Edit("product", "02", None))
    commit(database, a_hat("02", price=None))
    run(database, shop)
    changes = page(database, shop, cursor).changes
    assert [(type(one).__name__, one.id, getattr(one, "reason", ""), one.rev) for one in changes] == [
        ("Tombstone", "01", "removed", 2), ("Tombstone", "02", "rejected", 2)]  # fmt: skip


@pytest.mark.parametrize("file", ["fr_FR.jsonl", "fr_FR.csv", "all.json", "fr_FR.xml"])
def test_the_digest_of_what_was_pulled_is_a_cursor_in_every_format(
    database: Database, shop: Settings, file: str
) -> None:
    (export,) = run(database, shop).exports
    digest = next(feed.sha256 for feed in export.feeds if feed.file == file)
    commit(database, a_hat("03", price="33.00"))
    run(database, shop)
    (change,) = page(database, shop, digest).changes
    assert isinstance(change, Upsert)
    fields = change.product.get("fr_FR", change.product)
    assert (change.id, fields["price"], fields["name"]) == ("03", "33.00", "Chapeau 03")


def test_the_cursor_in_a_manifest_of_shards_is_one(database: Database, shop: Settings) -> None:
    manifest = json.loads(path_of(run(database, shop), "app-fr_FR.json").read_text())
    commit(database, a_hat("03", price="33.00"))
    run(database, shop)
    found = page(database, shop, manifest["cursor"])
    assert (found.file, [change.id for change in found.changes]) == ("app-fr_FR.json", ["03"])


@pytest.fixture
def forgetful(database: Database, shop: Settings) -> Settings:
    """Keeps no publication but the current one; cursors live for 30 days. Publication 1 has just become past."""
    forgetful = an_export(shop, **FEEDS, keep=1)
    publish_another(database, forgetful, "1.00", NOW)
    return forgetful


def publish_another(database: Database, shop: Settings, price: str, at: datetime) -> None:
    commit(database, a_hat("01", price=price))
    run(database, shop, clock=lambda: at)


def test_a_cursor_is_good_for_thirty_days_after_its_publication_was_replaced(
    database: Database, forgetful: Settings
) -> None:
    first = Cursor("fr_FR.jsonl", 1).written()
    publish_another(database, forgetful, "2.00", NOW + timedelta(days=30))
    assert [change.id for change in page(database, forgetful, first).changes] == ["01"]
    publish_another(database, forgetful, "3.00", NOW + timedelta(days=30, seconds=1))
    with pytest.raises(Gone, match="publication 1 of export `shop` is not kept any more; pull the whole") as raised:
        page(database, forgetful, first)
    assert raised.value.code == "cursor_expired"
    assert [change.id for change in page(database, forgetful, Cursor("fr_FR.jsonl", 2).written()).changes] == ["01"]


def test_an_export_says_for_how_many_days(database: Database, forgetful: Settings) -> None:
    a_day = an_export(forgetful, **FEEDS, keep=1, cursor_days=1)
    publish_another(database, a_day, "2.00", NOW)
    publish_another(database, a_day, "3.00", NOW)
    publish_another(database, a_day, "4.00", NOW + timedelta(days=2))
    with pytest.raises(Gone, match="publication 3"):
        page(database, a_day, Cursor("fr_FR.jsonl", 3).written())


def test_what_was_pulled_is_a_cursor_when_its_publication_is_past(database: Database, forgetful: Settings) -> None:
    pulled = run(database, forgetful)
    digest = next(feed.sha256 for feed in pulled.exports[0].feeds if feed.file == "fr_FR.csv")
    manifest = json.loads(path_of(pulled, "app-fr_FR.json").read_text())
    publish_another(database, forgetful, "2.00", NOW)
    for cursor, file in ((digest, "fr_FR.csv"), (manifest["cursor"], "app-fr_FR.json")):
        found = page(database, forgetful, cursor)
        assert (found.file, [change.id for change in found.changes]) == (file, ["01"])
    with pytest.raises(Gone, match="the publication of this cursor"):
        page(database, forgetful, "0" * 64)


def test_of_a_past_publication_only_what_changed_is_stored(database: Database, forgetful: Settings) -> None:
    publish_another(database, forgetful, "2.00", NOW)
    storage = storage_of(forgetful)
    assert [list(storage.list(f"exports/shop/{number}/")) for number in (1, 2)] == [
        [f"exports/shop/{number}/past/items.jsonl.gz"] for number in (1, 2)
    ]
    with gzip.open(storage.open("exports/shop/2/past/items.jsonl.gz")) as lines:
        assert sum(b"product/01" in line for line in lines) == len(lines_of_feeds(forgetful))


def lines_of_feeds(shop: Settings) -> list[str]:
    files = load_definition(shop.exports_folder / "shop").files
    return [file.name for file in files for _ in range(2 if "{locale}" in file.name else 1)]


def test_cursors_end_where_what_is_remembered_is_damaged(database: Database, forgetful: Settings) -> None:
    storage_of(forgetful).delete("exports/shop/1/past/items.jsonl.gz")
    with pytest.raises(Gone, match="publication 1 of export `shop` cannot be read"):
        page(database, forgetful, Cursor("fr_FR.jsonl", 1).written())


def test_a_cursor_of_another_feed_or_none_at_all_is_refused(database: Database, shop: Settings) -> None:
    other = Cursor("fr_FR.csv", 1).written()
    with pytest.raises(InvalidInput, match=r"is one of `fr_FR.csv`, not of `fr_FR.jsonl`"):
        page(database, shop, other, "fr_FR.jsonl")
    with pytest.raises(InvalidInput, match="send the `next_cursor` of an earlier answer"):
        page(database, shop, "nonsense", "fr_FR.jsonl")
    with pytest.raises(NotFound, match=r"no feed with file `de.csv`; known: all.json"):
        page(database, shop, None, "de.csv")
