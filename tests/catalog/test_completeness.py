"""Which required values are missing: every rule of the page, on one family at a time."""

from typing import Any

import pytest

from pim.catalog.completeness import Completeness, completeness
from pim.catalog.model import Entity
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from tests.makers import NOW, a_channel, a_family, a_small_catalogue, a_structure, an_attribute, value, values

TESTED = ["sku", "name", "description", "price", "weight", "color", "waterproof", "tags", "notice"]


def requiring(*codes: str, channel: str = "web", **attribute_fields: Any) -> Structure:
    """The small catalogue with a family `tested` that requires `codes` for one channel."""
    return a_structure(
        [
            *a_small_catalogue(),
            an_attribute("notice", localizable=True, available_locales=["fr_FR"]),
            a_channel("shop", currencies=["EUR", "GBP"]),
            a_family("tested", TESTED, attribute_requirements={channel: list(codes)}),
        ]
    )


def measured(structure: Structure, scope: str, locale: str, given: Any, identifier: str | None = "x") -> Completeness:
    found = completeness(given, identifier, "tested", structure)
    return next(one for one in found if (one.scope, one.locale) == (scope, locale))


def missing(structure: Structure, scope: str, locale: str, given: Any, identifier: str | None = "x") -> tuple[str, ...]:
    return measured(structure, scope, locale, given, identifier).missing


def test_every_channel_and_each_of_its_locales_is_measured():
    found = {(one.scope, one.locale) for one in completeness({}, "x", "tested", requiring("name"))}
    assert found == {(scope, locale) for scope in ("web", "shop") for locale in ("fr_FR", "en_GB")} | {
        ("print", "fr_FR")
    }


def test_nothing_required_is_complete():
    assert measured(requiring("name"), "print", "fr_FR", {}).ratio == 100


def test_a_localizable_attribute_is_asked_for_in_the_locale():
    structure = requiring("name")
    given = values(name={"fr_FR": "Tente"})
    assert missing(structure, "web", "fr_FR", given) == ()
    assert missing(structure, "web", "en_GB", given) == ("name",)


def test_a_scopable_attribute_is_asked_for_in_the_channel():
    structure = requiring("description")
    elsewhere = {"description": value("…", "fr_FR", "print")}
    assert missing(structure, "web", "fr_FR", elsewhere) == ("description",)
    assert missing(structure, "web", "fr_FR", {"description": value("…", "fr_FR", "web")}) == ()


def test_a_locale_specific_attribute_counts_for_its_locales_only():
    structure = requiring("name", "notice")
    assert measured(structure, "web", "fr_FR", {}).required == 2
    assert measured(structure, "web", "en_GB", {}).required == 1


def test_a_price_needs_every_currency_of_the_channel():
    structure = requiring("price", channel="shop")
    euros = [{"amount": "9.90", "currency": "EUR"}]
    assert missing(structure, "shop", "fr_FR", values(price=euros)) == ("price",)
    assert missing(structure, "shop", "fr_FR", values(price=[*euros, {"amount": "8.00", "currency": "GBP"}])) == ()


@pytest.mark.parametrize(
    ("data", "filled"),
    [
        ({"amount": "1", "unit": "GRAM"}, True),
        ({"amount": "0", "unit": "GRAM"}, True),
        ({"amount": None, "unit": "GRAM"}, False),
        ({"amount": "1", "unit": ""}, False),
    ],
)
def test_a_metric_needs_amount_and_unit(data, filled):
    assert missing(requiring("weight"), "web", "fr_FR", values(weight=data)) == (() if filled else ("weight",))


@pytest.mark.parametrize(("data", "filled"), [(False, True), (True, True), ("", False), (None, False), ([], False)])
def test_false_is_a_value_and_empty_is_none(data, filled):
    given = {"waterproof": value(data)}
    assert missing(requiring("waterproof"), "web", "fr_FR", given) == (() if filled else ("waterproof",))


def test_the_identifier_counts_when_the_product_has_one():
    structure = requiring("sku", "name")
    given = values(name={"fr_FR": "Tente"})
    assert measured(structure, "web", "fr_FR", given).ratio == 100
    assert missing(structure, "web", "fr_FR", given, identifier=None) == ("sku",)


@pytest.mark.parametrize(("filled", "percent"), [(0, 0), (1, 33), (2, 66), (3, 100)])
def test_the_percentage_is_rounded_down(filled, percent):
    given = dict(list(values(color="red", waterproof=True, tags=["new"]).items())[:filled])
    assert measured(requiring("color", "waterproof", "tags"), "web", "fr_FR", given).ratio == percent


def test_missing_values_are_named_in_the_order_of_the_family():
    assert missing(requiring("tags", "color", "name"), "web", "fr_FR", {}) == ("tags", "color", "name")


def test_a_variant_counts_what_its_models_say():
    def entity(kind: str, code: str, given: Any) -> Entity:
        document = {"values": given, "categories": [], "associations": {}, "family": "tested", "identifier": code}
        return Entity(1, kind, code, document, NOW, NOW, 1)

    model = entity("product_model", "m", values(name={"fr_FR": "Tente"}))
    variant = entity("product", "v", values(color="red"))
    structure = requiring("name", "color")
    assert missing(structure, "web", "fr_FR", variant.document["values"]) == ("name",)
    assert missing(structure, "web", "fr_FR", resolve(variant, (model,)).document["values"]) == ()
