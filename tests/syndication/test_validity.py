import pytest

from pim.base.errors import InvalidInput
from pim.catalog.model import Entity
from pim.catalog.structure import Structure
from pim.exports.formats import STANDARD
from pim.syndication.validity import ItemCheck, with_sources

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "title"],
    "additionalProperties": False,
    "anyOf": [{"required": ["gtin"]}, {"required": ["mpn"]}],
    "if": {"properties": {"availability": {"const": "preorder"}}, "required": ["availability"]},
    "then": {"required": ["availability_date"]},
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string", "maxLength": 10},
        "gtin": {"type": "string", "pattern": "^[0-9]{13}$"},
        "mpn": {"type": "string"},
        "availability": {"enum": ["in_stock", "preorder"]},
        "availability_date": {"type": "string", "format": "date-time"},
        "link": {"type": "string", "format": "uri"},
        "images": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 3}},
    },
}
CHECK = ItemCheck(SCHEMA, "demo/2026-11")
GOOD = {"id": "A", "title": "Tent", "mpn": "M"}

REJECTED = [
    ({"title": None}, "title", "type", "`title` is None; it must be of type string"),
    ({"title": ...}, "title", "required", "`title` is missing"),
    ({"title": "A very long tent"}, "title", "maxLength", "`title` has 16 characters; at most 10 are accepted"),
    ({"mpn": ...}, "gtin", "anyOf", "`gtin` or `mpn` is missing: one is needed"),
    ({"gtin": "12"}, "gtin", "pattern", "`gtin` is `12`; it must match ^[0-9]{13}$"),
    ({"availability": "soon"}, "availability", "enum", "`availability` is `soon`; known: in_stock, preorder"),
    ({"availability": "preorder"}, "availability_date", "required", "`availability_date` is missing"),
    ({"link": "no address"}, "link", "format", "`link` is `no address`; it must be a valid uri"),
    ({"images": ["abc", "x"]}, "images.1", "minLength", "`images.1` has 1 characters; at least 3 are accepted"),
    ({"images": ["abc"] * 3}, "images", "maxItems", "`images` has 3 entries; at most 2 are accepted"),
    ({"colour": "red"}, "colour", "additionalProperties", "`colour` is not a field of the item schema; known: "),
]


@pytest.mark.parametrize(("change", "field", "rule", "message"), REJECTED)
def test_a_rejected_item_says_field_rule_and_what_would_be_accepted(change, field, rule, message):
    fields = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    assert not CHECK.accepts(fields)
    found = CHECK.violations(fields)
    assert [(one.field, one.rule) for one in found] == [(field, rule)]
    assert found[0].message.startswith(message)


def test_a_valid_item_is_accepted():
    assert CHECK.accepts(GOOD)


@pytest.mark.parametrize("name", STANDARD)
def test_what_breaks_a_format_is_rejected_and_explained(name):
    check = ItemCheck({"type": "object", "properties": {"it": {"type": "string", "format": name}}}, "demo/2026-11")
    broken = {"it": "§ :x y\n(["}
    assert not check.accepts(broken)
    assert [(one.field, one.rule) for one in check.violations(broken)] == [("it", "format")]


def test_every_broken_rule_is_named_at_once():
    found = CHECK.violations({"id": 1, "gtin": "1"})
    assert {one.field for one in found} == {"id", "title", "gtin"}


def test_a_violation_names_the_attributes_its_field_comes_from_with_locale_and_scope():
    name = {"code": "name", "type": "pim_catalog_text", "localizable": True}
    structure = Structure([Entity(1, "attribute", "name", name, None, None, 1)])
    found = CHECK.violations({**GOOD, "title": "A very long tent"})
    (one,) = with_sources(found, {"title": ["name", "meta_title"]}, structure, "fr_FR", "ecommerce")
    assert (one.attribute, one.attribute_locale, one.attribute_scope) == ("name", "fr_FR", None)
    assert one.attributes == ["name", "meta_title"]
    assert one.message.endswith("; it comes from attributes `name`, `meta_title`")


def test_an_entry_of_a_list_has_the_sources_of_the_list():
    found = CHECK.violations({**GOOD, "images": ["x"]})
    (one,) = with_sources(found, {"images": ["picture"]}, Structure([]), "fr_FR", "ecommerce")
    assert one.attribute == "picture"


def test_a_schema_that_is_none_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"schemas/items/demo/1\.schema\.json is no valid JSON Schema"):
        ItemCheck({"type": "nonsense"}, "demo/1")
