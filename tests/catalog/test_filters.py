"""Searching: the database and a product at hand agree on every operator, and what is wrong is told at once."""

import random
from datetime import timedelta
from itertools import combinations
from typing import Any

import msgspec
import pytest
from sqlmodel import Session

from pim.base.errors import InvalidInput, NotFound, Unreadable
from pim.catalog import store
from pim.catalog.filter_grammar import KIND_OF_TYPE, OPERATORS, PROPERTIES
from pim.catalog.filter_match import compile_filter
from pim.catalog.filter_text import after_prefix
from pim.catalog.filters import Page, Search, parse_search, product_page
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.versioning.derive import catch_up
from pim.versioning.model import Edit
from pim.versioning.store import current_structure
from tests.catalog.searches import CODES, DATA, KEPT, a_searched_catalogue, everything
from tests.makers import NOW, a_product, a_structure, an_attribute, commit, given, value, values

TIMES = ["2026-03-01 12:00:00", "2026-03-02 12:00:00", "2026-03-03 12:00:00"]


def _values_for(name: str, kind: str, operator: str, session: Session) -> list[Any]:
    """What the operator may be asked with: values that are there, and some that are not."""
    if operator in ("EMPTY", "NOT EMPTY", "UNCLASSIFIED"):
        return [None]
    single: list[Any] = {
        "identifier": ["boot-1", "m0", "boot", "nothing"], "parent": ["m0", "root0-red", "nothing"],
        "uuid": [str(one.uuid) for one in store.products(session)[:2]], "enabled": [True, False],
        "categories": ["home", "outdoor", "master"], "family": ["boots", "books"], "groups": ["gifts"],
        "completeness": [0, 50, 100], "created": TIMES, "updated": TIMES,
    }.get(kind) or DATA[name.partition("_")[2]] or ["a.png"]  # fmt: skip
    if kind == "price":
        single = [{"amount": "5", "currency": "EUR"}, {"amount": "9", "currency": "GBP"}]
    elif kind in ("option", "reference"):
        single = ["a", "b", "c"]
    if operator == "SINCE LAST N DAYS":
        return [1, 2]
    if "BETWEEN" in operator:
        return [[single[0], single[1]], [single[1], single[2]]]
    if operator.startswith(("IN", "NOT IN")):
        return [[], single[:1], single[1:]]
    return single


def _searches(session: Session, kind: str) -> list[tuple[str, str, Any]]:
    structure = current_structure(session)
    subjects = dict(PROPERTIES[kind]) | {code: KIND_OF_TYPE[structure.attributes[code].type] for code in CODES}
    return [
        (name, operator, asked)
        for name, what in subjects.items()
        for operator in OPERATORS[what]
        for asked in _values_for(name, what, operator, session)
    ]


def _search(session: Session, kind: str, *conditions: tuple[str, str, Any]) -> Search:
    written: dict[str, list[Any]] = {}
    for name, operator, asked in conditions:
        written.setdefault(name, []).append({"operator": operator, "value": asked})
    text = msgspec.json.encode(written)
    now = NOW + timedelta(days=3)
    return parse_search(text, scope="web", structure=current_structure(session), kind=kind, now=now)


class Told:
    """Everything there is, to be decided one by one."""

    def __init__(self, session: Session, kind: str) -> None:
        self.everything = everything(session, kind)

    def find(self, search: Search) -> list[int]:
        matches = [compile_filter(found, search.structure) for found in search.filters]
        return [one.entity.id for one in self.everything if all(match(one) for match in matches)]


def _searched(database: Any, caught_up: bool = True) -> None:
    given(database)
    for day, changeset in enumerate(a_searched_catalogue()):
        refused = [o for o in commit(database, *changeset, at=NOW + timedelta(days=day)).outcomes if o.refused]
        assert not refused, refused
    if caught_up:
        catch_up(database)


@pytest.mark.parametrize("caught_up", [True, False], ids=["from the index", "from the documents"])
def test_every_operator_finds_what_a_look_at_each_product_finds(database, caught_up):
    _searched(database, caught_up)
    wrong, hits = [], 0
    with database.session() as session:
        for kind in (PRODUCT, PRODUCT_MODEL):
            told = Told(session, kind)
            for asked in _searches(session, kind):
                if not caught_up and not asked[0].startswith(KEPT):
                    continue  # these are asked in the same way at any time
                search = _search(session, kind, asked)
                found = product_page(session, search, limit=100).ids
                hits += bool(found)
                if list(found) != told.find(search):
                    wrong.append((kind, *asked))
    assert not wrong
    assert hits > 150


def test_conditions_hold_together(database):
    _searched(database)
    chance = random.Random(7)
    with database.session() as session:
        possible, told = _searches(session, PRODUCT), Told(session, PRODUCT)
        for _ in range(60):
            search = _search(session, PRODUCT, *chance.sample(possible, 2))
            assert list(product_page(session, search, limit=100).ids) == told.find(search), search.filters


def test_two_bounds_of_an_amount_find_what_lies_between_them(database):
    """In one currency, or in one each; of variants and of product models."""
    _searched(database)
    hits = 0
    with database.session() as session:
        for kind in (PRODUCT, PRODUCT_MODEL):
            told = Told(session, kind)
            bounds = [asked for asked in _searches(session, kind) if asked[1] in ("<=", ">") and asked[0] in CODES]
            for pair in [two for two in combinations(bounds, 2) if two[0][0] == two[1][0]]:
                search = _search(session, kind, *pair)
                found = list(product_page(session, search, limit=100).ids)
                hits += bool(found)
                assert found == told.find(search), pair
    assert hits > 3


