"""The audit: exports that contradict one another are found, whatever their format; what differs on purpose is told."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from pim.exports.model import FileDefinition, Saying
from pim.syndication.audit import Audit, audit
from pim.syndication.sayings import said_of
from tests.makers import commit, given
from tests.syndication.runs import MAPPING, a_hat, an_export, run, storage_of

PRICE = {"field": "price", "currency": "currency"}
JSONL = [{"name": "{locale}.jsonl", "writer": "jsonl", "says": {"title": "name", "price": PRICE}}]
RSS = [{"name": "{locale}.xml", "writer": "rss", "options": {"plain": []}, "says": {"title": "name", "price": PRICE}}]


@pytest.fixture
def shop(database: Database, settings: Settings) -> Settings:
    """Two exports that say the same of three hats: one in NDJSON, one in XML."""
    given(database, a_hat("A", price="10.40"), a_hat("B"), a_hat("C", price=None))
    an_export(settings, "app", files=JSONL)
    settings = an_export(settings, files=RSS)
    run(database, settings)
    return settings


def audited(database: Database, shop: Settings, product: str | None = None) -> Audit:
    with database.snapshot_session() as session:
        return audit(session, storage_of(shop), shop, product)


def test_exports_that_say_the_same_are_clean(database: Database, shop: Settings) -> None:
    found = audited(database, shop)
    assert (found.is_clean, found.products, found.contradictions_count) == (True, 2, 0)
    assert [(one.export, one.says) for one in found.exports] == [
        ("app", ["title", "price"]),
        ("shop", ["title", "price"]),
    ]


def test_an_export_left_behind_is_stale_and_contradicts_the_others(database: Database, shop: Settings) -> None:
    commit(database, a_hat("A", price="12.00"))
    run(database, shop, "app")
    found = audited(database, shop)
    (one,) = found.contradictions
    assert (one.product, one.meaning, one.currency) == ("A", "price", "EUR")
    assert {(said.export, said.value, said.revision) for said in one.statements} == {
        ("app", "12.00 EUR", 3), ("shop", "10.40 EUR", 2)}  # fmt: skip
    assert [(one.export, one.behind, one.is_stale) for one in found.exports] == [("app", 0, False), ("shop", 1, True)]
    assert not found.is_clean


def test_what_differs_on_purpose_is_told_with_its_reason_and_is_no_finding(database: Database, shop: Settings) -> None:
    upper = {**MAPPING, "name": {"from": "name", "then": ["upper"]}}
    an_export(shop, "app", files=JSONL, mapping=upper)
    run(database, shop)
    assert audited(database, shop).contradictions_count == 4, "two products in two locales"
    an_export(shop, "app", files=JSONL, mapping=upper, differs={"title": "the app shouts"})
    run(database, shop)
    found = audited(database, shop)
    assert (found.is_clean, found.contradictions_count, found.declared_count) == (True, 0, 4)
    assert found.declared[0].declared == {"app": "the app shouts"}


def test_a_text_that_was_cut_short_contradicts_nothing(database: Database, shop: Settings) -> None:
    short = {**MAPPING, "name": {"from": "name", "then": [{"truncate": {"length": 4, "ellipsis": "…"}}]}}
    an_export(shop, "app", files=JSONL, mapping=short)
    run(database, shop)
    assert audited(database, shop).is_clean


def test_one_product_can_be_asked_for(database: Database, shop: Settings) -> None:
    commit(database, a_hat("A", price="12.00"), a_hat("B", price="13.00"))
    run(database, shop, "app")
    found = audited(database, shop, "B")
    assert (found.products, [one.product for one in found.contradictions]) == (1, ["B"])


def test_a_feed_that_cannot_be_read_is_a_problem_and_hides_no_other(database: Database, shop: Settings) -> None:
    (feed,) = Path(shop.home, "storage/exports/shop/1").glob("fr_FR.xml.gz")
    feed.write_bytes(gzip.compress(b"something else"))
    found = audited(database, shop)
    (damaged,) = [one for one in found.exports if one.problem]
    assert (damaged.export, "cannot be read" in str(damaged.problem), found.is_clean) == ("shop", True, False)


SAYING: dict[str, Any] = {
    "code": "variants.sku",
    "title": "name",
    "gtin": "variants.gtin",
    "image": "variants.images.url",
    "price": Saying(field="variants.price", currency="currency", minor_units=True),
    "availability": Saying(field="variants.stock", values={"yes": "in_stock"}),
}


def test_an_amount_without_currency_is_in_that_of_the_locale() -> None:
    file = FileDefinition(name="f", writer="csv", says={"price": Saying(field="Price")})
    (found,) = said_of(file, {"Price": "1200"}, "JPY")
    assert found.said == {"price": "1200 JPY"}


def test_a_list_of_products_says_each_of_them_in_the_words_of_all() -> None:
    variants = [
        {
            "sku": "A",
            "price": 1290,
            "gtin": "4006381333931",
            "stock": "yes",
            "images": [{"url": "https://x/media/a/b%20c"}],
        },
        {"sku": "B", "price": 0},
        {"price": 5},
    ]
    file = FileDefinition(name="f", writer="json", says=SAYING)
    found = list(said_of(file, {"name": "Hat", "currency": "EUR", "variants": variants}))
    assert [(one.code, one.said) for one in found] == [
        ("A", {"title": "Hat", "gtin": "04006381333931", "image": "a/b c", "price": "12.90 EUR",
               "availability": "in_stock"}),
        ("B", {"title": "Hat", "price": "0.00 EUR"}),
    ]  # fmt: skip
