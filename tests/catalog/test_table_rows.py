"""Values of table attributes: what a cell may hold, what is said of a bad one, and when a table is complete."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.catalog.attribute_types import ATTRIBUTE_TYPES, Problems
from pim.catalog.completeness import completeness
from pim.catalog.product_rules import check_product
from pim.catalog.table_columns import TABLE
from pim.catalog.table_rows import MOST_CELLS, in_column_order, row_changes
from tests.catalog.table_makers import a_size_chart, row
from tests.makers import a_family, a_small_catalogue, a_structure, value

STRUCTURE = a_structure(
    [
        *a_small_catalogue(),
        a_size_chart(),
        a_family("charts", ["chart"], attribute_requirements={"web": ["chart"]}),
    ]
)
CHART = STRUCTURE.attributes["chart"]


def checked(data: Any) -> tuple[Any, Problems]:
    problems: Problems = []
    return ATTRIBUTE_TYPES[TABLE].check(data, CHART, STRUCTURE, problems), problems


def test_cells_take_their_canonical_form_and_rows_keep_their_order():
    rows = [row("m", 96.50, load={"unit": "GRAM", "amount": 5}, slim=True), row("s", "88", since="2026-03-01")]
    assert checked(rows) == (
        [
            {"size": "m", "chest": "96.5", "load": {"amount": "5", "unit": "GRAM"}, "slim": True},
            {"size": "s", "chest": "88", "since": "2026-03-01T00:00:00+00:00"},
        ],
        [],
    )


def test_empty_cells_are_left_out():
    assert checked([row("m", note="", fit=None)]) == ([{"size": "m"}], [])


BAD = [
    ("m", "wrong_type", '`m` is not a list of rows; write [{"size": …, "chest": …}]'),
    ([["m", 1]], "wrong_type", "is not a list of rows"),
    ([{"chest": 90}], "row_required", "row 1: column `size` says which row it is and must be filled; known: l, m, s"),
    ([row("m"), row("m")], "duplicate_row", "row 2: `m` is row 1 already"),
    ([row("xxl")], "unknown_option", "row 1, column `size`: option `xxl` does not exist; known: l, m, s"),
    ([row("s"), row("m", "wide")], "wrong_type", "row 2, column `chest`: `wide` is not a number; write it like 12.5"),
    ([row("m", 300)], "too_large", "row 1, column `chest`: 300 is above the most allowed, 200"),
    ([row("m", 3)], "too_small", "row 1, column `chest`: 3 is below the least allowed, 20"),
    ([row("m", note="x" * 21)], "too_long", "row 1, column `note`: 21 characters; at most 20 fit"),
    ([row("m", slim="yes")], "wrong_type", "row 1, column `slim`: `yes` is neither true nor false"),
    ([row("m", since="soon")], "not_a_date", "row 1, column `since`: `soon` is not a date"),
    ([row("m", fit="tight")], "unknown_option", "row 1, column `fit`: option `tight` does not exist; known: close, w"),
    ([row("m", fit=["wide"])], "wrong_type", "row 1, column `fit`: ['wide'] is not an option's code"),
    ([row("m", load={"amount": 1, "unit": "INCH"})], "unknown_unit", "row 1, column `load`: unit `INCH` is not of We"),
    ([row("m", length=3)], "unknown_column", "row 1: column `length` does not exist; known: chest, fit, load, note"),
]


@pytest.mark.parametrize(("data", "code", "message"), BAD, ids=lambda bad: str(bad)[:30])
def test_a_bad_table_says_which_row_and_column(data, code, message):
    [(rule, said)] = checked(data)[1]
    assert rule == code
    assert message in said


def test_every_bad_cell_is_told():
    assert len(checked([row("m", "x", slim=3), row("q", -1)])[1]) == 4


CELLS = {
    "chest": st.integers(20, 200) | st.decimals(20, 200, places=3).map(str),
    "note": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    "slim": st.booleans(),
    "since": st.dates().map(str),
    "fit": st.sampled_from(["wide", "close", "", None]),
}
TABLES = st.lists(
    st.fixed_dictionaries({"size": st.sampled_from("sml")}, optional=CELLS), unique_by=lambda row: row["size"]
)


@given(TABLES)
def test_a_table_that_is_stored_is_stored_the_same_again(rows):
    canonical, problems = checked(rows)
    assert problems == []
    assert checked(canonical) == (canonical, [])
    assert in_column_order(canonical, CHART) == canonical


@given(TABLES, TABLES)
def test_changed_rows_lead_from_one_table_to_the_other(old, new):
    rows = {row["size"]: row for row in old}
    for change in row_changes(old, new, CHART):
        assert rows.pop(change.row, None) == change.old
        if change.new is not None:
            rows[change.row] = change.new
    assert rows == {row["size"]: row for row in new}


def missing(*rows: dict[str, Any]) -> tuple[str, ...]:
    measured = completeness({"chart": value(list(rows))}, "x", "charts", STRUCTURE)
    return next(one.missing for one in measured if one.scope == "web" and one.locale == "fr_FR")


def test_a_table_is_complete_when_every_row_has_every_required_column():
    assert missing(row("m", "96"), row("s", "88", note="x")) == ()
    assert missing(row("m", "96"), row("s", note="x")) == ("chart",)


def test_a_product_holds_so_many_cells_and_no_more():
    rows = [row("m", "1", slim=True)] * (MOST_CELLS // 3 + 1)
    document = {
        "identifier": "x", "family": "charts", "categories": [], "groups": [], "values": {"chart": value(rows)},
        "associations": {}, "quantified_associations": {},
    }  # fmt: skip
    broken: list[Any] = []
    check_product(document, None, [], STRUCTURE, broken)
    assert [violation.code for violation in broken] == ["too_many_cells"]
