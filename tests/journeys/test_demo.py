"""The main job, end to end, its results read with programs that are not ours."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import extruct
import feedparser
import jsonschema
import pytest
import zxingcpp
from lxml import etree
from PIL import Image

from pim.base.settings import data_folder
from pim.exports.load import load_item_schema
from tests.journeys.installation import PimInstallation

EXPORTS = {path.parent.name for path in data_folder("channel_exports").glob("*/export.yaml")}


def test_all_exports_show_the_same_revision(demo):
    status = demo.json("status")
    assert {row["name"] for row in status["exports"]} == EXPORTS
    assert {row["revision"] for row in status["exports"]} == {status["revision"]}


def test_every_file_is_what_the_status_says(demo):
    from hashlib import sha256

    for row in demo.json("status")["exports"]:
        content = Path(row["path"]).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (row["bytes"], row["sha256"])


def test_feedparser_reads_every_offer_of_the_shopping_feed(demo):
    rows = {row["file"]: row["items"] for row in demo.json("status")["exports"] if row["name"] == "google_merchant"}
    for name, path in demo.files("google_merchant").items():
        if not name.endswith(".xml"):
            continue
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo
        assert len(feed.entries) == rows[name] > 100
        assert all(re.fullmatch(r"\d+\.\d\d (EUR|GBP)", entry.g_price) for entry in feed.entries)


def test_extruct_finds_the_products_in_a_page_with_the_json_ld(demo):
    for name, path in demo.files("website").items():
        if not name.startswith("jsonld"):
            continue
        for document in json.loads(path.read_bytes()):
            page = f'<html><script type="application/ld+json">{json.dumps(document)}</script></html>'
            (found,) = extruct.extract(page, syntaxes=["json-ld"])["json-ld"]
            offers = found["hasVariant"] if found["@type"] == "ProductGroup" else [found]
            assert all(float(offer["offers"]["price"]) > 0 for offer in offers if "offers" in offer)


def test_the_sitemap_follows_its_schema(demo, test_data):
    xsd = (test_data / "schemas" / "sitemap" / "sitemap.xsd").read_bytes()
    schema = etree.XMLSchema(etree.fromstring(xsd.replace(b'processContents="strict"', b'processContents="lax"')))
    schema.assertValid(etree.parse(demo.files("website")["sitemap.xml"]))


def test_the_language_versions_in_the_sitemap_are_reciprocal(demo):
    tree = etree.parse(demo.files("website")["sitemap.xml"])
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    alternates = {
        url.findtext("s:loc", namespaces=names): {link.get("href") for link in url.findall("x:link", names)}
        for url in tree.getroot().findall("s:url", names)
    }
    for place, others in alternates.items():
        assert place in others
        assert all(alternates[other] == others for other in others)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_the_printed_catalogue_is_a_sound_pdf_in_its_language(demo, locale):
    path = next(path for name, path in demo.files("print_catalog").items() if locale in name)
    for program in ("qpdf", "pdfinfo", "pdftotext"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: install poppler-utils and qpdf")
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    info = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", info)[1]) > 20
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout
    assert ("Sommaire" if locale == "fr_FR" else "Contents") in text


def test_the_barcodes_on_the_labels_are_those_of_the_index(demo):
    (index,) = (path for name, path in demo.files("in_store").items() if name == "labels_fr_FR.json")
    labels = [label for label in json.loads(index.read_bytes())["labels"] if label["eans"]]
    assert len(labels) > 200
    for label in labels[::17]:
        found = zxingcpp.read_barcodes(_enlarged(index.parent / label["image"]))
        assert {code.text for code in found if code.format == zxingcpp.BarcodeFormat.EAN13} == set(label["eans"])


def _enlarged(path: Path) -> Image.Image:
    image = Image.open(path).convert("RGB")
    return image.resize((image.width * 3, image.height * 3), Image.Resampling.NEAREST)


def test_every_item_of_the_shop_front_is_valid_by_the_reference_implementation(demo):
    schema = load_item_schema("website/2026-11")["properties"]["product"]
    root = load_item_schema("website/2026-11")
    validator = jsonschema.Draft202012Validator({**schema, "$defs": root.get("$defs", {})})
    for name, path in demo.files("website").items():
        if name.startswith("products"):
            for item in json.loads(path.read_bytes())["products"]:
                assert not list(validator.iter_errors(item))


def test_what_is_wrong_with_the_demo_is_reported_with_the_attribute_to_fix(demo):
    rejected = demo.json("exports", "report", "google_merchant")["rejected"]
    named = {(row["item"], row["field"]): row for row in rejected}
    assert ("TEN-TAP-BIV2", "image_link") in named
    assert "ean" in json.dumps(named["LIV-CAR", "gtin"])


def test_shops_and_marketplaces_contradict_nobody(demo):
    contradictions = demo.json("audit")["contradictions"]
    said = {one["export"] for contradiction in contradictions for one in contradiction["statements"]}
    assert not said & {"shopify", "woocommerce", "mirakl", "bol_content", "amazon_listings"}


def test_the_same_again_changes_nothing(demo):
    before = demo.json("status")
    demo.ok("demo", "--no-serve")
    assert demo.json("status") == before


def test_a_past_revision_renders_to_the_bytes_that_were_published_then(demo, tmp_path):
    published, revision = _digests(demo), demo.json("status")["revision"]
    change = tmp_path / "names.ndjson"
    change.write_text('{"identifier": "AMA-THY-150", "enabled": false}\n', "utf-8")
    demo.ok("import", change)
    demo.ok("export", "website")
    assert _digests(demo) != published
    (again,) = demo.json("export", "website", "--as-of", str(revision))["exports"]
    assert {feed["file"]: feed["sha256"] for feed in again["feeds"]} == published
    demo.ok("revert", str(revision + 1))
    demo.ok("export", "website")


def _digests(demo: PimInstallation) -> dict[str, str]:
    """Of what is current for the website."""
    return {row["file"]: row["sha256"] for row in demo.json("status")["exports"] if row["name"] == "website"}


def test_a_real_catalogue_renders_to_all_exports_but_one(fresh: PimInstallation, test_data):
    fresh.ok("import", test_data / "akeneo" / "icecat_demo_dev")
    status = fresh.json("status")
    assert (status["products"], status["product_models"]) == (1239, 81)
    fresh.ok("export")
    fed = {row["name"] for row in fresh.json("status")["exports"] if row["items"]}
    # it says nothing of shops, and of no product where it was made
    assert fed == EXPORTS - {"google_local_inventory", "amazon_listings"}
    asked = {row["field"] for row in fresh.json("exports", "report", "amazon_listings")["rejected"]}
    assert "messages.0.attributes.country_of_origin" in asked
