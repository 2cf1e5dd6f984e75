"""The rules behind attributes, families, channels, …: what is refused, and what it says."""

from typing import Any

import msgspec
import pytest

from pim.base.errors import Violation
from pim.catalog.model import STRUCTURE_KINDS, owner_fields
from pim.catalog.structure import Structure
from pim.catalog.structure_rules import check_structure
from pim.versioning.model import Edit
from tests.makers import (
    SHOE_ATTRIBUTES,
    WEIGHT,
    a_channel,
    a_family,
    a_family_variant,
    a_small_catalogue,
    a_structure,
    an_attribute,
)

STRUCTURE = a_structure([*a_small_catalogue(), an_attribute("material", "reference_data_simpleselect")])


def an_item(edit: Edit) -> Any:
    owner = owner_fields(edit.kind, edit.owner)
    return msgspec.convert({"code": edit.code, **(edit.patch or {}), **owner}, STRUCTURE_KINDS[edit.kind])


def broken(edit: Edit, structure: Structure = STRUCTURE) -> list[Violation]:
    """The rules that the document of `edit` breaks, as a creation or as a change of what is there."""
    old = structure.item((edit.kind, edit.owner, edit.code or ""))
    return check_structure(edit.kind, an_item(edit), old, structure)


def color_variant(code: str = "by_color", axes: list[str] | None = None, own: list[str] | None = None) -> Edit:
    return a_family_variant(code, "shoes", (axes or ["color"], own if own is not None else ["ean"]))


def two_levels(first: tuple[list[str], list[str]], second: tuple[list[str], list[str]]) -> Edit:
    return a_family_variant("twice", "shoes", first, second)


def an_option(code: str, attribute: str) -> Edit:
    return Edit("attribute_option", code, {}, owner=attribute)


VALID = [
    an_attribute("Brand_2"),
    an_attribute("x" * 255),
    an_attribute("serial", unique=True),
    an_attribute("legal", localizable=True, available_locales=["fr_FR"]),
    an_attribute("width", "metric", metric_family="Weight", default_metric_unit="GRAM"),
    an_attribute("score", "number", number_min="-1", number_max="1"),
    an_attribute("teaser", max_characters=255),
    an_attribute("story", "textarea", max_characters=65_535),
    an_attribute("mail", validation_rule="regexp", validation_regexp="/^.+@.+$/i"),
    an_option("dark-red_2", "color"),
    a_family("empty", []),
    a_family("hats", ["sku", "name", "picture"], attribute_as_label="name", attribute_as_image="picture"),
    a_family("hats", ["sku", "name"], attribute_requirements={"web": ["name"]}),
    color_variant(),
    color_variant(axes=["color", "size", "waterproof", "weight"]),
    color_variant(own=["ean", "sku"]),
    two_levels((["color"], ["price"]), (["size"], ["ean", "weight"])),
    Edit("category", "sub-cat_1", {"parent": "outdoor"}),
    Edit("category", "outdoor", {"parent": "home"}),
    a_channel("app", conversion_units={"weight": "GRAM"}),
    *(Edit("locale", code, {}) for code in ("fr_FR", "zh_Hans_CN", "es_419")),
    Edit("currency", "CHF", {"enabled": False}),
    Edit("association_type", "spare", {}),
    Edit("group", "bundle", {"type": "related"}),
    Edit("measurement_family", "Mass", WEIGHT),
]


@pytest.mark.parametrize("edit", VALID, ids=lambda edit: f"{edit.kind} {edit.code}"[:40])
def test_a_good_document_breaks_no_rule(edit):
    assert broken(edit) == []


