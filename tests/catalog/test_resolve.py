"""A variant is read with all that its product models say."""

from datetime import timedelta
from typing import Any

import pytest

from pim.catalog.model import Entity
from pim.catalog.resolve import resolve
from tests.makers import NOW, value, values


def an_entity(code: str, revision: int = 1, **fields: Any) -> Entity:
    document = {"values": {}, "categories": [], "associations": {}, "quantified_associations": {}, "family": None}
    moment = NOW + timedelta(days=revision)
    return Entity(revision, "product", code, {**document, **fields}, NOW, moment, revision)


def test_a_product_without_a_model_is_read_as_it_is_stored():
    hat = an_entity("hat", values=values(name="Hat"))
    assert resolve(hat, ()).document is hat.document


@pytest.mark.parametrize("depth", [1, 2])
def test_a_variant_has_the_values_of_every_level_above(depth):
    root = an_entity("root", family="shoes", values=values(name="Boot"))
    middle = an_entity("middle", family="shoes", values=values(color="red"))
    variant = an_entity("variant", values=values(size="m"))
    resolved = resolve(variant, (root, middle)[:depth])
    assert set(resolved.document["values"]) == {"name", "size", *(["color"] if depth == 2 else [])}
    assert resolved.document["family"] == "shoes"


def test_the_deeper_level_wins_where_both_hold_a_value():
    root = an_entity("root", family="shoes", values={"name": [*value("a", "fr_FR"), *value("b", "en_GB")]})
    variant = an_entity("variant", values={"name": value("c", "fr_FR")})
    assert resolve(variant, (root,)).document["values"]["name"] == value("c", "fr_FR")


def test_categories_are_united_in_order_and_once():
    root = an_entity("root", family="shoes", categories=["outdoor", "home"])
    variant = an_entity("variant", categories=["sale", "home"])
    assert resolve(variant, (root,)).document["categories"] == ["home", "outdoor", "sale"]


def test_associations_are_united_per_type_and_kind():
    root = an_entity("root", family="shoes", associations={"upsell": {"products": ["a", "b"], "groups": ["g"]}})
    variant = an_entity("variant", associations={"upsell": {"products": ["b", "c"]}, "pair": {"products": ["d"]}})
    assert resolve(variant, (root,)).document["associations"] == {
        "upsell": {"products": ["a", "b", "c"], "groups": ["g"]},
        "pair": {"products": ["d"]},
    }


def test_the_deepest_quantity_of_one_target_wins():
    def quantified(quantity: int) -> dict[str, Any]:
        return {"set": {"products": [{"uuid": "u", "quantity": quantity}], "product_models": []}}

    root = an_entity("root", family="shoes", quantified_associations=quantified(2))
    variant = an_entity("variant", quantified_associations=quantified(5))
    assert resolve(variant, (root,)).document["quantified_associations"]["set"]["products"] == [
        {"uuid": "u", "quantity": 5}
    ]


def test_a_change_of_a_model_is_a_change_of_its_variants():
    root, variant = an_entity("root", revision=9, family="shoes"), an_entity("variant", revision=3)
    resolved = resolve(variant, (root,))
    assert (resolved.revision, resolved.updated) == (9, root.updated)
    assert variant.document["family"] is None  # and nothing was written into the variant
