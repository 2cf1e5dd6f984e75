"""Whole catalogues: those made by others, and our own demo catalogue."""

from pathlib import Path

import pytest

from pim.base.settings import data_folder
from pim.catalog.store import count_product_models, count_products

REAL = [("icecat_demo_dev", 1239, 81), ("technical", 0, 0), ("minimal", 0, 0)]


@pytest.mark.parametrize(("name", "products", "models"), REAL)
def test_an_akeneo_export_comes_in_whole_and_only_once(intake, test_data, name, products, models):
    folder = test_data / "akeneo" / name
    first, again = intake(folder), intake(folder)
    assert first.first_rejections == []
    assert first.total("rejected") == 0
    assert again.revisions == []
    with intake.database.session() as session:
        assert (count_products(session), count_product_models(session)) == (products, models)


def test_texts_of_an_akeneo_export_have_real_line_breaks(intake, test_data):
    intake(test_data / "akeneo" / "icecat_demo_dev")
    texts = intake.product("13871461")["values"]["description"]
    assert all("\n" in value["data"] and "\\n" not in value["data"] for value in texts)


def test_a_variant_of_an_akeneo_export_holds_only_its_own(intake, test_data):
    intake(test_data / "akeneo" / "icecat_demo_dev")
    own = intake.product("Biker-jacket-polyester-xl")
    assert own["parent"] == "model-biker-jacket-polyester"
    assert set(own["values"]) <= {"size", "ean", "weight"}


def test_the_demo_catalogue_comes_in_whole_and_only_once(intake):
    folder = data_folder("fixtures")
    lines = {path.stem: len(path.read_text("utf-8").splitlines()) for path in Path(folder).glob("*.ndjson")}
    first, again = intake(folder), intake(folder)
    assert first.first_rejections == []
    assert {
        name: counts["created"] for name, counts in first.counts.items() if name not in ("associations", "links")
    } == lines
    assert again.revisions == []
