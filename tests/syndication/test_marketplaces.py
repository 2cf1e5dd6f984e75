"""What marketplaces and shops get of the demo catalogue, held against what their importers ask for."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pim.exports.load import load_item_schema
from pim.syndication.validity import ItemCheck
from tests.syndication.demo_feeds import LOCALES, Row, by, made, rows, told
from tests.syndication.demo_items import PROJECT

UNFIT_OFFERS = {"FRO-NOC900": "9501105099071", "LIV-CAR": "product.ean", "TEN-TAP-BIV2": "product.images"}
UNFIT_LISTINGS = {
    "FRO-NOC900": "9501105099071", "LIV-CAR": "product_identifier_exemption", "SAR-HUI": "unit_count",
    "TEN-TAP-BIV2": "main_product_image_locator",
}  # fmt: skip
REJECTED: list[tuple[str, str, dict[str, str]]] = [
    ("shopify", "fr_FR", {}),
    ("shopify", "en_GB", {"CAF-MOK-6T": "variants.0.price"}),
    ("mirakl", "fr_FR", UNFIT_OFFERS),
    ("mirakl", "en_GB", {**UNFIT_OFFERS, "CAF-MOK-6T": "offer.price"}),
    ("bol_content", "fr_FR", {**UNFIT_OFFERS, "LIV-CAR": "offer.ean", "TEN-TAP-BIV2": "content.assets"}),
    ("amazon_listings", "fr_FR", UNFIT_LISTINGS),
    ("amazon_listings", "en_GB", {**UNFIT_LISTINGS, "CAF-MOK-6T": "purchasable_offer"}),
    ("woocommerce", "fr_FR", {}),
    ("woocommerce", "en_GB", {"CAF-MOK-6T": "rows.0.regular_price"}),
]


@pytest.mark.parametrize(("export", "locale", "expected"), REJECTED)
def test_what_the_demo_lacks_is_rejected_by_name(export: str, locale: str, expected: dict[str, str]) -> None:
    found = told(export, locale)
    assert len(found["accepted"]) > 50
    assert found["rejected"].keys() == expected.keys()
    assert all(field in " ".join(found["rejected"][code]) for code, field in expected.items())


def test_a_product_of_the_shop_says_what_it_is_in_its_first_row_only() -> None:
    for handle, (first, *following) in by("URL handle", rows("shopify", "fr_FR.csv")).items():
        assert (bool(first["Title"]), bool(first["SKU"]), first["Status"]) == (True, True, "active"), handle
        assert not any(row["Title"] or row["Status"] for row in following)


def test_every_variant_and_every_picture_of_a_product_has_a_row_of_its_own() -> None:
    found = by("URL handle", rows("shopify", "fr_FR.csv"))
    for code, item in told("shopify")["accepted"].items():
        of = found[item["handle"]]
        assert [row["SKU"] for row in of if row["SKU"]] == [variant["sku"] for variant in item["variants"]], code
        assert [row["Image position"] for row in of if row["Product image URL"]] == [
            str(number) for number, _ in enumerate(item.get("images", []), 1)
        ]
        assert all(row["Option1 name"] and row["Option1 value"] and row["Price"] for row in of if row["SKU"])


def test_variants_of_a_product_are_told_apart_by_their_options() -> None:
    options: Callable[[Row], tuple[str, ...]] = lambda row: tuple(row[f"Option{n} value"] for n in (1, 2, 3))  # noqa: E731
    for handle, of in by("URL handle", rows("shopify", "en_GB.csv")).items():
        variants = [options(row) for row in of if row["SKU"]]
        assert len(set(variants)) == len(variants), handle


def test_variations_follow_the_row_of_their_product_and_have_their_own_price() -> None:
    variable = ""
    for row in rows("woocommerce", "fr_FR.csv"):
        variable = row["SKU"] if row["Type"] == "variable" else variable
        assert row["Parent"] == (variable if row["Type"] == "variation" else "")
        assert bool(row["Regular price"]) == (row["Type"] != "variable")


def test_the_values_of_variations_are_those_that_their_product_lists() -> None:
    listed: dict[str, set[str]] = {}
    for row in rows("woocommerce", "en_GB.csv"):
        for number in range(1, 4):
            name, said = row[f"Attribute {number} name"], row[f"Attribute {number} value(s)"]
            if row["Type"] == "variable":
                listed[f"{row['SKU']} {name}"] = set(re.split(r"(?<!\\), ", said))
            elif row["Type"] == "variation" and name:
                assert said in listed[f"{row['Parent']} {name}"]
    assert len(listed) > 30


def test_every_offer_of_an_operator_is_of_a_product_that_its_other_file_has() -> None:
    products = {row["shop_sku"]: row for row in rows("mirakl", "products_fr_FR.csv", ";")}
    offers = rows("mirakl", "offers_fr_FR.csv", ";")
    assert [offer["product-id"] for offer in offers] == list(products)
    assert all(offer["sku"] == offer["product-id"] and offer["product-id-type"] == "SHOP_SKU" for offer in offers)
    assert all(float(offer["discount-price"] or 0) < float(offer["price"]) for offer in offers)


def test_a_product_and_its_offer_on_bol_have_the_same_ean() -> None:
    contents, offers = (
        made("bol_content")[name].splitlines() for name in ("content_fr_FR.jsonl", "offers_fr_FR.jsonl")
    )
    for content, offer in zip(map(json.loads, contents), map(json.loads, offers), strict=True):
        said = {attribute["id"]: attribute["values"][0]["value"] for attribute in content["attributes"]}
        assert (said["EAN"], said["Internal Reference"]) == (offer["ean"], offer["reference"])
        assert content["assets"][0]["labels"] == ["FRONT"]


def messages(name: str = "listings_fr_FR.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made("amazon_listings")[name])["messages"]
    return found


@pytest.mark.parametrize("name", [f"{kind}_{locale}.json" for kind in ("listings", "offers") for locale in LOCALES])
def test_amazon_accepts_the_feed_by_its_own_schema(name: str, test_data: Path) -> None:
    schema = json.loads((test_data / "schemas/amazon-feeds/listings-feed-schema-v2.json").read_text("utf-8"))
    feed = json.loads(made("amazon_listings")[name])
    assert list(jsonschema.Draft7Validator(schema).iter_errors(feed)) == []
    assert len({message["messageId"] for message in feed["messages"]}) == len(feed["messages"]) > 100


def test_a_parent_comes_before_its_children_and_names_what_tells_them_apart() -> None:
    themes: dict[str, str] = {}
    for message in messages():
        attributes = message["attributes"]
        relation = attributes.get("child_parent_sku_relationship")
        if relation:
            assert attributes["variation_theme"][0]["name"] == themes[relation[0]["parent_sku"]], message["sku"]
            assert all(theme.lower() in attributes for theme in themes[relation[0]["parent_sku"]].split("/"))
        elif "variation_theme" in attributes:
            themes[message["sku"]] = attributes["variation_theme"][0]["name"]
    assert len(themes) > 30


def test_a_product_type_knows_every_attribute_that_it_is_sent() -> None:
    folder = PROJECT / "schemas/items/amazon_listings/product_types"
    every = set(json.loads((folder / "every_type.schema.json").read_text("utf-8"))["properties"])
    unknown = {
        (message["productType"], name)
        for message in messages()
        for name in message["attributes"]
        if name
        not in every | set(json.loads((folder / f"{message['productType']}.schema.json").read_text())["properties"])
    }
    assert unknown == set()


def test_offers_alone_say_what_the_listings_say() -> None:
    offers = {offer["sku"]: offer["attributes"] for offer in messages("offers_fr_FR.json")}
    listed = {one["sku"]: one["attributes"] for one in messages() if "purchasable_offer" in one["attributes"]}
    assert offers == {sku: {name: of[name] for name in offers[sku]} for sku, of in listed.items()}


CHECK = ItemCheck(load_item_schema("amazon_listings/2026-11"), "amazon_listings/2026-11")


@settings(max_examples=40)
@given(st.data())
def test_both_engines_give_the_same_verdict_on_listings_that_somebody_spoiled(data: st.DataObject) -> None:
    item = copy.deepcopy(data.draw(st.sampled_from(list(told("amazon_listings")["accepted"].values()))))
    for _ in range(data.draw(st.integers(0, 2))):
        attributes = data.draw(st.sampled_from(item["messages"]))["attributes"]
        name = data.draw(st.sampled_from(sorted(attributes)))
        _spoil(attributes, name, data.draw(st.sampled_from(["drop", "twice", "long", "empty", "number"])))
    assert CHECK.accepts(item) is not bool(list(CHECK._explaining.iter_errors(item)))


def _spoil(attributes: dict[str, Any], name: str, how: str) -> None:
    entries = attributes[name]
    if how == "drop" or not entries:
        del attributes[name]
    elif how == "twice":
        entries.append(dict(entries[0]))
    elif how == "empty":
        entries.clear()
    else:
        entries[0][next(reversed(entries[0]))] = "é" * 2_001 if how == "long" else 12.345
