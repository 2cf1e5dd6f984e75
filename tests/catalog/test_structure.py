"""The structure's lookups, and what an edit forgets of them."""

import pytest

from pim.versioning.model import Edit
from tests.makers import a_channel, a_small_catalogue, a_structure, an_attribute


def test_the_levels_of_a_family_variant_share_out_its_family():
    structure = a_structure()
    levels = [structure.attributes_at("shoes", "shoes_color_size", level) for level in (0, 1, 2)]
    assert levels[1] == {"color", "price"}
    assert levels[2] == {"size", "ean", "weight"}
    assert set().union(*levels) == set(structure.families["shoes"].attributes)
    assert sum(map(len, levels)) == len(structure.families["shoes"].attributes)


@pytest.mark.parametrize(("attribute", "places"), [
    ("color", {(None, None)}),
    ("name", {("fr_FR", None), ("en_GB", None)}),
    ("description", {("fr_FR", "web"), ("en_GB", "web"), ("fr_FR", "print")}),
    ("rank", {(None, "web"), (None, "print")}),
    ("legal", {("fr_FR", None)}),
    ("hint", {("en_GB", "web")}),
])  # fmt: skip
def test_a_value_may_stand_wherever_its_attribute_varies(attribute, places):
    structure = a_structure(
        [
            *a_small_catalogue(),
            an_attribute("rank", scopable=True),
            an_attribute("legal", localizable=True, available_locales=["fr_FR"]),
            an_attribute("hint", localizable=True, scopable=True, available_locales=["en_GB", "de_DE"]),
        ]
    )
    assert structure.places(structure.attributes[attribute]) == places


def test_a_copy_changes_by_itself():
    structure = a_structure()
    copied = structure.copy()
    copied.remove(("attribute_option", "color", "red"))
    copied.remove(("channel", "", "print"))
    assert "red" in structure.options["color"]
    assert set(structure.channels) == {"web", "print"}
    assert copied.active_locales == {"fr_FR", "en_GB"}
    assert set(copied.entities) == set(structure.entities) - {
        ("attribute_option", "color", "red"),
        ("channel", "", "print"),
    }


def test_a_change_is_seen_by_every_lookup():
    structure = a_structure()
    name = structure.attributes["name"]
    assert ("de_DE", None) not in structure.places(name)
    assert structure.children["master"] == ["outdoor", "home"]
    for edit in (a_channel("tv", locales=["de_DE"]), Edit("category", "garden", {"parent": "master"})):
        structure.put(next(iter(a_structure([edit]).entities.values())))
    assert ("de_DE", None) in structure.places(name)
    assert structure.children["master"] == ["outdoor", "home", "garden"]
    assert structure.tree_of["garden"] == "master"


def test_a_category_knows_its_way_from_the_root():
    structure = a_structure([*a_small_catalogue(), Edit("category", "tents", {"parent": "outdoor"})])
    assert [category.code for category in structure.category_path("tents")] == ["master", "outdoor", "tents"]


def test_a_label_is_the_code_in_brackets_where_there_is_none():
    structure = a_structure([an_attribute("brand", labels={"fr_FR": "Marque"})])
    assert structure.attributes["brand"].label("fr_FR") == "Marque"
    assert structure.attributes["brand"].label("en_GB") == "[brand]"
