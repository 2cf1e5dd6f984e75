"""Edits of the structure, and what follows from them for products."""

from typing import Any

import pytest

from pim.base.database import Database
from pim.catalog.structure import Structure
from pim.versioning.model import Edit
from pim.versioning.store import current_structure
from tests.makers import (
    SHOE_ATTRIBUTES,
    a_channel,
    a_family,
    a_family_variant,
    a_product,
    a_product_model,
    a_small_catalogue,
    an_attribute,
    commit,
    document_of,
    messages,
    value,
    values,
)
from tests.versioning.test_batches import accepted, product, statuses

SHOE = a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(tags=["new"]))
RED = a_product("shoe-red", parent="shoe", values=values(color="red", weight={"amount": "1", "unit": "KILOGRAM"}))


def structure(database: Database) -> Structure:
    with database.session() as session:
        return current_structure(session)


def model_values(database: Database, code: str) -> Any:
    with database.session() as session:
        return document_of(session, "product_model", code)["values"]


def without(*gone: str) -> list[str]:
    return [code for code in SHOE_ATTRIBUTES if code not in gone]


def test_the_same_structure_again_makes_no_revision(catalogue):
    committed = commit(catalogue, *a_small_catalogue())
    assert committed.revision is None
    assert set(statuses(committed)) == {"unchanged"}


@pytest.mark.parametrize(("first", "again"), [
    (an_attribute("x", "number", number_min="1.50"), an_attribute("x", "number", number_min=1.5)),
    (an_attribute("x", "date", date_min="2026-01-01"), an_attribute("x", "date", date_min="2026-01-01T00:00:00+01:00")),
    (an_attribute("x", available_locales=["fr_FR", "en_GB"]), an_attribute("x", available_locales=["en_GB", "fr_FR"])),
    (a_channel("x", locales=["fr_FR", "en_GB"]), a_channel("x", locales=["en_GB", "fr_FR", "en_GB"])),
    (a_family("x", ["name", "sku"]), a_family("x", ["name"])),
    (an_attribute("x", labels={"fr_FR": "Nom"}), an_attribute("x", labels={"fr_FR": "Nom", "en_GB": ""})),
])  # fmt: skip
def test_different_spellings_of_one_document_are_equal(catalogue, first, again):
    accepted(catalogue, first)
    assert accepted(catalogue, again).revision is None


def test_the_identifier_is_in_every_family_and_required_everywhere(catalogue):
    accepted(catalogue, a_family("hats", ["name"]))
    hats = structure(catalogue).families["hats"]
    assert hats.attributes == ["name", "sku"]
    assert hats.attribute_requirements == {"print": ["sku"], "web": ["sku"]}


def test_what_somebody_needs_is_refused_with_the_list(catalogue):
    accepted(
        catalogue, SHOE, RED, a_channel("app", conversion_units={"weight": "GRAM"}),
        a_product("hat", categories=["home"], groups=["gifts"], associations={"upsell": {"products": ["shoe-red"]}},
                  values={"description": value("x", "fr_FR", "print")}),
    )  # fmt: skip
    needed = {
        ("attribute", "", "color"): ["family `shoes`", "axis of family variant `shoes_color`", "`shoes_color_size`"],
        ("attribute", "", "weight"): ["family `shoes`", "conversion unit of channel `app`"],
        ("attribute", "", "sku"): ["family `books`", "family `shoes`", "product `hat`", "product `shoe-red`"],
        ("attribute_option", "color", "red"): ["product `shoe-red`"],
        ("attribute_option", "tags", "new"): ["product model `shoe`"],
        ("attribute_group", "", "general"): ["attribute `name`", "and "],
        ("family", "", "shoes"): ["family variant `shoes_color`", "product model `shoe`"],
        ("family_variant", "shoes", "shoes_color"): ["product model `shoe`"],
        ("category", "", "home"): ["product `hat`"],
        ("category", "", "master"): ["category `outdoor` below it", "tree of channel `web`"],
        ("channel", "", "print"): ["requirements of family `shoes`", "product `hat`"],
        ("locale", "", "fr_FR"): ["channel `web`"],
        ("currency", "", "EUR"): ["channel `web`"],
        ("association_type", "", "upsell"): ["product `hat`"],
        ("group", "", "gifts"): ["product `hat`"],
        ("group_type", "", "related"): ["group `gifts`"],
        ("measurement_family", "", "Weight"): ["attribute `weight`"],
    }
    for (kind, owner, code), uses in needed.items():
        committed = commit(catalogue, Edit(kind, code, None, owner=owner))
        assert statuses(committed) == ["conflict"], (kind, code)
        (message,) = messages(committed)
        assert f"`{code}` is in use and cannot be deleted: " in message
        assert [use for use in uses if use not in message] == []


def test_what_others_need_is_asked_of_them(catalogue):
    from pim.versioning.commit import commit_changeset
    from tests.makers import NOW, ORIGIN

    def mapped(kind: str, owner: str, code: str) -> list[str]:
        return ["mapping of export `google`"] if (kind, code) == ("attribute", "pages") else []

    accepted(catalogue, a_family("books", ["name"]))
    with catalogue.session() as session:
        committed = commit_changeset(session, [Edit("attribute", "pages", None)], ORIGIN, NOW, used=mapped)
    assert "mapping of export `google`" in messages(committed)[0]


def test_a_group_that_somebody_points_at_is_needed(catalogue):
    accepted(catalogue, a_product("hat", associations={"upsell": {"groups": ["gifts"]}}))
    assert "product `hat`" in messages(commit(catalogue, Edit("group", "gifts", None)))[0]


