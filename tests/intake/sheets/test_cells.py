import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.intake.sheets import cells
from pim.intake.sheets.cell_lists import join_cell, split_cell
from pim.intake.sheets.cells import BadCell, parse_number
from pim.intake.sheets.csv_guard import guarded, unguarded
from pim.intake.sheets.folding import folded
from tests.makers import WEIGHT, a_structure


@pytest.mark.parametrize(
    ("written", "decimal", "number"),
    [
        ("12.5", None, "12.5"),
        ("-3", None, "-3"),
        ("1,234.50", None, "1234.50"),
        ("12,50", ",", "12.50"),
        ("1 234,5", ",", "1234.5"),
        ("1\u202f234,5", ",", "1234.5"),
        ("1.234,5", ",", "1234.5"),
        ("1.234.567", ",", "1234567"),
        ("1’234.5", ".", "1234.5"),
        (12.0, ",", "12"),
        (0.1 + 0.2, None, "0.3"),
        (1e-7, None, "0.0000001"),
    ],
)
def test_a_number_is_read_as_it_is_written(written, decimal, number):
    assert parse_number(written, decimal) == number


@pytest.mark.parametrize(
    ("written", "decimal", "code"),
    [
        ("1.234", ",", "ambiguous_number"),
        ("1,234", ".", "ambiguous_number"),
        ("1,234", None, "ambiguous_number"),
        ("12,5", None, "decimal_comma"),
        ("12.5", ",", "decimal_point"),
        ("on request", ",", "wrong_type"),
        ("12€", None, "wrong_type"),
    ],
)
def test_a_number_that_can_be_read_in_two_ways_or_none_is_refused(written, decimal, code):
    with pytest.raises(BadCell) as refused:
        parse_number(written, decimal)
    assert refused.value.code == code
    assert written in str(refused.value)


@pytest.mark.parametrize("written", ["12,90 €", "€12,90", "12,90 EUR", " 12,90\u00a0€ "])
def test_the_sign_of_a_currency_may_stand_beside_its_amount(written):
    assert cells.amount(",")(written, []) == "12.90"


def test_prices_in_one_cell_are_taken_apart():
    assert cells.prices(",")("9,90 EUR, 8,00 £", []) == "9.90 EUR,8.00 GBP"
    with pytest.raises(BadCell, match="no list of prices"):
        cells.prices(",")("9,90 EUR or so", [])


def test_a_measure_has_the_unit_of_its_cell_or_else_of_its_column():
    family = a_structure().measurement_families["Weight"]
    read = cells.measure(",", "KILOGRAM", cells.units_of(family), beside=False)
    assert [read(cell, []) for cell in ("1,5", "500 g", "500GRAM", 2.0)] == [
        "1.5 KILOGRAM",
        "500 GRAM",
        "500 GRAM",
        "2 KILOGRAM",
    ]
    assert set(cells.units_of(family).values()) == set(WEIGHT["units"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12345678905.0, "012345678905"),  # a UPC without its zero
        (4006381333931.0, "4006381333931"),
        (12345678904.0, "12345678904"),  # the check digit says that it is no UPC
        ("12345678905", "12345678905"),  # a text says what it means
        ("0012345678905", "0012345678905"),
    ],
)
def test_an_article_number_gets_back_the_zeros_that_a_spreadsheet_took(cell, text):
    assert cells.gtin(repair_texts=False)(cell, []) == text


def test_a_repair_is_told():
    notes: list[str] = []
    assert cells.gtin(repair_texts=True)("12345678905", notes) == "012345678905"
    assert "leading zeros" in notes[0]


@pytest.mark.parametrize("cell", ["4,00638E+12", "4.00638e+12", 12345678901234567890.0])
def test_an_article_number_that_has_lost_digits_is_refused(cell):
    with pytest.raises(BadCell, match="as text"):
        cells.gtin(repair_texts=True)(cell, [])


@pytest.mark.parametrize(
    ("cell", "pattern", "day"),
    [
        ("31/12/2026", "dd/mm/yyyy", "2026-12-31"),
        ("1.2.26", "d.m.yy", "2026-02-01"),
        (datetime(2026, 3, 1, 12, 0), None, "2026-03-01"),
        (date(2026, 3, 1), "dd/mm/yyyy", "2026-03-01"),
        ("2026-03-01", "dd/mm/yyyy", "2026-03-01"),
    ],
)
def test_a_date_is_read_as_it_is_written(cell, pattern, day):
    assert cells.day(pattern)(cell, []) == day


@pytest.mark.parametrize(("cell", "pattern"), [("12/31/2026", "dd/mm/yyyy"), (46000.0, "dd/mm/yyyy")])
def test_another_date_is_refused(cell, pattern):
    with pytest.raises(BadCell, match="dd/mm/yyyy"):
        cells.day(pattern)(cell, [])


@pytest.mark.parametrize(
    ("cell", "is_true"), [("Oui", "1"), ("NON", "0"), (True, "1"), ("waar", "1"), ("perhaps", "perhaps")]
)
def test_words_for_true_and_false(cell, is_true):
    assert cells.boolean(["waar"], ["onwaar"])(cell, []) == is_true


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_guarded_text_is_no_formula_and_comes_back(text):
    assert unguarded(guarded(text)) == text
    is_number = re.fullmatch(r"[+-]\d+([.,]\d+)?", guarded(text), re.ASCII)
    assert is_number or not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.lists(st.text(min_size=1).filter(lambda text: text == text.strip()), max_size=4),
    st.sampled_from([",", "|", " / "]),
)
def test_several_texts_in_a_cell_come_back(texts, separator):
    assert split_cell(join_cell(texts, separator), separator) == texts


def test_people_compare_without_case_accents_and_blanks():
    assert folded("  Réf.\u00a0ARTICLE ") == folded("ref. article")
