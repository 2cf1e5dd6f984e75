"""Fields that say the same in every locale are worked out once; nobody sees a difference."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pim.base.errors import ItemRejected
from pim.exports.load import load_definition
from pim.exports.model import GRAIN_ROOT
from pim.exports.scope import channel_of, locales_of
from pim.syndication.context import mapping_context
from pim.syndication.locale_free import TRANSFORMS, is_locale_free
from pim.syndication.mapping import compile_mapping
from pim.syndication.transforms import TRANSFORMS as ALL_TRANSFORMS
from tests.contracts.export_examples import AS_OF, EXPORTS, PUBLIC_URL, catalogue_of, example_roots
from tests.syndication.demo_items import demo_structure
from tests.syndication.makers import a_context, a_structure, attribute

STRUCTURE = a_structure(
    attribute("name", localizable=True),
    attribute("ean"),
    attribute("color", "simpleselect"),
    attribute("price", "price_collection"),
    attribute("motto", available_locales=["fr_FR"]),
    attribute("brand", "akeneo_reference_entity"),
)
FREE: list[Any] = [
    "$code",
    "ean",
    {"from": ["nowhere", "ean"], "then": ["upper", {"truncate": 3}], "default": "-"},
    {"each": ["ean", {"from": "color", "map": {"red": "r"}}], "then": [{"join": "/"}]},
    {"fields": {"a": "ean", "b": {"from": "$root", "when": {"color": {"is": "red"}}}}},
]
NOT_FREE: list[Any] = [
    "name",
    "price",
    "motto",
    "brand",
    "brand.story",
    "$locale",
    "$label",
    {"from": "color", "then": ["label"]},
    {"from": "ean", "then": [{"prefix": "/{language}/"}]},
    {"from": "ean", "when": {"$country": {"is": "FR"}}},
    {"from": "ean", "when": {"name": "present"}},
    {"from": "ean", "within": {"end": "ean"}},
    {"first_of": ["ean", {"fields": {"deep": "name"}}]},
    {"variants": "ean"},
    {"template": "{{ a }}", "with": {"a": "ean"}},
]


@pytest.mark.parametrize(("field", "free"), [*((one, True) for one in FREE), *((one, False) for one in NOT_FREE)])
def test_a_field_is_free_only_when_nothing_in_it_varies(field, free):
    assert is_locale_free(field, a_context(STRUCTURE)) is free


def test_transforms_that_look_at_a_locale_are_not_free():
    assert ALL_TRANSFORMS.keys() >= TRANSFORMS
    assert TRANSFORMS.isdisjoint({"money_text", "amount_text", "date_text", "number_text", "quantity_text", "money"})


@pytest.mark.parametrize("folder", EXPORTS, ids=lambda folder: folder.name)
def test_locales_that_share_fields_say_what_each_says_alone(folder: Path):
    definition, structure = load_definition(folder), demo_structure()
    channel = channel_of(definition, structure)
    assert channel is not None
    contexts = [
        mapping_context(definition, structure, locale, AS_OF, PUBLIC_URL) for locale in locales_of(definition, channel)
    ]
    shared: dict[bytes, Any] = {}
    alone = [compile_mapping(context) for context in contexts]
    together = [compile_mapping(replace(context, shared=shared)) for context in contexts]
    for root in example_roots(catalogue_of(folder)):
        for subject in [root] if definition.grain == GRAIN_ROOT else root.products:
            assert [_said(render, subject) for render in together] == [_said(render, subject) for render in alone]
    assert shared


def _said(render: Any, subject: Any) -> Any:
    try:
        return render(subject)
    except ItemRejected as rejected:
        return rejected.violations
