"""Completeness and filter rows catch up with the structure."""

from typing import Any

import pytest

from pim.base.database import Database
from pim.versioning import derive
from pim.versioning.derive import catch_up
from pim.versioning.model import Edit
from tests.makers import (
    SHOE_ATTRIBUTES,
    WEIGHT,
    a_channel,
    a_family,
    a_product,
    a_product_model,
    an_attribute,
    value,
    values,
)
from tests.versioning.derived import assert_derived, rebuilt_tables, stored_tables
from tests.versioning.test_batches import accepted

TWICE = [{"operator": "mul", "value": "2"}]
GRAMS = {"amount": "5", "unit": "GRAM"}
KILO = {"amount": "1", "unit": "KILOGRAM"}


@pytest.fixture
def shop(catalogue: Database) -> Database:
    """A product of every sort, derived rows as they should be."""
    accepted(
        catalogue,
        a_product_model("boot", family="shoes", family_variant="shoes_color_size", values=values(name={"fr_FR": "B"})),
        a_product_model("boot-red", parent="boot", values=values(color="red")),
        a_product("boot-red-m", parent="boot-red", values=values(size="m", weight=KILO)),
        a_product("novel", family="books", values=values(pages=3, name={"en_GB": "N"}, weight=GRAMS)),
        a_product("loose", values={**values(pages=4, weight=KILO), "description": value("x", "fr_FR", "web")}),
    )
    catch_up(catalogue)
    assert_derived(catalogue)
    return catalogue


CHANGES: dict[str, list[Edit]] = {
    "a requirement": [Edit("family", "books", {"attribute_requirements": {"web": ["pages", "price"]}})],
    "an attribute that leaves a family": [a_family("books", ["name", "price"])],
    "a filter": [an_attribute("pages", "number", decimals_allowed=False, number_min="1", useable_as_grid_filter=True)],
    "a filter less": [an_attribute("weight", "metric", metric_family="Weight", useable_as_grid_filter=False)],
    "the locales of an attribute": [an_attribute("name", localizable=True, available_locales=["fr_FR"])],
    "a new channel": [a_channel("app", locales=["de_DE"])],
    "the locales of a channel": [a_channel("web", locales=["fr_FR", "de_DE"])],
    "the currencies of a channel": [a_channel("web", currencies=["EUR", "GBP"])],
    "a channel that goes": [
        Edit("family", "shoes", {"attribute_requirements": {"print": []}}), Edit("channel", "print", None),
    ],
    "a unit": [Edit("measurement_family", "Weight", {"units": {"GRAM": {"convert_from_standard": TWICE}}})],
    "a standard unit's label": [Edit("measurement_family", "Weight", {"labels": {"fr_FR": "Poids"}})],
    "a label": [an_attribute("name", localizable=True, labels={"fr_FR": "Nom"})],
    "an attribute that goes": [
        a_family("shoes", [code for code in SHOE_ATTRIBUTES if code != "tags"]), Edit("attribute", "tags", None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_of_structure_all_is_as_if_written_anew(shop, change):
    accepted(shop, *CHANGES[change])
    catch_up(shop)
    assert_derived(shop)
    assert catch_up(shop) == 0


def test_before_it_catches_up_it_is_not(shop):
    accepted(shop, a_channel("app", locales=["de_DE"]))
    assert stored_tables(shop)["completeness"] != rebuilt_tables(shop)["completeness"]


def test_only_what_may_be_stale_is_looked_at(shop):
    accepted(shop, an_attribute("name", localizable=True, useable_as_grid_filter=True, labels={"fr_FR": "Nom"}))
    assert catch_up(shop) == 0
    accepted(shop, CHANGES["a requirement"][0])
    assert catch_up(shop) == 1


def test_a_filter_reaches_products_whose_family_does_not_have_the_attribute(shop):
    accepted(shop, *CHANGES["a filter"])
    assert catch_up(shop) == 2  # the book and the product without a family
    assert_derived(shop)


def test_what_was_killed_in_the_middle_is_finished_by_the_next(shop, monkeypatch):
    accepted(shop, a_channel("app", locales=["de_DE"]))
    batches: list[Any] = []
    derive_batch = derive._derive_batch

    def dies(*args: Any) -> None:
        batches.append(args)
        if len(batches) == 3:
            raise KeyboardInterrupt
        derive_batch(*args)

    monkeypatch.setattr(derive, "_BATCH", 1)
    monkeypatch.setattr(derive, "_derive_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        catch_up(shop)
    monkeypatch.undo()
    assert catch_up(shop) == 5
    assert_derived(shop)


def test_a_variant_is_derived_anew_when_its_model_changes(shop):
    accepted(shop, a_product_model("boot", values=values(name={"en_GB": "Boot"})))
    assert_derived(shop)
    accepted(shop, Edit("measurement_family", "Weight", WEIGHT))
    assert_derived(shop)