INVALID = [
    (an_attribute("bad-code"), "code", "code `bad-code` must be 1 to 255 of the characters a–z, A–Z, 0–9 and _"),
    (an_attribute("été"), "code", "must be 1 to 255"),
    (an_attribute("x" * 256), "code", "must be 1 to 255"),
    (an_attribute("brand\n"), "code", "must be 1 to 255"),
    (an_attribute("brand", "colour"), "type", "has the type `pim_catalog_colour`; known: akeneo_reference_entity"),
    (Edit("attribute", "brand", {"type": "pim_catalog_text"}), "group", "needs a group; known: general"),
    (an_attribute("brand", group="x"), "group", "in the group `x`, which does not exist; known: general"),
    (an_attribute("brand", "boolean", unique=True), "unique", "cannot be unique with the type `pim_catalog_boolean`"),
    (an_attribute("brand", "textarea", unique=True), "unique", "cannot be unique"),
    (an_attribute("brand", unique=True, localizable=True), "unique", "can be neither localizable nor scopable"),
    (an_attribute("brand", unique=True, scopable=True), "unique", "can be neither localizable nor scopable"),
    (an_attribute("mpn", "identifier"), "type", "`sku` is, and there is only one"),
    (an_attribute("sku", "identifier", localizable=True), "localizable", "neither localizable nor scopable"),
    (an_attribute("brand", available_locales=["it_IT"]), "available_locales", "names the locale `it_IT`"),
    (an_attribute("color", "simpleselect", available_locales=["fr_FR"]), "available_locales", "it is an axis of"),
    (an_attribute("brand", metric_family="Weight"), "metric_family", "is no metric: leave its metric_family out"),
    (an_attribute("depth", "metric"), "metric_family", "needs a metric_family that exists; known: Weight"),
    (an_attribute("depth", "metric", metric_family="Length"), "metric_family", "known: Weight"),
    (
        an_attribute("depth", "metric", metric_family="Weight", default_metric_unit="METER"), "default_metric_unit",
        "has the default unit `METER`, which is not of Weight; known: GRAM, KILOGRAM",
    ),
    (an_attribute("brand", max_characters=256), "max_characters", "must be from 1 to 255"),
    (an_attribute("brand", "textarea", max_characters=65_536), "max_characters", "must be from 1 to 65535"),
    (an_attribute("brand", max_characters=0), "max_characters", "must be from 1 to 255"),
    (an_attribute("score", "number", number_min="low"), "number_min", "number_min is `low`, not a number"),
    (an_attribute("score", "number", number_min="2", number_max="1"), "number_min", "is above number_max 1"),
    (an_attribute("day", "date", date_max="soon"), "date_max", "date_max is `soon`, not a date"),
    (an_attribute("day", "date", date_min="2026-02-01", date_max="2026-01-01"), "date_min", "is after date_max"),
    (an_attribute("brand", validation_rule="isbn"), "validation_rule", "`isbn` is unknown; known: email, regexp, url"),
    (an_attribute("brand", validation_regexp="/(/"), "validation_regexp", "`/(/` is no pattern"),
    (an_attribute("brand", labels={"it_IT": "Marca"}), "labels.it_IT", "label in `it_IT`: that locale does not exist"),
    (an_attribute("brand", labels={"fr_FR": "x" * 256}), "labels.fr_FR", "has 256 characters; at most 255 fit"),
    (an_attribute("color", "multiselect"), "type", "type is 'pim_catalog_simpleselect' for good; make a new one"),
    (an_attribute("name", localizable=False), "localizable", "localizable is True for good"),
    (an_attribute("color", "simpleselect", scopable=True), "scopable", "scopable is False for good"),
    (an_attribute("ean", unique=False), "unique", "unique is True for good"),
    (an_attribute("weight", "metric", metric_family="Mass"), "metric_family", "metric_family is 'Weight' for good"),
    (an_option("pink", "colour"), "attribute", "is of the attribute `colour`, which does not exist"),
    (an_option("pink", "name"), "attribute", "is of type pim_catalog_text; only selects have options"),
    (an_option("dark red", "color"), "code", "a–z, A–Z, 0–9, _ and -"),
    (a_family("hats", ["sku", "nam"]), "attributes", "names the attribute `nam`, which does not exist; known:"),
    (a_family("hats", ["sku"], attribute_as_label="name"), "attribute_as_label", "`name` is not among its attributes"),
    (a_family("hats", ["color"], attribute_as_label="color"), "attribute_as_label", "must be a text, textarea or id"),
    (a_family("hats", ["name"], attribute_as_image="name"), "attribute_as_image", "must be an image"),
    (
        a_family("hats", ["sku"], attribute_requirements={"web": ["name"]}), "attribute_requirements.web",
        "family `hats` requires `name` for `web`, but it is not among its attributes",
    ),
    (
        a_family("hats", ["sku"], attribute_requirements={"tv": ["sku"]}), "attribute_requirements.tv",
        "requires for the channel `tv`; known: print, web",
    ),
    (
        a_family("shoes", [code for code in SHOE_ATTRIBUTES if code != "color"]), "attributes",
        "cannot lose `color`: it is an axis of the family variant `shoes_color`",
    ),
    (a_family_variant("new", "socks", (["color"], [])), "family", "which does not exist; known: books, shoes"),
    (a_family_variant("shoes_color", "books", (["color"], [])), "code", "another family has a variant of this code"),
    (Edit("family_variant", "new", {"variant_attribute_sets": []}, owner="shoes"), "variant_attribute_sets", "one or"),
    (
        a_family_variant("new", "shoes", (["color"], []), (["size"], []), (["waterproof"], ["ean"])),
        "variant_attribute_sets", "one or two attribute sets, with the levels 1 and 2",
    ),
    (color_variant(axes=["color", "color"]), "variant_attribute_sets.1.axes", "give 1 to 5 different axes"),
    (color_variant(axes=["colour"]), "variant_attribute_sets.1.axes", "the axis `colour` is no attribute"),
    (color_variant(axes=["tags"]), "variant_attribute_sets.1.axes", "pim_catalog_multiselect and cannot be an axis"),
    (color_variant(axes=["price"]), "variant_attribute_sets.1.axes", "cannot be an axis"),
    (color_variant(axes=["name"]), "variant_attribute_sets.1.axes", "cannot be an axis"),
    (color_variant(own=["ean", "pages"]), "variant_attribute_sets", "`pages` is not in the family `shoes`; known:"),
    (color_variant(own=[]), "variant_attribute_sets", "the unique attribute `ean` must be at the last level, 1"),
    (
        two_levels((["color"], ["ean"]), (["size"], [])), "variant_attribute_sets",
        "the unique attribute `ean` must be at the last level, 2",
    ),
    (
        two_levels((["color"], ["sku"]), (["size"], ["ean"])), "variant_attribute_sets",
        "the unique attribute `sku` must be at the last level, 2",
    ),
    (
        two_levels((["color"], ["price"]), (["size"], ["ean", "price"])), "variant_attribute_sets",
        "`price` is at level 1 and at level 2; keep one",
    ),
    (color_variant("shoes_color", axes=["size"], own=["ean", "weight"]), "variant_attribute_sets", "cannot change"),
    (
        a_family_variant("shoes_color", "shoes", (["color"], []), (["size"], ["ean", "weight"])),
        "variant_attribute_sets", "its axes and levels cannot change",
    ),
    (color_variant("shoes_color", own=["ean"]), "variant_attribute_sets", "`weight` cannot move up from level 1"),
    (Edit("category", "tents", {"parent": "garden"}), "parent", "has the parent `garden`, which does not exist"),
    (Edit("category", "master", {"parent": "outdoor"}), "parent", "cannot be below itself: `outdoor` is under it"),
    (Edit("category", "outdoor", {"parent": "outdoor"}), "parent", "cannot be below itself"),
    (a_channel("tv", locales=[]), "locales", "needs at least one locale"),
    (a_channel("tv", locales=["it_IT"]), "locales", "names the locale `it_IT`, which does not exist; known: de_DE"),
    (a_channel("tv", currencies=[]), "currencies", "needs at least one active currency"),
    (a_channel("tv", currencies=["USD"]), "currencies", "names the active currency `USD`"),
    (a_channel("tv", category_tree="outdoor"), "category_tree", "is no root of a tree; known: master"),
    (a_channel("tv", category_tree="garden"), "category_tree", "known: master"),
    (a_channel("tv", conversion_units={"name": "GRAM"}), "conversion_units.name", "`name`, which is no metric"),
    (
        a_channel("tv", conversion_units={"weight": "METER"}), "conversion_units.weight",
        "converts `weight` to `METER`, which is not of Weight; known: GRAM, KILOGRAM",
    ),
    *(
        (Edit("locale", code, {}), "code", "is not a locale; write it like fr_FR")
        for code in ("french", "FR", "fr-FR", "fr_", "fr_FR\n")
    ),
    *((Edit("currency", code, {}), "code", "write it like EUR") for code in ("euro", "eur", "EU")),
    (Edit("currency", "EUR", {"enabled": False}), "enabled", "cannot be switched off: channels use it (print, web)"),
    (Edit("association_type", "x", {"is_quantified": True, "is_two_way": True}), "is_two_way", "not both"),
    (Edit("association_type", "pair", {"is_two_way": False}), "is_two_way", "is_two_way is True for good"),
    (Edit("association_type", "upsell", {"is_quantified": True}), "is_quantified", "for good"),
    (Edit("group", "bundle", {"type": "x"}), "type", "has the type `x`, which does not exist; known: related"),
    (
        Edit("measurement_family", "Weight", {**WEIGHT, "standard_unit_code": "GRAM"}), "standard_unit_code",
        "standard_unit_code is 'KILOGRAM' for good",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "path", "wanted"), INVALID, ids=lambda value: str(value)[:30])
