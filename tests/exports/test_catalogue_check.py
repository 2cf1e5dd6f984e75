"""A definition held against a catalogue: what the catalogue has not is a warning."""

from typing import Any

from pim.exports.catalogue_check import check_against_catalogue
from tests.syndication.makers import a_definition, a_structure, attribute


def warnings(mapping: dict[str, Any], **given: Any) -> list[str]:
    return check_against_catalogue(a_definition(mapping, **given), a_structure(attribute("name")))


def test_a_definition_that_fits_has_no_warnings() -> None:
    assert warnings({"title": "name", "id": "$code"}) == []


def test_an_attribute_that_is_not_there_is_named_once_wherever_it_stands() -> None:
    nested = {"each": [{"from": ["name", "nom"]}, {"fields": {"x": {"const": 1, "when": {"nom": "present"}}}}]}
    assert warnings({"title": nested, "more": "nom"}) == [
        "demo: the catalogue has no attribute nom; fields that name one of these take it as empty"
    ]


def test_places_that_are_not_there_are_named_with_those_that_are() -> None:
    assert "no channel store; known: shop" in warnings({}, channel=["store"])[0]
    assert "does not speak de_DE; known: en_GB, fr_FR" in warnings({}, locales=["fr_FR", "de_DE"])[0]
    assert "no prices in USD (for fr_FR)" in warnings({}, currency={"*": "USD"})[0]


def test_a_unit_that_no_measurement_family_has_is_named() -> None:
    assert warnings({"w": {"from": "name", "then": [{"convert": "GRAMM"}]}}) == [
        "demo: no measurement family has the unit GRAMM"
    ]
