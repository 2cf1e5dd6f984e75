"""The website's structured data, read by a reader that is not ours and held against schema.org's rules for variants."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import extruct
import pytest

from pim.catalog.model import PRODUCT, Resolved, Root
from pim.syndication.context import mapping_context
from pim.syndication.mapping import Rendered, compile_mapping
from pim.syndication.validity import ItemCheck
from tests.contracts.export_examples import AS_OF, PUBLIC_URL, example_roots
from tests.syndication.demo_items import PROJECT, demo_definition, demo_structure, media_info

DEFINITION = demo_definition("website")
PROPERTIES = {"color", "size", "material"}


@cache
def pages(locale: str) -> dict[str, dict[str, Any]]:
    return {root.key: renderer(locale)(root).fields for root in roots()}


def renderer(locale: str) -> Callable[[Resolved | Root], Rendered]:
    context = mapping_context(DEFINITION, demo_structure(), locale, AS_OF, PUBLIC_URL, media_info)
    return compile_mapping(context)


def roots() -> Iterator[Root]:
    return example_roots(PROJECT / "channel_exports" / "website" / "examples" / "catalogue.ndjson")


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


def without(variant: Resolved, *attributes: str, **values: Any) -> Resolved:
    kept = {code: given for code, given in variant.document["values"].items() if code not in attributes}
    return replace(variant, document={**variant.document, "values": {**kept, **values}})


def page_without(code: str, *attributes: str, variants: int = 99, **values: Any) -> dict[str, Any]:
    """The French page when these attributes are missing in the first so many variants, or have other values."""
    (root,) = (one for one in roots() if one.head.code == code)
    products = [without(one, *attributes, **values) for one in root.products[:variants]]
    head = products[0] if root.head.kind == PRODUCT else root.head
    fields = renderer("fr_FR")(replace(root, head=head, products=(*products, *root.products[variants:]))).fields
    assert ItemCheck(DEFINITION.item_schema, DEFINITION.schema).accepts(fields)
    return fields


@pytest.mark.parametrize("missing", ["price", "picture"])
def test_what_a_merchant_listing_would_refuse_has_a_page_and_no_structured_data(missing: str) -> None:
    page = page_without("ampoule_filament", missing)
    assert set(page) == {"product", "breadcrumbs", "sitemap"}


def test_a_variant_without_price_is_left_out_of_the_group_only() -> None:
    page = page_without("ampoule_filament", "price", variants=1)
    assert len(page["jsonld"]["hasVariant"]) == len(page["product"]["variants"]) - 1


def test_a_price_of_zero_is_none() -> None:
    free = [{"locale": None, "scope": None, "data": [{"amount": "0.00", "currency": "EUR"}]}]
    page = page_without("cafe_ethiopie", price=free)
    assert not {"price_from", "price_to"} & set(page["product"])
    assert "jsonld" not in page


def test_a_page_needs_no_text_no_price_and_no_picture() -> None:
    page = page_without("CAF-MOK-6T", "description", "short_description", "meta_description", "price", "picture")
    assert not {"description_html", "summary", "images", "price_from"} & set(page["product"])