def test_a_bad_document_is_refused_and_told_the_way_out(edit, path, wanted):
    found = [violation for violation in broken(edit) if violation.path == path]
    assert [wanted in violation.message for violation in found].count(True) == 1, broken(edit)


@pytest.mark.parametrize("property", ["localizable", "scopable", "available_locales", "unique"])
def test_an_axis_is_the_same_for_everybody(property):
    varying = {"available_locales": ["fr_FR"]} if property == "available_locales" else {property: True}
    attribute = an_attribute("mark", "simpleselect", **varying)
    structure = a_structure([*a_small_catalogue(), attribute, a_family("hats", ["sku", "mark"])])
    messages = [v.message for v in broken(a_family_variant("by_mark", "hats", (["mark"], [])), structure)]
    assert (
        "family variant `by_mark`: the axis `mark` may not be localizable, scopable, locale-specific or unique"
        in messages
    )


def test_reference_data_can_be_an_axis():
    structure = a_structure([*a_small_catalogue(), a_reference(), a_family("hats", ["sku", "cloth"])])
    assert broken(a_family_variant("by_cloth", "hats", (["cloth"], [])), structure) == []


def a_reference() -> Edit:
    return Edit("attribute", "cloth", {"type": "pim_reference_data_simpleselect", "group": "general"})


