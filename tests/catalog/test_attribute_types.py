"""What each attribute type accepts, refuses (and what it says then), and which spellings mean the same."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pim.catalog.attribute_types import ATTRIBUTE_TYPES, Problems, canonical_decimal, parse_date, parse_decimal
from pim.catalog.model import Attribute
from tests.catalog.test_table_rows import CELLS, CHART
from tests.makers import a_structure

STRUCTURE = a_structure()


def checked(type: str, data: Any, **fields: Any) -> tuple[Any, Problems]:
    """The canonical form of `data`, and what is wrong with it."""
    attribute = Attribute(
        code=fields.pop("code", "probe"), type=type if type in ATTRIBUTE_TYPES else f"pim_{type}", **fields
    )
    problems: Problems = []
    canonical = ATTRIBUTE_TYPES[attribute.type].check(data, attribute, STRUCTURE, problems)
    return canonical, problems


WEIGHT = {"metric_family": "Weight"}
COLOR = {"code": "color"}
TAGS = {"code": "tags"}

SAME = [
    ("catalog_number", {}, ["12.5", "12.50", 12.5, " 12.5 ", "+12.5", "1.25e1"]),
    ("catalog_number", {}, ["0", 0, "-0", "0.00", 0.0]),
    ("catalog_number", {"decimals_allowed": False}, [12, "12", "12.0", 12.0]),
    ("catalog_metric", WEIGHT, [{"amount": "1.50", "unit": "GRAM"}, {"unit": "GRAM", "amount": 1.5}]),
    (
        "catalog_price_collection", {},
        [
            [{"amount": "9.9", "currency": "EUR"}, {"amount": "8", "currency": "GBP"}],
            [{"amount": 8, "currency": "GBP"}, {"amount": "9.90", "currency": "EUR"}],
        ],
    ),
    ("catalog_price_collection", {}, [[], [{"amount": None, "currency": "EUR"}]]),
    ("catalog_date", {}, ["2026-03-01", "2026-03-01T00:00:00+00:00", "2026-03-01T10:20:30+02:00", "2026-03-01T10:20"]),
    ("catalog_multiselect", TAGS, [["new", "sale"], ["sale", "new"], ["sale", "new", "sale"]]),
    ("reference_data_multiselect", {}, [["wool", "silk"], ["silk", "wool", "silk"]]),
]  # fmt: skip


@pytest.mark.parametrize(("type", "fields", "spellings"), SAME, ids=lambda value: str(value)[:40])
def test_different_spellings_of_one_value_are_equal(type, fields, spellings):
    first, *others = (checked(type, data, **fields) for data in spellings)
    assert first[1] == []
    assert others == [first] * len(others)


ACCEPTED = [
    ("catalog_identifier", "A-1 /ü", {}),
    ("catalog_text", "x" * 255, {}),
    ("catalog_text", "côté\nà côté", {}),
    ("catalog_text", "a@b.fr", {"validation_rule": "email"}),
    ("catalog_text", "https://x.fr/a?b=c", {"validation_rule": "url"}),
    ("catalog_text", "AB12", {"validation_rule": "regexp", "validation_regexp": r"/^[a-z]{2}\d+$/i"}),
    ("catalog_text", "ab12", {"validation_rule": "regexp", "validation_regexp": r"^[a-z]{2}\d+$"}),
    ("catalog_textarea", "x" * 65_535, {}),
    ("catalog_number", "-1.5", {}),
    ("catalog_number", "10", {"number_min": "10", "number_max": "10"}),
    ("catalog_metric", {"amount": "-3", "unit": "GRAM"}, WEIGHT),
    ("catalog_boolean", False, {}),
    ("catalog_date", "2026-02-28T00:00:00+00:00", {"date_min": "2026-02-28", "date_max": "2026-02-28"}),
    ("catalog_simpleselect", "red", COLOR),
    ("catalog_image", "a/b/photo.JPG", {"allowed_extensions": ["jpg"]}),
    ("catalog_image", "a/b/photo.jpg", {"allowed_extensions": ["JPG"]}),
    ("catalog_file", "a/b/notice", {}),
    ("reference_data_simpleselect", "wool", {}),
]


@pytest.mark.parametrize(("type", "data", "fields"), ACCEPTED, ids=lambda value: str(value)[:40])
def test_a_good_value_stays_as_it_is(type, data, fields):
    assert checked(type, data, **fields) == (data, [])


REFUSED = [
    ("catalog_identifier", "a,b", {}, "`a,b` holds a comma"),
    ("catalog_identifier", "a;b", {}, "semicolon"),
    ("catalog_identifier", "a\nb", {}, "line break"),
    ("catalog_identifier", " a", {}, "blank at an edge; remove it"),
    ("catalog_identifier", "a\t", {}, "blank at an edge"),
    ("catalog_identifier", "a\n", {}, "line break"),
    ("catalog_identifier", "", {}, "give a text of 1 to 255 characters"),
    ("catalog_identifier", 12, {}, "12 is not an identifier"),
    ("catalog_identifier", "x" * 256, {}, "256 characters; an identifier has at most 255"),
    ("catalog_text", 12, {}, "12 is not a text"),
    ("catalog_text", "x" * 256, {}, "256 characters; at most 255 fit"),
    ("catalog_text", "abcd", {"max_characters": 3}, "4 characters; at most 3 fit"),
    ("catalog_text", "a\x00b", {}, "NUL"),
    ("catalog_text", "a.fr", {"validation_rule": "email"}, "`a.fr` is not an email address"),
    ("catalog_text", "ftp://x", {"validation_rule": "url"}, "`ftp://x` is not an http(s) URL"),
    ("catalog_text", "x", {"validation_rule": "regexp", "validation_regexp": r"/^\d+$/"}, r"does not match /^\d+$/"),
    ("catalog_text", "AB", {"validation_rule": "regexp", "validation_regexp": "/^[a-z]+$/"}, "does not match"),
    ("catalog_textarea", "x" * 65_536, {}, "at most 65535 fit"),
    ("catalog_number", "twelve", {}, "`twelve` is not a number; write it like 12.5"),
    ("catalog_number", "1,5", {}, "write it like 12.5"),
    ("catalog_number", "1_000", {}, "`1_000` is not a number"),
    ("catalog_number", "١٢", {}, "is not a number"),
    ("catalog_number", "NaN", {}, "is not a number"),
    ("catalog_number", "Infinity", {}, "is not a number"),
    ("catalog_number", "1e40", {}, "is not a number"),
    ("catalog_number", "0." + "1" * 100, {}, "is not a number"),
    ("catalog_number", True, {}, "True is not a number"),
    ("catalog_number", ["1"], {}, "is not a number"),
    ("catalog_number", "1.5", {"decimals_allowed": False}, "1.5 has decimals; only whole numbers are allowed"),
    ("catalog_number", "1e30", {"decimals_allowed": False}, "more digits than fit"),
    ("catalog_number", "-1", {"negative_allowed": False}, "-1 is negative; only 0 and above"),
    ("catalog_number", "9", {"number_min": "10"}, "9 is below the least allowed, 10"),
    ("catalog_number", "11", {"number_max": "10"}, "11 is above the most allowed, 10"),
    ("catalog_metric", "12 kg", WEIGHT, '`12 kg` is not a measure; write {"amount": "1.5", "unit": "METER"}'),
    ("catalog_metric", {"amount": "1"}, WEIGHT, "is not a measure"),
    ("catalog_metric", {"amount": "1", "unit": "METER"}, WEIGHT, "`METER` is not of Weight; known: GRAM, KILOGRAM"),
    ("catalog_metric", {"amount": "1", "unit": ["GRAM"]}, WEIGHT, "is not of Weight"),
    ("catalog_metric", {"amount": "much", "unit": "GRAM"}, WEIGHT, "`much` is not a number"),
    ("catalog_price_collection", "9.90", {}, 'write [{"amount": "9.90", "currency": "EUR"}]'),
    ("catalog_price_collection", [{"amount": "1"}], {}, "is not a list of prices"),
    ("catalog_price_collection", [{"amount": "1", "currency": "XYZ"}], {}, "`XYZ` is not active; known: EUR, GBP"),
    ("catalog_price_collection", [{"amount": "1", "currency": {}}], {}, "is not active"),
    ("catalog_price_collection", [{"amount": "1", "currency": "EUR"}] * 2, {}, "currency EUR is there twice"),
    ("catalog_price_collection", [{"amount": "-1", "currency": "EUR"}], {}, "the price -1 EUR is negative"),
    ("catalog_price_collection", [{"amount": "-1", "currency": "EUR"}], {"negative_allowed": False}, "-1 is negative"),
    ("catalog_boolean", "true", {}, "`true` is neither true nor false"),
    ("catalog_boolean", 1, {}, "1 is neither true nor false"),
    ("catalog_date", "01/02/2026", {}, "`01/02/2026` is not a date; write it like 2026-11-22"),
    ("catalog_date", "2026-02-30", {}, "is not a date"),
    ("catalog_date", "20260228", {}, "is not a date"),
    ("catalog_date", "2026-W09-1", {}, "is not a date"),
    ("catalog_date", "2026-02-28Tnoon", {}, "is not a date"),
    ("catalog_date", "2026-01-01", {"date_min": "2026-01-02"}, "2026-01-01 is before the earliest allowed, 2026-01-02"),
    ("catalog_date", "2026-01-03", {"date_max": "2026-01-02"}, "2026-01-03 is after the latest allowed, 2026-01-02"),
    ("catalog_simpleselect", "pink", COLOR, "option `pink` does not exist; known: blue, green, red"),
    ("catalog_simpleselect", ["red"], COLOR, "is not an option's code"),
    ("catalog_multiselect", "new", TAGS, "`new` is not a list of codes"),
    ("catalog_multiselect", ["new", "old"], TAGS, "option `old` does not exist; known: new, sale"),
    ("catalog_multiselect", [["new"]], TAGS, "is not an option's code"),
    ("catalog_image", 3, {}, "3 is not a media file's code"),
    ("catalog_image", "a/b/x.gif", {"allowed_extensions": ["png", "jpg"]}, "extension `gif`; allowed: png, jpg"),
    ("reference_data_simpleselect", 3, {}, "3 is not a code"),
    ("reference_data_multiselect", ["a", 3], {}, "3 is not a code"),
]


@pytest.mark.parametrize(("type", "data", "fields", "wanted"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_bad_value_is_refused_once_and_told_the_way_out(type, data, fields, wanted):
    _, problems = checked(type, data, **fields)
    assert len(problems) == 1
    assert wanted in problems[0][1]
    assert len(problems[0][1]) < 250


def test_all_that_is_wrong_with_a_value_is_told_at_once():
    prices = [{"amount": "x", "currency": "EUR"}, {"amount": "1", "currency": "XYZ"}]
    assert [code for code, _ in checked("catalog_price_collection", prices)[1]] == ["wrong_type", "unknown_currency"]
    limits = {"number_min": "0", "decimals_allowed": False, "negative_allowed": False}
    assert {code for code, _ in checked("catalog_number", "-1.5", **limits)[1]} == {"decimals", "negative", "too_small"}


def test_prices_keep_two_decimals_and_other_numbers_none_they_do_not_need():
    canonical, _ = checked("catalog_price_collection", [{"amount": 9.9, "currency": "EUR"}])
    assert canonical == [{"amount": "9.90", "currency": "EUR"}]
    assert checked("catalog_number", "12.500")[0] == "12.5"
    assert checked("catalog_price_collection", [{"amount": "0.125", "currency": "EUR"}])[0][0]["amount"] == "0.125"


def test_every_type_survives_whatever_json_holds():
    strange = [
        10**5000,
        None,
        True,
        0,
        -1.5,
        1e300,
        "",
        "\x00",
        [],
        {},
        [[]],
        [{}],
        {"amount": [], "unit": {}},
        [None],
        "x" * 999,
    ]
    for type in ATTRIBUTE_TYPES:
        for data in [*strange, *([{code: data}] for code in ("size", *CELLS) for data in strange)]:
            checked(type.removeprefix("pim_"), data, metric_family="Weight", table_configuration=CHART.columns)


numbers = st.decimals(min_value="-1e20", max_value="1e20", allow_nan=False, allow_infinity=False, places=8)


@settings(max_examples=25)
@given(numbers)
def test_the_canonical_form_of_a_number_is_its_value_and_canonical_again(number):
    text = canonical_decimal(number)
    assert Decimal(text) == number
    assert canonical_decimal(Decimal(text)) == text
    assert parse_decimal(text) == number
    assert "E" not in text


@settings(max_examples=25)
@given(st.dates(), st.times())
def test_a_date_is_its_day_whatever_the_time(day, time):
    parsed = parse_date(f"{day.isoformat()}T{time.isoformat()}")
    assert parsed is not None
    assert parsed.date() == day
    assert (parsed.hour, parsed.minute, parsed.tzinfo) == (0, 0, parsed.tzinfo)