def test_pages_and_cursors_reach_everything_once(database):
    _searched(database)
    with database.session() as session:
        search = _search(session, PRODUCT, ("family", "IN", ["boots"]))
        wanted = product_page(session, search, limit=100, with_count=True)
        numbered = [product_page(session, search, page=n, limit=7).ids for n in (1, 2, 3, 4)]
        after, behind = None, []
        while page := product_page(session, search, after=after, limit=7).ids:
            behind += page
            after = page[-1]
    assert wanted.count == len(wanted.ids) == 24
    assert tuple(i for page in numbered for i in page) == tuple(behind) == wanted.ids


def test_a_search_for_nothing_finds_everything(database):
    given(database, a_product("hat"), a_product("mug"))
    with database.session() as session:
        for empty in (None, "", "{}", "[]"):
            page = product_page(session, parse_search(empty, structure=current_structure(session)), with_count=True)
            assert (len(page.ids), page.count) == (2, 2)


def test_locale_and_scope_come_from_the_condition_or_from_the_defaults(database):
    given(database, a_product("hat", values=values(name={"fr_FR": "Chapeau", "en_GB": "Hat"})))
    said = '{"name": [{"operator": "=", "value": "Hat", "locale": "en_GB"}]}'
    unsaid = '{"name": [{"operator": "=", "value": "Hat"}]}'
    with database.session() as session:
        structure = current_structure(session)

        def count(text: str, locale: str | None) -> int:
            return len(product_page(session, parse_search(text, locale=locale, structure=structure)).ids)

        assert (count(said, "fr_FR"), count(unsaid, "en_GB"), count(unsaid, "fr_FR")) == (1, 1, 0)
        with pytest.raises(InvalidInput, match='varies by locale; add "locale"'):
            count(unsaid, None)


def test_a_value_is_found_before_the_derivation_has_caught_up(database):
    given(database, an_attribute("mark"), a_product("hat", values={"mark": value("x")}))
    commit(database, Edit("attribute", "mark", {"useable_as_grid_filter": True}))
    with database.session() as session:
        search = _search(session, PRODUCT, ("mark", "=", "x"))
        assert len(product_page(session, search).ids) == 1
    catch_up(database)
    with database.session() as session:
        assert product_page(session, _search(session, PRODUCT, ("mark", "=", "x"))) == Page((_only(session),))


def _only(session: Session) -> int:
    (entity,) = store.products(session)
    return entity.id


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ('{"enabled": [{"operator": "LIKE", "value": true}]}', "`LIKE` does not work on `enabled`; known: =, !="),
        ('{"enabled": [{"operator": "=", "value": "yes"}]}', "`enabled` =: `yes` is neither true nor false"),
        ('{"enabled": {"operator": "="}}', 'write {"enabled": [{"operator"'),
        ('{"family": [{"operator": "IN", "value": ["hats"]}]}', "family `hats` does not exist; known: books, shoes"),
        ('{"family": [{"operator": "IN", "value": "books"}]}', "`books` is not a list"),
        ('{"color": [{"operator": "IN", "value": ["pink"]}]}', "option `pink` does not exist; known: blue, green, red"),
        ('{"color": [{"operator": "EMPTY", "locale": "fr_FR"}]}', "does not vary by locale; leave out `fr_FR`"),
        ('{"name": [{"operator": "EMPTY", "locale": "xx"}]}', "locale `xx` is not active; known: en_GB, fr_FR"),
        (
            '{"weight": [{"operator": ">", "value": {"amount": 1, "unit": "TON"}}]}',
            "unit `TON` is not of Weight; known",
        ),
        ('{"release": [{"operator": "BETWEEN", "value": ["2026-01-01"]}]}', "is not a list of two"),
        (
            '{"updated": [{"operator": ">", "value": "soon"}]}',
            "`soon` is not a time; write it like 2026-11-22 08:30:00",
        ),
        ('{"completeness": [{"operator": ">", "value": 5}]}', 'add "scope"; known: print, web'),
        ('{"uuid": [{"operator": "IN", "value": ["1"]}]}', "`1` is not a uuid"),
        ("[1]", "`search` is [1]; write"),
    ],
)
def test_a_wrong_search_says_what_would_be_right(search, message):
    with pytest.raises(InvalidInput) as error:
        parse_search(search, structure=a_structure())
    assert message in str(error.value)


def test_every_problem_of_a_search_is_told_at_once():
    search = '{"enabled": [{"operator": "<"}, {"operator": "=", "value": 3}], "uuid": [{"operator": "=", "value": ""}]}'
    with pytest.raises(InvalidInput) as error:
        parse_search(search, locale="xx_XX", structure=a_structure())
    assert [v.path for v in error.value.violations] == ["search_locale", *["search.enabled"] * 2, "search.uuid"]


def test_an_unknown_attribute_is_not_found():
    with pytest.raises(NotFound, match="`colour` is neither an attribute nor a property"):
        parse_search('{"colour": [{"operator": "EMPTY"}]}', structure=a_structure())


@pytest.mark.parametrize("text", ["{", '{"a": }', b"\xff"])
def test_what_is_no_json_is_unreadable(text):
    with pytest.raises(Unreadable, match="`search` is no JSON"):
        parse_search(text, structure=a_structure())


@pytest.mark.parametrize("prefix", ["a", "a\U0010ffff", "\ud7ff", "é"])
def test_the_end_of_a_prefix_is_just_behind_it(prefix):
    end = after_prefix(prefix)
    assert end is not None
    assert (prefix + "\U0010ffff" * 3).encode() < end.encode()
    assert end.encode() > prefix.encode()