def test_what_nobody_needs_goes(catalogue):
    free = [
        Edit("attribute_option", "green", None, owner="color"), Edit("category", "home", None),
        Edit("family", "books", None), Edit("association_type", "set", None), Edit("group", "gifts", None),
        Edit("group_type", "related", None), Edit("locale", "de_DE", None), Edit("currency", "GBP", None),
        Edit("family_variant", "shoes_color_size", None, owner="shoes"),
    ]  # fmt: skip
    assert set(statuses(accepted(catalogue, *free))) == {"deleted"}
    assert structure(catalogue).families.keys() == {"shoes"}


def test_a_deleted_attribute_takes_its_values_and_options_along_and_logs_each(catalogue):
    accepted(
        catalogue, an_attribute("mood", "simpleselect"), Edit("attribute_option", "gay", {}, owner="mood"),
        a_product("hat", values=values(mood="gay", pages=3)),
    )  # fmt: skip
    committed = accepted(catalogue, Edit("attribute", "mood", None))
    assert set(product(catalogue, "hat").document["values"]) == {"pages"}
    assert ("attribute_option", "mood", "gay") not in structure(catalogue).entities
    assert [(c.kind, c.cell.path, c.cell.attribute, c.old) for c in committed.changes if c.kind == "product"] == [
        ("product", "values", "mood", "gay")
    ]
    accepted(catalogue, an_attribute("mood", "simpleselect"))
    assert structure(catalogue).options.get("mood", {}) == {}


def test_an_attribute_that_leaves_a_family_leaves_variants_and_stays_on_simple_products(catalogue):
    accepted(catalogue, SHOE, RED, a_product("clog", family="shoes", values=values(tags=["sale"])))
    committed = accepted(catalogue, a_family("shoes", without("tags", "weight")))
    assert model_values(catalogue, "shoe") == {}
    assert set(product(catalogue, "shoe-red").document["values"]) == {"color"}
    assert set(product(catalogue, "clog").document["values"]) == {"tags"}
    assert {c.cell.attribute for c in committed.changes if c.cell.path == "values"} == {"tags", "weight"}
    variant = structure(catalogue).family_variants["shoes"]["shoes_color"]
    assert "weight" not in variant.variant_attribute_sets[0].attributes


def test_an_attribute_that_leaves_a_family_is_required_no_more(catalogue):
    accepted(catalogue, a_family("shoes", without("price")))
    assert structure(catalogue).families["shoes"].attribute_requirements["web"] == ["name", "sku"]
    both = a_family("shoes", without("price"), attribute_requirements={"web": ["price"]})
    assert "requires `price` for `web`, but it is not among its attributes" in messages(commit(catalogue, both))[0]


def test_an_attribute_that_moves_down_takes_its_values_to_the_variants(catalogue):
    blue = a_product("shoe-blue", parent="shoe", values=values(color="blue"))
    accepted(catalogue, SHOE, RED, blue)
    committed = accepted(catalogue, a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", "tags"])))
    assert model_values(catalogue, "shoe") == {}
    for code in ("shoe-red", "shoe-blue"):
        assert product(catalogue, code).document["values"]["tags"] == value(["new"])
    assert len([c for c in committed.changes if c.cell.attribute == "tags"]) == 3


def test_an_attribute_moves_down_two_levels_and_one(catalogue):
    accepted(
        catalogue,
        a_product_model("boot", family="shoes", family_variant="shoes_color_size", values=values(tags=["new"])),
        a_product_model("boot-red", parent="boot", values=values(color="red", price=[euros("9.90")])),
        a_product("boot-red-m", parent="boot-red", values=values(size="m")),
    )
    accepted(
        catalogue,
        a_family_variant(
            "shoes_color_size", "shoes", (["color"], ["waterproof"]), (["size"], ["ean", "weight", "price", "tags"])
        ),
    )
    assert model_values(catalogue, "boot") == {}
    assert set(model_values(catalogue, "boot-red")) == {"color"}
    assert set(product(catalogue, "boot-red-m").document["values"]) == {"size", "price", "tags"}


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_model_may_be_edited_in_the_changeset_that_moves_its_values_down(catalogue):
    accepted(catalogue, SHOE, RED)
    accepted(
        catalogue,
        a_product_model("shoe", categories=["home"]),
        a_product("shoe-red", values=values(tags=["sale"])),
        a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", "tags"])),
    )
    assert model_values(catalogue, "shoe") == {}
    assert product(catalogue, "shoe-red").document["values"]["tags"] == value(["sale"])
    with catalogue.session() as session:
        assert document_of(session, "product_model", "shoe")["categories"] == ["home"]


def test_products_and_structure_come_in_one_changeset(catalogue):
    accepted(
        catalogue,
        a_product("hat", family="hats", values=values(brim="wide")),
        a_family("hats", ["brim"]),
        an_attribute("brim"),
    )
    assert product(catalogue, "hat").document["family"] == "hats"


def test_a_requirement_is_taken_off_with_null(catalogue):
    accepted(catalogue, Edit("family", "shoes", {"attribute_requirements": {"print": []}}))
    assert structure(catalogue).families["shoes"].attribute_requirements["print"] == ["sku"]


def test_a_new_unit_is_one_change_and_can_be_undone(catalogue):
    ton = {"convert_from_standard": [{"operator": "mul", "value": "1000"}]}
    committed = accepted(catalogue, Edit("measurement_family", "Weight", {"units": {"TON": ton}}))
    (change,) = committed.changes
    assert (change.cell.path, change.old) == ("units.TON", None)
    assert change.new["code"] == "TON"


def test_a_code_and_an_owner_are_not_for_the_patch_to_change(catalogue):
    accepted(catalogue, Edit("category", "home", {"code": "house", "labels": {"fr_FR": "Maison"}}))
    assert structure(catalogue).categories["home"].label("fr_FR") == "Maison"
    assert "house" not in structure(catalogue).categories
