"""Searching attributes, families and categories."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pim.base.errors import InvalidInput
from pim.catalog.filter_structure import parse_structure_search
from tests.makers import NOW, a_structure

STRUCTURE = a_structure()
later = replace(STRUCTURE.entities["family", "", "books"], updated=NOW + timedelta(hours=1))
STRUCTURE.put(later)

SEARCHES = [
    ("attribute", "{}", {"sku", "name", "description", "ean", "price", "weight", "pages", "color", "size", "tags",
                         "waterproof", "release", "picture"}),
    ("attribute", '{"type": [{"operator": "IN", "value": ["pim_catalog_date", "pim_catalog_image"]}]}',
     {"release", "picture"}),
    ("attribute", '{"code": [{"operator": "IN", "value": ["sku", "nothing"]}]}', {"sku"}),
    ("family", '{"updated": [{"operator": ">", "value": "2026-03-01 12:00:00"}]}', {"books"}),
    ("family", '{"code": [{"operator": "IN", "value": ["books", "shoes"]}, {"operator": "IN", "value": ["shoes"]}]}',
     {"shoes"}),
    ("category", '{"is_root": [{"operator": "=", "value": true}]}', {"master"}),
    ("category", '{"is_root": [{"operator": "=", "value": false}]}', {"outdoor", "home"}),
    ("category", '{"parent": [{"operator": "=", "value": "master"}]}', {"outdoor", "home"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "search", "codes"), SEARCHES, ids=[f"{one[0]} {one[1]}" for one in SEARCHES])
def test_structure_is_found_by_what_it_is(kind, search, codes):
    keeps = parse_structure_search(search, kind, STRUCTURE)
    found = {key[2] for key, entity in STRUCTURE.entities.items() if key[0] == kind and keeps(entity)}
    assert found == codes


def test_every_problem_is_told_at_once():
    search = """{"type": [{"operator": "IN", "value": []}], "code": [{"operator": "=", "value": "a"}],
                 "updated": [{"operator": ">", "value": "soon"}], "parent": 3}"""
    with pytest.raises(InvalidInput) as error:
        parse_structure_search(search, "category", STRUCTURE)
    assert [v.message.partition(";")[0] for v in error.value.violations] == [
        "`type` finds no category", "operator `=` does not work on `code`", "`updated` >: `soon` is not a time",
        "the conditions on `parent` are 3",
    ]  # fmt: skip


def test_what_has_no_filters_says_so():
    with pytest.raises(InvalidInput, match="`code` finds no channel; known: none"):
        parse_structure_search('{"code": [{"operator": "IN", "value": []}]}', "channel", STRUCTURE)
