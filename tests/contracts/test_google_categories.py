"""The ids in our lookup files are in Google's own product taxonomy."""

import os
import re
from pathlib import Path

import pytest

from pim.exports.load import load_definition
from tests.syndication.demo_items import PROJECT, demo_structure

DATA = Path(os.environ.get("PIM_TEST_DATA", PROJECT.parent / "shared" / "data"))
TAXONOMY = DATA / "taxonomy" / "taxonomy-with-ids.en-US.txt"
LOOKUPS = load_definition(PROJECT / "channel_exports" / "google_merchant").lookups


@pytest.mark.skipif(not TAXONOMY.is_file(), reason=f"{TAXONOMY} is not there; set PIM_TEST_DATA")
@pytest.mark.parametrize("name", ["google_category_by_category.yaml", "google_category_by_family.yaml"])
def test_every_id_is_a_category_of_google(name: str) -> None:
    known = set(re.findall(r"^(\d+) - ", TAXONOMY.read_text("utf-8"), re.MULTILINE))
    assert set(LOOKUPS[name].values()) <= known


def test_every_family_of_the_demo_catalogue_has_a_category_of_google() -> None:
    assert set(demo_structure().families) <= set(LOOKUPS["google_category_by_family.yaml"])
