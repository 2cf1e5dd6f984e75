"""Letters from A to E: what they count, and what is held against a text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.catalog.quality import FLAWS, QualityScore, quality_scores
from tests.makers import a_family, a_small_catalogue, a_structure, value, values

REQUIRED = ["name", "price", "color"]
OTHERS = ["description", "weight", "tags", "waterproof"]
STRUCTURE = a_structure(
    [
        *a_small_catalogue(),
        a_family("judged", [*REQUIRED, *OTHERS], attribute_requirements={"web": REQUIRED}),
        a_family("free", ["color"]),
    ]
)
NAME = {"fr_FR": "Tente de randonnée", "en_GB": "Hiking tent"}
PRICE = [{"amount": "9.00", "currency": "EUR"}]
WHOLE = values(
    name=NAME, price=PRICE, color="red", weight={"amount": "1", "unit": "GRAM"}, tags=["new"], waterproof=True
)
WHOLE["description"] = value("Une tente qui tient.", "fr_FR", "web")


def score(given: Any, locale: str = "fr_FR", family: str = "judged") -> QualityScore:
    found = quality_scores(given, "x", family, STRUCTURE)
    return next(one for one in found if (one.scope, one.locale) == ("web", locale))


def without(*codes: str) -> Any:
    return {code: entries for code, entries in WHOLE.items() if code not in codes}


def test_all_that_could_be_said_well_is_an_a():
    assert score(WHOLE) == QualityScore("web", "fr_FR", 100)
    assert score(WHOLE).letter == "A"


SCORES = [
    (without("description"), 95, "A"),  # one of four others: 60 + 15 + 20
    (without("price"), 80, "B"),  # one of three required
    (without("price", "description"), 75, "C"),
    (without("price", "color"), 60, "D"),
    (without(*OTHERS), 80, "B"),
    ({"name": WHOLE["name"]}, 40, "E"),
    ({}, 0, "E"),  # no text to judge: the other shares count alone
]


@pytest.mark.parametrize(("given", "points", "letter"), SCORES)
def test_required_values_weigh_most(given, points, letter):
    assert (score(given).points, score(given).letter) == (points, letter)


def test_each_channel_and_locale_has_its_own():
    assert score(WHOLE, "en_GB").points == 95  # the description is French
    assert {(one.scope, one.locale) for one in quality_scores(WHOLE, "x", "judged", STRUCTURE)} == {
        ("web", "fr_FR"), ("web", "en_GB"), ("print", "fr_FR"),
    }  # fmt: skip


def test_a_share_of_nothing_does_not_count():
    assert score(values(color="red"), family="free").points == 100
    assert score({}, family="free").points == 0


FLAWED = [
    "TODO", "n/a", "...", "xxx", "Lorem ipsum dolor sit amet", "TENTE DE RANDONNÉE", " Tente", "Tente  verte",
]  # fmt: skip
SOUND = ["GPS", "MAXI PACK", "Tente", "Test de grossesse", "Toile 3 saisons"]


@pytest.mark.parametrize("text", FLAWED)
def test_a_flawed_text_costs_points(text):
    assert score({**WHOLE, "name": value(text, "fr_FR")}).points == 90  # one of two texts


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_text_costs_none(text):
    assert score({**WHOLE, "name": value(text, "fr_FR")}).points == 100


def test_a_text_that_says_the_same_in_another_language_was_not_translated():
    copied = {**WHOLE, "name": [*value("Tente de randonnée", "en_GB"), *value("Tente de randonnée", "fr_FR")]}
    assert score(copied).points == 90
    assert score({**WHOLE, "name": [*value("Bivouac", "en_GB"), *value("Bivouac", "fr_FR")]}).points == 100


@given(st.sets(st.sampled_from(sorted(WHOLE))), st.sampled_from(sorted(WHOLE)))
def test_filling_a_value_with_something_sound_never_costs_points(codes, more):
    fewer = {code: WHOLE[code] for code in codes - {more}}
    if more not in ("name", "description"):  # a text brings a share of its own
        assert score({**fewer, more: WHOLE[more]}).points >= score(fewer).points


@given(st.text(max_size=60))
def test_any_text_can_be_judged(text):
    assert {flaw(text, frozenset()) for flaw in FLAWS} <= {True, False}
