"""Which attributes a target field is taken from."""

from pim.syndication.lineage import sources_of
from tests.syndication.makers import a_definition


def test_a_field_names_its_attributes_in_order_and_no_facts() -> None:
    mapping = {"title": {"from": ["meta_title", "name", "$label"], "when": {"enabled_on": "present"}}}
    assert sources_of(a_definition(mapping)) == {"title": ["meta_title", "name", "enabled_on"]}


def test_what_details_leave_out_is_no_source() -> None:
    details = {"details": {"attributes": ["weight", "$family"], "except": ["name"], "keys": "value"}}
    assert sources_of(a_definition({"facts": details})) == {"facts": ["weight"]}


def test_nested_fields_have_dotted_paths_and_count_for_what_is_around_them() -> None:
    mapping = {
        "item": {"offers": {"variants": "one"}, "title": {"template": "{{ n }}", "with": {"n": "name"}}},
        "variants": {"one": {"price": {"first_of": [{"from": "sale_price", "within": {"end": "sale_end"}}, "price"]}}},
    }
    assert sources_of(a_definition(mapping, grain="root")) == {
        "offers": ["sale_price", "sale_end", "price"],
        "offers.price": ["sale_price", "sale_end", "price"],
        "title": ["name"],
    }
