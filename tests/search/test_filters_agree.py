"""Filters find what the products' list finds for the same conditions, and facets count it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pim.base.errors import InvalidInput
from pim.catalog.filters import parse_search, product_page
from pim.search.conditions import conditions_of
from pim.search.facets import count_facets, usual_facets
from pim.search.query_language import parse_query
from pim.search.reader import Reader
from pim.versioning.store import current_structure
from tests.search.conftest import Searching, codes_of

Pair = tuple[str, str, dict]
"""What is typed, and the property and condition it stands for."""


def _sets(name: str, prop: str, values: list[str], operators=("IN", "NOT IN"), **place) -> st.SearchStrategy[Pair]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.tuples(chosen, st.booleans()).map(
        lambda one: (
            f"{'-' * one[1]}{name}:{','.join(one[0])}",
            prop,
            {"operator": operators[one[1]], "value": one[0], **place},
        )
    )


def _compared(name: str, unit: str, value) -> st.SearchStrategy[Pair]:
    amounts = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(0, 400))
    return amounts.map(
        lambda one: (f"{name}:{one[0]}{one[1]}{unit}", name, {"operator": one[0], "value": value(one[1])})
    )


def _flag(name: str, prop: str) -> st.SearchStrategy[Pair]:
    return st.booleans().map(lambda yes: (f"{name}:{'yes' if yes else 'no'}", prop, {"operator": "=", "value": yes}))


def _has(name: str) -> st.SearchStrategy[Pair]:
    return st.booleans().map(
        lambda there: (f"{'' if there else '-'}has:{name}", name, {"operator": "NOT EMPTY" if there else "EMPTY"})
    )


PAIRS: st.SearchStrategy[Pair] = st.one_of(
    _sets("color", "color", ["green", "red", "black", "blue", "orange"]),
    _sets("material", "material", ["cotton", "nylon", "polyester", "wool"]),
    _sets("family", "family", ["tents", "lamps", "books", "foods"]),
    _sets("category", "categories", ["camping", "master", "rayons", "cp_dormir"], ("IN CHILDREN", "NOT IN CHILDREN")),
    _sets("identifier", "identifier", ["TEN-BIV2-VRT", "AMA-THY-150", "nothing"]),
    _compared("price", "EUR", lambda n: {"amount": str(n), "currency": "EUR"}),
    _compared("weight", "g", lambda n: {"amount": str(n), "unit": "GRAM"}),
    _compared("warranty_years", "", str),
    _flag("enabled", "enabled"),
    _flag("is_bundle", "is_bundle"),
    _has("author"),
    _has("sale_price"),
    st.sampled_from(["TEN", "CHA-", "x"]).map(
        lambda text: (f"identifier:{text}*", "identifier", {"operator": "STARTS WITH", "value": text})
    ),
    st.sampled_from(["Tente", "e", "café"]).map(
        lambda text: (
            f"name@fr_FR:{text}", "name", {"operator": "CONTAINS", "value": text, "locale": "fr_FR"}
        )
    ),
    st.sampled_from(["<", ">=", "="]).map(
        lambda operator: (
            f"complete:print/fr_FR{operator}90", "completeness",
            {"operator": operator, "value": 90, "scope": "print", "locale": "fr_FR"},
        )
    ),
    st.just(("complete:google_merchant/en_GB", "completeness",
             {"operator": "=", "value": 100, "scope": "marketplace", "locale": "en_GB"})),
)  # fmt: skip


def found_by_the_api(demo: Searching, pairs: list[Pair]) -> list[str]:
    search: dict[str, list[dict]] = {}
    for _, prop, condition in pairs:
        search.setdefault(prop, []).append(condition)
    with demo.database.session() as session:
        parsed = parse_search(json.dumps(search), structure=current_structure(session))
        return codes_of(session, product_page(session, parsed, limit=1000).ids)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(PAIRS, min_size=1, max_size=3))
def test_filters_find_exactly_what_the_products_list_finds(demo, pairs):
    assert demo(" ".join(typed for typed, _, _ in pairs), limit=1000) == found_by_the_api(demo, pairs)


@pytest.mark.parametrize("text", ["", "family:tents", "tente", "tente price:<400EUR", "nothing at all like this"])
def test_each_value_of_a_facet_narrows_the_search_to_as_many_as_it_says(demo, text):
    def read(session, found, searcher):
        reader = searcher.reader("fr_FR", None)
        names = [*usual_facets(reader), "color", "is_bundle", "capacity_persons", "mpn", "name@fr_FR", "material"]
        return count_facets(session, found.chosen, names, reader), found.count(session)

    facets, count = demo.ask(text, read, locale="fr_FR")
    assert count == len(demo(text, locale="fr_FR"))
    values = [value for facet in facets for value in facet.values[:4]]
    assert bool(values) == bool(count)
    for value in values:
        assert len(demo(f"{text} {value.query}", locale="fr_FR")) == value.count, value


def test_families_add_up_to_all_that_was_found(demo):
    def read(session, found, searcher):
        (facet,) = count_facets(session, found.chosen, ["family"], searcher.reader(None, None))
        return sum(value.count for value in facet.values), found.count(session)

    added, count = demo.ask("tente", read)
    assert added == count


MISREAD = [
    ("brnad:petzl", "`brnad` is neither an attribute nor one of identifier, family"),
    ("brand:petzl", "there is no option of `brand` `petzl`; known: altaterre"),
    ("price:<100", "which currency?; write it behind the amount (known: EUR, GBP)"),
    ("price:cheap", "`cheap` is no amount; write price:<100"),
    ("weight:<2m", "`m` is no unit of Weight"),
    ("name:tente", "`name` varies by locale; write name@locale:…"),
    ("enabled:maybe", "`maybe` is neither yes nor no"),
    ("complete:amazon/fr_FR", "`amazon` is neither a channel nor an export"),
    ("complete:print/de_DE", "channel `print` does not speak `de_DE`"),
    ("updated:yesterday", "`yesterday` is no day; write updated:2026-11-22"),
    ("publication_date:2026-02-30", "`2026-02-30` is no day of the calendar"),
]


@pytest.mark.parametrize(("text", "message"), MISREAD)
def test_a_filter_that_cannot_be_read_is_named_with_the_way_out(demo_catalogue, text, message):
    _, database = demo_catalogue
    with database.session() as session, pytest.raises(InvalidInput) as raised:
        conditions_of(parse_query(text).filters, Reader(current_structure(session)))
    assert message in str(raised.value)


def test_every_filter_that_cannot_be_read_is_told_at_once(demo_catalogue):
    _, database = demo_catalogue
    with database.session() as session, pytest.raises(InvalidInput) as raised:
        conditions_of(parse_query("brnad:x enabled:maybe").filters, Reader(current_structure(session)))
    assert len(raised.value.violations) == 2


READ = [
    ("brand:Altaterre", "brand:altaterre"),
    ("color:Vert", "color:green"),
    ('family:"Tentes et abris"', "family:tents"),
    ("price:10..20€", "price:>=10EUR price:<=20EUR"),
    ("weight:<0,5kg", "weight:<500g"),
    ("-price:<100EUR", "price:>=100EUR"),
    ("-complete:print/fr_FR", "complete:print/fr_FR<100"),
]


@pytest.mark.parametrize(("text", "same"), READ)
def test_labels_units_and_ranges_are_understood(demo, text, same):
    assert demo(text) == demo(same) != []
