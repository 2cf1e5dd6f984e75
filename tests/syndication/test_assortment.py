"""Which products an export takes, and what it says of the others."""

from typing import Any

import pytest

from pim.exports.model import Assortment
from pim.syndication.assortment import compile_assortment, selected_root
from tests.syndication.makers import (
    a_definition,
    a_model_entity,
    a_product,
    a_product_entity,
    a_root,
    a_structure,
    attribute,
    category,
)

STRUCTURE = a_structure(
    category("master"), category("tents", "master"), category("other"), attribute("availability", "simpleselect")
)


def reason(assortment: dict[str, Any], **given: Any) -> str | None:
    definition = a_definition({}, assortment=Assortment(**assortment))
    select = compile_assortment(definition, STRUCTURE, STRUCTURE.channels["shop"], "fr_FR", lambda product, locale: 60)
    return select(a_product(**{"code": "T-1", "categories": ["tents"], "family": "tents", **given}))


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
    ],
)
def test_a_product_is_in_or_out_for_a_reason(assortment: dict[str, Any], given: Any, expected: str | None) -> None:
    found = reason(assortment, **given)
    assert found is None if expected is None else expected in str(found)


def test_a_root_keeps_the_variants_that_are_in() -> None:
    model = a_model_entity("aubrac", "boots", "by_size")
    root = a_root(model, a_product_entity("A-41", parent="aubrac"), a_product_entity("A-42", parent="aubrac"))
    kept = selected_root(root, lambda product: None if product.code == "A-42" else "out")
    assert kept is not None
    assert [product.code for product in kept.products] == ["A-42"]
    assert selected_root(root, lambda product: "out") is None