def test_five_axes_are_accepted_and_six_are_not():
    axes = [f"axis{number}" for number in range(6)]
    attributes = [an_attribute(code, "boolean") for code in axes]
    structure = a_structure([*a_small_catalogue(), *attributes, a_family("hats", ["sku", *axes])])
    assert broken(a_family_variant("five", "hats", (axes[:5], [])), structure) == []
    (violation,) = broken(a_family_variant("six", "hats", (axes, [])), structure)
    assert "give 1 to 5 different axes" in violation.message


def test_an_axis_may_be_named_among_the_attributes_or_not():
    assert broken(a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", "color"]))) == []
    with_axis = a_family_variant("shoes_color", "shoes", (["color"], ["ean", "color"]))
    structure = a_structure([*a_small_catalogue(), with_axis])
    assert broken(a_family_variant("shoes_color", "shoes", (["color"], ["ean"])), structure) == []


def test_an_attribute_may_move_down_but_not_up():
    code, family = "shoes_color_size", "shoes"
    assert broken(a_family_variant(code, family, (["color"], []), (["size"], ["ean", "weight", "price"]))) == []
    up = broken(a_family_variant(code, family, (["color"], ["price", "weight"]), (["size"], ["ean"])))
    assert ["cannot move up from level 2" in violation.message for violation in up] == [True]


def test_the_tree_of_a_channel_stays_a_root():
    structure = a_structure([*a_small_catalogue(), Edit("category", "garden", {})])
    (violation,) = broken(Edit("category", "master", {"parent": "garden"}), structure)
    assert (violation.path, "tree of channels (print, web)" in violation.message) == ("parent", True)


def test_a_label_in_a_locale_that_has_gone_stands_in_nobodys_way():
    edits = [edit for edit in a_small_catalogue() if edit.code != "de_DE"]
    structure = a_structure([*edits, an_attribute("brand", labels={"de_DE": "Marke"})])
    assert broken(an_attribute("brand", labels={"de_DE": "Marke", "fr_FR": "Marque"}), structure) == []


MEASURES: list[tuple[dict[str, Any], str]] = [
    ({"standard_unit_code": "TON"}, "the standard unit `TON` is not among its units; known: GRAM, KILOGRAM"),
    ({"GRAM": [{"operator": "pow", "value": "2"}]}, "operator `pow`; known: add, div, mul, sub"),
    ({"GRAM": [{"operator": "mul", "value": "much"}]}, "`mul much` cannot be computed and undone"),
    ({"GRAM": [{"operator": "div", "value": "0"}]}, "`div 0` cannot be computed and undone"),
    ({"KILOGRAM": [{"operator": "mul", "value": "2"}]}, "the standard unit `KILOGRAM` must convert to itself"),
]


@pytest.mark.parametrize(("change", "wanted"), MEASURES, ids=lambda value: str(value)[:30])
def test_units_must_convert_and_convert_back(change, wanted):
    units = {
        code: {**unit, "convert_from_standard": change.get(code, unit["convert_from_standard"])}
        for code, unit in WEIGHT["units"].items()
    }
    standard = change.get("standard_unit_code", "KILOGRAM")
    found = broken(Edit("measurement_family", "Mass", {"standard_unit_code": standard, "units": units}))
    assert [wanted in violation.message for violation in found] == [True]


def test_a_unit_is_never_taken_away():
    fewer = {**WEIGHT, "units": {"KILOGRAM": WEIGHT["units"]["KILOGRAM"]}}
    (violation,) = broken(Edit("measurement_family", "Weight", fewer))
    assert "cannot lose the units GRAM: stored measures may use them" in violation.message


def test_every_broken_rule_is_told_at_once():
    bad = an_attribute("bad code", group="x", unique=True, localizable=True, max_characters=0, labels={"it_IT": "y"})
    assert {violation.path for violation in broken(bad)} == {
        "code", "group", "unique", "max_characters", "labels.it_IT",
    }  # fmt: skip
