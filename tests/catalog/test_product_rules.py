"""The rules behind products and product models: levels, axes, places of values, associations."""

from typing import Any

import pytest

from pim.base.errors import Violation
from pim.catalog.broken_rules import Broken
from pim.catalog.model import Document
from pim.catalog.product_rules import axis_key, canonical_values, check_product, check_product_model
from tests.makers import a_small_catalogue, a_structure, an_attribute, value, values

STRUCTURE = a_structure(
    [
        *a_small_catalogue(),
        an_attribute("legal", localizable=True, available_locales=["fr_FR"]),
        an_attribute("rank", "number", scopable=True),
    ]
)


def a_document(**fields: Any) -> Document:
    document = {
        "identifier": "x", "enabled": True, "family": None, "parent": None, "categories": [], "groups": [],
        "values": {}, "associations": {}, "quantified_associations": {},
    }  # fmt: skip
    return {**document, **fields}


def a_model(code: str = "boot", variant: str = "shoes_color_size", **fields: Any) -> Document:
    document = {
        "code": code, "family": "shoes", "family_variant": variant, "parent": None, "categories": [], "values": {},
        "associations": {}, "quantified_associations": {},
    }  # fmt: skip
    return {**document, **fields}


ROOT = a_model()
MIDDLE = a_model("boot-red", parent="boot", values=values(color="red"))


def product_broken(document: Document, *parents: Document, old: Document | None = None) -> list[Violation]:
    broken: Broken = []
    check_product(document, old, list(parents), STRUCTURE, broken)
    return broken


def model_broken(document: Document, *parents: Document, old: Document | None = None) -> list[Violation]:
    broken: Broken = []
    check_product_model(document, old, list(parents), STRUCTURE, broken)
    return broken


MISPLACED = [
    ("name", None, None, "is localizable: give a locale"),
    ("color", "fr_FR", None, "is not localizable: give the locale null instead of `fr_FR`"),
    ("description", "fr_FR", None, "is scopable: give a scope; known: print, web"),
    ("name", "fr_FR", "web", "is not scopable: give the scope null instead of `web`"),
    ("rank", None, "tv", "channel `tv` does not exist; known: print, web"),
    ("name", "de_DE", None, "locale `de_DE` is not active in any channel; known: en_GB, fr_FR"),
    ("legal", "en_GB", None, "exists only in fr_FR, not in `en_GB`"),
    ("description", "en_GB", "print", "locale `en_GB` is not one of the channel `print`; known: fr_FR"),
]


@pytest.mark.parametrize(("attribute", "locale", "scope", "wanted"), MISPLACED)
def test_a_value_stands_where_its_attribute_varies(attribute, locale, scope, wanted):
    broken: Broken = []
    canonical_values({attribute: value("3", locale, scope)}, STRUCTURE, broken)
    assert wanted in broken[0].message
    assert (broken[0].attribute, broken[0].locale, broken[0].scope) == (attribute, locale, scope)


def test_an_unknown_attribute_is_told_with_those_there_are():
    broken: Broken = []
    assert canonical_values({"colour": value("red")}, STRUCTURE, broken) == {}
    assert "attribute `colour` does not exist; known: color, description, ean" in broken[0].message


def test_every_bad_value_is_told_at_once():
    broken: Broken = []
    bad = values(color="pink", pages="many", nope=1, name={"fr_FR": "x" * 300, "en_GB": 3})
    canonical_values(bad, STRUCTURE, broken)
    assert [(v.attribute, v.locale) for v in broken] == [
        ("color", None), ("pages", None), ("nope", None), ("name", "fr_FR"), ("name", "en_GB"),
    ]  # fmt: skip


def test_a_value_whose_locale_has_gone_can_still_be_erased():
    def erased(stored: Any) -> Broken:
        broken: Broken = []
        canonical_values({"name": value(None, "de_DE")}, STRUCTURE, broken, stored)
        return broken

    assert erased({"name": value("Zelt", "de_DE")}) == []
    assert [violation.code for violation in erased({})] == ["unknown_locale"]


BAD_PRODUCTS = [
    ({"identifier": "a,b"}, "identifier", "identifier `a,b` holds a comma"),
    ({"family": "socks"}, "family", "family `socks` does not exist; known: books, shoes"),
    ({"categories": ["garden"]}, "categories", "category `garden` does not exist; known: home, master, outdoor"),
    ({"groups": ["x"]}, "groups", "group `x` does not exist; known: gifts"),
    ({"associations": {"x": {}}}, "associations.x", "association type `x` does not exist; known: pair, set, upsell"),
    ({"associations": {"set": {}}}, "associations.set", "association type `set` belongs in `quantified_associations`"),
    ({"associations": {"upsell": {"groups": ["x"]}}}, "associations.upsell.groups", "group `x` does not exist"),
    ({"quantified_associations": {"upsell": {}}}, "quantified_associations.upsell", "belongs in `associations`"),
]


@pytest.mark.parametrize(("fields", "path", "wanted"), BAD_PRODUCTS, ids=lambda value: str(value)[:40])
def test_a_product_refers_to_what_there_is(fields, path, wanted):
    (violation,) = product_broken(a_document(**fields))
    assert violation.path == path
    assert wanted in violation.message


def test_every_violation_of_a_product_is_told_at_once():
    bad = a_document(identifier=" x", family="socks", categories=["garden"], groups=["y"], associations={"z": {}})
    paths = {violation.path for violation in product_broken(bad)}
    assert paths == {"identifier", "family", "categories", "groups", "associations.z"}


