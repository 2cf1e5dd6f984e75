"""What search engines, social networks and assistants get of the demo catalogue, held against what they ask for."""

import csv
import io
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.syndication.demo_feeds import LOCALES, made, rows, told
from tests.syndication.demo_items import PROJECT, demo_products

DATA = Path(os.environ.get("PIM_TEST_DATA", PROJECT.parent / "shared" / "data"))
ACP = DATA / "schemas" / "acp-2026-04-17" / "schema.feed.json"

UNFIT = {"FRO-NOC900": "9501105099071", "TEN-TAP-BIV2": "image"}
UNFIT_FOR_GOOGLE = {**UNFIT, "LIV-CAR": "gtin", "LIV-FOR": "title", "PON-AVE": "availability_date"}
WITHOUT_POUNDS = {"CAF-MOK-6T": "price"}
REJECTED: list[tuple[str, str, dict[str, str]]] = [
    ("google_merchant_tsv", "fr_FR", UNFIT_FOR_GOOGLE),
    ("google_merchant_tsv", "en_GB", {**UNFIT_FOR_GOOGLE, **WITHOUT_POUNDS}),
    ("google_supplemental", "fr_FR", {}),
    ("google_local_inventory", "fr_FR", {}),
    ("meta_catalog", "fr_FR", UNFIT),
    ("meta_catalog", "en_GB", {**UNFIT, **WITHOUT_POUNDS}),
    ("pinterest_catalog", "en_GB", {**UNFIT, **WITHOUT_POUNDS}),
    ("microsoft_merchant", "fr_FR", {**UNFIT, "LIV-FOR": "title"}),
    ("openai_products", "fr_FR", UNFIT),
    ("openai_products_2025", "fr_FR", UNFIT),
    ("agentic_commerce", "fr_FR", {"FRO-NOC900": "9501105099071"}),
]


@pytest.mark.parametrize(("export", "locale", "expected"), REJECTED)
def test_what_the_demo_lacks_is_rejected_by_name(export: str, locale: str, expected: dict[str, str]) -> None:
    found = told(export, locale)
    assert len(found["accepted"]) >= (8 if export == "google_local_inventory" else 50)
    assert found["rejected"].keys() == expected.keys()
    assert all(field in " ".join(found["rejected"][code]) for code, field in expected.items())


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_for_google_holds_the_items_of_the_rss(locale: str) -> None:
    names = {"g": "http://base.google.com/ns/1.0"}
    feed = ElementTree.fromstring(made("google_merchant")[f"{locale}.xml"])
    items = [
        {name: item.findtext(f"g:{name}", namespaces=names) or "" for name in ("id", "price", "gtin", "color")}
        for item in feed.iter("item")
    ]
    found = rows("google_merchant_tsv", f"{locale}.tsv", "\t")
    assert [{name: row[name] for name in ("id", "price", "gtin", "color")} for row in found] == items


def test_what_supplements_an_item_joins_on_an_id_of_the_main_feed() -> None:
    main, added = told("google_merchant"), told("google_supplemental")
    assert {row["id"] for row in rows("google_supplemental", "fr_FR.tsv", "\t")} == {
        *main["accepted"],
        *main["rejected"],
    }
    assert len([item for item in added["accepted"].values() if "promotion_id" in item]) > 5


def test_each_shop_that_has_a_product_has_a_row() -> None:
    found = rows("google_local_inventory", "fr_FR.tsv", "\t")
    said = [product.document["values"].get("store_stock", []) for product in demo_products()]
    assert len(found) == sum(len(value["data"]) for values in said for value in values)
    assert len({(row["store_code"], row["id"]) for row in found}) == len(found)
    assert {row["availability"] for row in found if row["id"] == "KIT-NUIT1"} == {"on_display_to_order"}
    assert all(bool(row["pickup_method"]) == (row["quantity"] != "0") for row in found)


@pytest.mark.parametrize("override", ["language", "country"])
def test_a_feed_that_overrides_names_items_of_the_main_feed_and_what_for(override: str) -> None:
    found = rows("meta_catalog", f"{override}-en_GB.csv")
    assert [row["id"] for row in found] == [row["id"] for row in rows("meta_catalog", "en_GB.csv")]
    assert {row["override"] for row in found} == {"en_XX" if override == "language" else "GB"}


def test_cells_of_several_values_are_read_back_as_they_were() -> None:
    accepted = told("meta_catalog")["accepted"]
    for row in rows("meta_catalog", "fr_FR.csv"):
        links = next(csv.reader(io.StringIO(row["additional_image_link"])), [])
        assert links == accepted[row["id"]].get("additional_image_link", [])
        assert all(len(rate.split(":")) == 4 for rate in next(csv.reader(io.StringIO(row["shipping"]))))


@pytest.mark.parametrize("locale", LOCALES)
def test_variants_of_a_group_have_the_same_options_and_differ_in_them(locale: str) -> None:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for item in told("openai_products", locale)["accepted"].values():
        if "group_id" in item:
            assert item["group_id"] != item["item_id"]
            groups[item["group_id"]].append(item["variant_dict"])
    assert len(groups) > 20
    for options in groups.values():
        assert len({tuple(option) for option in options}) == 1
        assert len({tuple(option.values()) for option in options}) == len(options)


def test_rows_for_assistants_hold_objects_as_json_and_booleans_in_words() -> None:
    lines = [json.loads(line) for line in made("openai_products")["fr_FR.jsonl"].splitlines()]
    for line, row in zip(lines, rows("openai_products", "fr_FR.csv"), strict=True):
        assert row["is_eligible_search"] == "true"
        assert json.loads(row["variant_dict"] or "null") == line.get("variant_dict")
        assert json.loads(row["dimensions"] or "null") == line.get("dimensions")


@pytest.mark.parametrize("locale", LOCALES)
def test_products_for_agents_follow_the_official_schema(locale: str) -> None:
    if not ACP.is_file():
        pytest.skip(f"{ACP} is not there; set PIM_TEST_DATA")
    schema: dict[str, Any] = json.loads(ACP.read_text("utf-8"))
    official = jsonschema.Draft202012Validator({**schema, "$ref": "#/$defs/UpsertProductsRequest"})
    request = json.loads(made("agentic_commerce")[f"upsert-{locale}.json"])
    assert [error.message for error in official.iter_errors(request)] == []
    lines = made("agentic_commerce")[f"products-{locale}.jsonl"].splitlines()
    assert [json.loads(line) for line in lines] == request["products"]
