"""The in-store export over the whole demo catalogue: what is accepted, what is on the labels."""

import json
from functools import cache
from typing import Any

import pytest
import zxingcpp

from pim.exports.catalogue_check import check_against_catalogue
from pim.syndication.model import Item
from pim.syndication.validity import ItemCheck
from pim.syndication.writers.label_designs import DESIGNS
from pim.syndication.writers.labels import write_labels
from tests.syndication.demo_items import demo_definition, demo_items, demo_products, demo_structure
from tests.syndication.shelf import Puts, a_store_feed, opened

LOCALES = ["fr_FR", "en_GB"]


@cache
def items_in(locale: str) -> dict[str, Item]:
    return {item.key: item for item in demo_items("in_store", locale)}


@cache
def check() -> ItemCheck:
    definition = demo_definition("in_store")
    return ItemCheck(definition.item_schema, definition.schema)


def accepted(locale: str) -> list[Item]:
    return [item for item in items_in(locale).values() if check().accepts(item.fields)]


@cache
def labels_in(locale: str) -> tuple[Puts, list[dict[str, Any]]]:
    definition = demo_definition("in_store")
    [file] = [file for file in definition.files if file.writer == "labels"]
    puts = Puts()
    write_labels(a_store_feed("labels.json", locale, file.options), accepted(locale), puts)
    return puts, json.loads(puts["labels.json"])["labels"]


def entry_of(sku: str, locale: str = "fr_FR") -> dict[str, Any]:
    return next(entry for entry in labels_in(locale)[1] if entry["sku"] == sku)


def test_the_definition_asks_only_for_what_the_catalogue_has_or_another_may_have() -> None:
    warnings = check_against_catalogue(demo_definition("in_store"), demo_structure())
    assert not [warning for warning in warnings if "price" in warning or "`name`" in warning or "channel" in warning]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_accepted_product_has_a_label_of_every_size(locale: str) -> None:
    _, entries = labels_in(locale)
    assert {(entry["sku"], entry["template"]) for entry in entries} == {
        (item.key, size) for item in accepted(locale) for size in DESIGNS
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_every_barcode_reads_back_as_the_gtin_of_its_product(locale: str) -> None:
    puts, entries = labels_in(locale)
    for entry in entries:
        found = zxingcpp.read_barcodes(opened(puts[entry["image"]]).convert("L"))
        texts = {one.format: one.text for one in found}
        expected = {zxingcpp.BarcodeFormat.EAN13: entry["eans"][0]} if entry["eans"] else {}
        if entry["template"] == "400x300":
            expected[zxingcpp.BarcodeFormat.QRCode] = entry["link"]
        assert texts == expected, entry["sku"]


def test_a_food_without_content_is_rejected_for_its_unit_price() -> None:
    violations = check().violations(items_in("fr_FR")["SAR-HUI"].fields)
    assert [(violation.field, violation.rule) for violation in violations] == [("unit_price", "required")]


def test_a_product_without_a_price_in_pounds_has_no_english_label() -> None:
    assert not check().accepts(items_in("en_GB")["CAF-MOK-6T"].fields)
    assert check().accepts(items_in("fr_FR")["CAF-MOK-6T"].fields)


def test_a_sale_price_above_the_price_announces_nothing() -> None:
    assert not {"promoPrice", "previousPrice"} & entry_of("GUI-SOL-10").keys()


def test_a_sale_outside_its_days_is_not_on_the_label() -> None:
    past = [
        product.code for product in demo_products() if product.ancestors and product.ancestors[0].code == "sac_marmotte"
    ]
    assert past
    assert all("promoPrice" not in entry_of(code) for code in past)


def test_a_running_sale_shows_the_lowest_price_before_it() -> None:
    entry = entry_of("CHA-AUB-GRS-42")
    fields = items_in("fr_FR")["CHA-AUB-GRS-42"].fields
    assert (entry["promoPrice"], entry["previousPrice"]) == (fields["sale_price"], fields["prior_price"])


def test_a_wrong_check_digit_leaves_the_label_without_barcode_but_with_the_page_of_the_product() -> None:
    entry = entry_of("FRO-NOC900")
    assert entry["eans"] == []
    assert entry["link"] == "https://www.cap-refuge.example/fr/p/FRO-NOC900"


def test_foods_say_their_unit_price_and_origin() -> None:
    foods = [item for item in accepted("fr_FR") if "is_food" in item.fields]
    assert foods
    for item in foods:
        entry = entry_of(item.key)
        assert "origin" in entry, item.key
        assert entry.get("unit") in {"kg", "l"} or item.fields["unit_price"]["amount"] == item.fields["price"]