@pytest.mark.parametrize(("quantity", "accepted"), [
    (1, True), (2_147_483_647, True), (0, False), (-1, False), (2_147_483_648, False), (None, False), (1.5, False),
    (True, False), ("2", False),
])  # fmt: skip
def test_a_quantity_is_a_whole_number_from_1_to_2147483647(quantity, accepted):
    document = a_document(quantified_associations={"set": {"products": [{"uuid": "u", "quantity": quantity}]}})
    messages = [violation.message for violation in product_broken(document)]
    assert messages == ([] if accepted else [
        f"association `set`: the quantity {quantity!r} must be a whole number from 1 to 2147483647"
    ])  # fmt: skip


def test_a_simple_product_may_hold_values_beyond_its_family():
    assert product_broken(a_document(family="books", values=values(color="red"))) == []


def test_a_variant_holds_the_last_level_and_has_its_models_family():
    variant = a_document(parent="boot-red", values=values(size="m", ean="1"))
    assert product_broken(variant, ROOT, MIDDLE) == []
    assert variant["family"] == "shoes"


BAD_VARIANTS = [
    ({"family": "books"}, (ROOT, MIDDLE), "family", "is not that of the product model `boot-red`, `shoes`"),
    ({}, (ROOT,), "parent", "parent `boot` is at level 1 of the family variant `shoes_color_size`, which has 2"),
    ({"values": values(ean="1")}, (ROOT, MIDDLE), "values.size", "the axis `size` has no value"),
    (
        {"values": values(size="m", pages="3")}, (ROOT, MIDDLE), "values.pages",
        "attribute `pages` is not held at this level of `shoes_color_size`; known: ean, size, weight",
    ),
    ({"categories": ["garden"]}, (ROOT, MIDDLE), "categories", "category `garden` does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "parents", "path", "wanted"), BAD_VARIANTS, ids=lambda value: str(value)[:40])
def test_a_variant_has_its_place(fields, parents, path, wanted):
    document = a_document(**{"parent": parents[-1]["code"], "values": values(size="m"), **fields})
    (violation,) = product_broken(document, *parents)
    assert violation.path == path
    assert wanted in violation.message


def test_values_of_a_level_above_are_not_stored_and_warned_of():
    variant = a_document(parent="boot-red", values=values(size="m", color="blue", price=[], name={"fr_FR": "x"}))
    broken: Broken = []
    warnings = check_product(variant, None, [ROOT, MIDDLE], STRUCTURE, broken)
    assert broken == []
    assert set(variant["values"]) == {"size"}
    assert [warning.split("`")[1] for warning in warnings] == ["color", "price", "name"]
    assert all("belongs to the product model and was not stored; change it there" in warning for warning in warnings)


def test_a_simple_product_may_become_a_variant():
    simple = a_document(family="shoes", values=values(size="m"))
    assert product_broken({**simple, "parent": "boot-red"}, ROOT, MIDDLE, old=simple) == []


def test_a_variant_stays_in_its_family():
    old = a_document(family="books", parent="novel", values=values(size="m"))
    (violation,) = product_broken({**old, "family": None, "parent": "boot-red"}, ROOT, MIDDLE, old=old)
    assert (violation.path, violation.code) == ("parent", "other_family")


def test_models_of_both_levels_hold_their_own():
    assert model_broken(a_model(values=values(name={"fr_FR": "Botte"}))) == []
    assert model_broken({**MIDDLE, "values": values(color="red", price=[])}, ROOT) == []


BAD_MODELS = [
    (a_model("a;b"), (), "code", "code `a;b` holds a comma, a semicolon"),
    (a_model(variant="x"), (), "family_variant", "needs a family variant of its family `shoes`, not `x`; known:"),
    (a_model(family="socks"), (), "family_variant", "needs a family variant of its family `socks`"),
    (
        a_model("low", parent="boot-red", values=values(size="m")), (ROOT, MIDDLE), "parent",
        "`low` is too deep: family variant `shoes_color_size` has 2 level(s)",
    ),
    (
        a_model("other", "shoes_color", parent="boot", values=values(color="red")), (ROOT,), "family_variant",
        "its parent `boot` has `shoes_color_size`; they must be the same",
    ),
    (a_model(values=values(size="m")), (), "values.size", "attribute `size` is not held at this level"),
    (a_model("no-axis", parent="boot"), (ROOT,), "values.color", "the axis `color` has no value"),
    (a_model(categories=["garden"]), (), "categories", "category `garden` does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "parents", "path", "wanted"), BAD_MODELS, ids=lambda value: str(value)[:40])
def test_a_product_model_has_its_place(document, parents, path, wanted):
    (violation,) = model_broken(document, *parents)
    assert violation.path == path
    assert wanted in violation.message


@pytest.mark.parametrize(("field", "new"), [
    ("code", "shoe"), ("family", "books"), ("family_variant", "shoes_color"), ("parent", "sandal"),
])  # fmt: skip
def test_what_a_product_model_is_stays(field, new):
    (violation,) = model_broken({**ROOT, field: new}, old=ROOT)
    assert (violation.path, violation.code) == (field, "immutable")
    assert f"product model `boot`: {field} is `{ROOT[field]}` for good" in violation.message


def test_equal_axes_are_equal_however_they_are_written():
    def key(**given: Any) -> str:
        return axis_key(a_document(values=values(**given)), list(given), STRUCTURE)

    assert key(weight={"amount": "1", "unit": "KILOGRAM"}) == key(weight={"amount": "1000", "unit": "GRAM"})
    assert key(color="red", size="m") != key(color="red", size="l")
    assert key(waterproof=True) != key(waterproof=False)
