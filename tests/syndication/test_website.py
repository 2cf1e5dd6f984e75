"""The website's structured data, read by a reader that is not ours and held against schema.org's rules for variants."""

import json
from functools import cache
from typing import Any

import extruct
import pytest

from pim.exports.load import load_definition
from pim.syndication.context import mapping_context
from pim.syndication.mapping import compile_mapping
from tests.contracts.export_examples import AS_OF, PUBLIC_URL, example_roots
from tests.syndication.demo_items import PROJECT, demo_structure, media_info

PROPERTIES = {"color", "size", "material"}


@cache
def pages(locale: str) -> dict[str, dict[str, Any]]:
    folder = PROJECT / "channel_exports" / "website"
    context = mapping_context(load_definition(folder), demo_structure(), locale, AS_OF, PUBLIC_URL, media_info)
    render = compile_mapping(context)
    return {root.key: render(root).fields for root in example_roots(folder / "examples" / "catalogue.ndjson")}


def groups(locale: str) -> list[dict[str, Any]]:
    found = [page["jsonld"] for page in pages(locale).values() if "jsonld" in page]
    return [node for node in found if node["@type"] == "ProductGroup"]


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_a_page_with_its_json_ld_is_read_back_whole(locale: str) -> None:
    for page in pages(locale).values():
        nodes = [page[part] for part in ("jsonld", "breadcrumbs") if part in page]
        scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
        found = extruct.extract(f"<html><head>{scripts}</head></html>", syntaxes=["json-ld"])["json-ld"]
        assert found == nodes


def test_each_variant_has_an_address_and_a_number_of_its_own() -> None:
    for group in groups("fr_FR"):
        variants = group["hasVariant"]
        for field in ("url", "sku", "@id"):
            assert len({variant[field] for variant in variants}) == len(variants)
        assert all(variant["url"].startswith(f"{group['url']}?") for variant in variants)


def test_what_variants_vary_by_stands_on_every_variant() -> None:
    assert groups("en_GB")
    for group in groups("en_GB"):
        varying = {url.rpartition("/")[2] for url in group.get("variesBy", [])} & PROPERTIES
        assert all(varying <= set(variant) for variant in group["hasVariant"])


def test_the_active_price_is_that_of_the_running_sale() -> None:
    offer = pages("fr_FR")["product/CAF-POC-10"]["jsonld"]["offers"]
    former = next(one for one in offer["priceSpecification"] if "priceType" in one)
    assert float(offer["price"]) < float(former["price"])


def test_a_reduction_that_is_none_is_not_announced() -> None:
    offer = pages("fr_FR")["product/GUI-SOL-10"]
    assert "sale" not in offer["product"]["variants"][0]
    assert "priceSpecification" not in offer["jsonld"]["offers"]
