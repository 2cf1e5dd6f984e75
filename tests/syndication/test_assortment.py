"""Which products an export takes, and what it says of the others."""

from datetime import timedelta
from typing import Any

import pytest

from pim.base.errors import ConfigurationError
from pim.catalog.model import Resolved
from pim.exports.model import Assortment
from pim.syndication.assortment import LeftOut, Selection, compile_assortment, selected_root
from tests.syndication.makers import (
    THEN,
    a_definition,
    a_model_entity,
    a_product,
    a_product_entity,
    a_root,
    a_structure,
    an_entity,
    attribute,
    category,
    value,
)

STRUCTURE = a_structure(
    category("master"), category("tents", "master"), category("other"), attribute("availability", "simpleselect"),
    attribute("name", localizable=True), attribute("weight", "metric", metric_family="Weight"),
    attribute("price", "price_collection"), an_entity("locale", "fr_FR"), an_entity("locale", "en_GB"),
)  # fmt: skip
FRENCH = [value("Tente dôme", "fr_FR")]
KILO, GRAMS = {"amount": "1", "unit": "KILOGRAM"}, {"amount": "900", "unit": "GRAM"}


def selection(assortment: dict[str, Any]) -> Selection:
    definition, shop = a_definition({}, assortment=Assortment(**assortment)), STRUCTURE.channels["shop"]
    return compile_assortment(definition, STRUCTURE, shop, "fr_FR", THEN, lambda product, locale: 60)


def a_tent(**given: Any) -> Resolved:
    return a_product(**{"code": "T-1", "categories": ["tents"], "family": "tents", **given})


@pytest.mark.parametrize(
    ("assortment", "given", "expected"),
    [
        ({}, {}, None),
        ({}, {"enabled": False}, "disabled"),
        ({"enabled_only": False}, {"enabled": False}, None),
        ({}, {"categories": ["other"]}, "no category below master"),
        ({"categories": ["other"]}, {}, "no category below other"),
        ({"families": ["shoes"]}, {}, "family `tents`"),
        ({"completeness": 60}, {}, None),
        ({"completeness": 61}, {}, "60 % complete"),
        ({"exclude": ["T-1"], "include": ["T-1"]}, {}, "excluded by name"),
        ({"include": ["T-1"], "families": ["shoes"]}, {"enabled": False}, None),
        ({"where": {"availability": {"is_not": "discontinued"}}}, {"availability": "discontinued"}, "`availability`"),
        ({"where": {"availability": {"is_not": "discontinued"}}}, {}, None),
        ({"search": {"name": [{"operator": "CONTAINS", "value": "dôme"}]}}, {"name": FRENCH}, None),
        (
            {"search": {"name": [{"operator": "CONTAINS", "value": "dome"}]}},
            {"name": FRENCH},
            "`name` (fr_FR) CONTAINS",
        ),
        ({"search": {"name": [{"operator": "NOT EMPTY", "locale": "en_GB"}]}}, {"name": FRENCH}, "(en_GB) NOT EMPTY"),
        ({"search": {"weight": [{"operator": "<", "value": KILO}]}}, {"weight": GRAMS}, None),
        ({"search": {"weight": [{"operator": "<", "value": GRAMS}]}}, {"weight": KILO}, "does not hold"),
        ({"search": {"categories": [{"operator": "IN CHILDREN", "value": ["master"]}]}}, {}, None),
        ({"search": {"updated": [{"operator": "SINCE LAST N DAYS", "value": 0}]}}, {}, "SINCE LAST N DAYS 0"),
        ({"search": {"price": [{"operator": "EMPTY"}]}, "include": ["T-1"]}, {"price": []}, None),
    ],
)
def test_a_product_is_in_or_out_for_a_reason(assortment: dict[str, Any], given: Any, expected: str | None) -> None:
    found = selection(assortment).why_out(a_tent(**given))
    if expected is None or found is None:
        assert found is expected
    else:
        assert expected in found.reason
        assert found.rule in {*assortment, "enabled_only", "categories"}


def test_a_root_keeps_the_variants_that_are_in() -> None:
    model = a_model_entity("aubrac", "boots", "by_size")
    root = a_root(model, a_product_entity("A-41", parent="aubrac"), a_product_entity("A-42", parent="aubrac"))
    out = LeftOut("exclude", "out")
    kept = selected_root(root, lambda product: None if product.code == "A-42" else out)
    assert kept is not None
    assert [product.code for product in kept.products] == ["A-42"]
    assert selected_root(root, lambda product: out) is None


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"colour": [{"operator": "NOT EMPTY"}]}, "`colour` is neither an attribute nor a property"),
        ({"weight": [{"operator": ">", "value": {"amount": 1, "unit": "MILE"}}]}, "unit `MILE` is not of Weight"),
    ],
)
def test_a_search_that_means_nothing_here_stops_the_export(search: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match="export `demo`: the search of its assortment") as told:
        selection({"search": search})
    assert message in str(told.value)


def test_who_is_in_for_being_new_goes_by_the_clock() -> None:
    new = {"updated": [{"operator": "SINCE LAST N DAYS", "value": 3}]}
    goes_at = selection({"search": new, "include": ["T-2"]}).goes_at
    assert goes_at is not None
    assert selection({}).goes_at is None
    assert (goes_at(a_tent()), goes_at(a_tent(code="T-2"))) == (THEN + timedelta(days=3), None)
