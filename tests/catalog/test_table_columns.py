"""The columns of table attributes: what a configuration may be, and what may change of it."""

from typing import Any

import pytest

from pim.base.errors import Violation
from pim.catalog.structure_rules import check_structure
from pim.catalog.table_columns import MOST_COLUMNS, canonical_columns
from pim.versioning.model import Edit
from tests.catalog.table_makers import CHEST, COLUMNS, FIT, LOAD, NOTE, SIZES, SLIM, a_size_chart
from tests.catalog.test_structure_rules import an_item
from tests.makers import a_small_catalogue, a_structure, an_attribute

STRUCTURE = a_structure([*a_small_catalogue(), a_size_chart()])


def broken(edit: Edit) -> list[Violation]:
    return check_structure(edit.kind, an_item(edit), STRUCTURE.item((edit.kind, "", edit.code or "")), STRUCTURE)


def a_new_chart(*columns: dict[str, Any]) -> Edit:
    return an_attribute("new_chart", "table", table_configuration=list(columns))


def test_a_table_of_every_type_of_column_is_fine():
    assert broken(a_new_chart(*COLUMNS)) == []


MANY = [{**SLIM, "code": f"c{n}"} for n in range(MOST_COLUMNS)]
BAD = [
    (an_attribute("x", "table"), "column_count", "has 0 columns in `table_configuration`; a table has 2 to 10"),
    (a_new_chart(SIZES), "column_count", "has 1 columns"),
    (a_new_chart(SIZES, *MANY), "column_count", "has 11 columns"),
    (an_attribute("x", table_configuration=[SIZES, CHEST]), "not_a_table", "`x` is no table: leave its columns out"),
    (a_new_chart(CHEST, SIZES), "first_column", "column `chest` is the first and says which row it is"),
    (a_new_chart(SIZES, CHEST, {**NOTE, "code": "Chest"}), "duplicate_column", "has the column `chest` twice"),
    (a_new_chart(SIZES, {"code": "a b", "data_type": "text"}), "bad_code", "column `a b`: a code has"),
    (a_new_chart(SIZES, {"code": "x", "data_type": "color"}), "unknown_type", "data_type `color`; known: boolean, d"),
    (a_new_chart(SIZES, {**SLIM, "options": [{"code": "a"}]}), "not_a_select", "`slim` is no select"),
    (a_new_chart(SIZES, {**FIT, "options": [{"code": "a"}, {"code": "A"}]}), "duplicate_option", "option `a` twice"),
    (a_new_chart(SIZES, {**FIT, "options": [{"code": "a b"}]}), "bad_code", "option `a b`: a code has"),
    (a_new_chart(SIZES, {**SLIM, "labels": {"xx_XX": "?"}}), "unknown_locale", "column `slim`, label in `xx_XX`"),
    (a_new_chart(SIZES, {**SLIM, "validations": {"min": 1}}), "unknown_rule", "`min` means nothing for boolean"),
    (a_new_chart(SIZES, {**NOTE, "validations": {"max_length": 301}}), "out_of_range", "it must be from 1 to 300"),
    (a_new_chart(SIZES, {**CHEST, "validations": {"min": 2, "max": 1}}), "empty_range", "min 2 is above max 1"),
    (a_new_chart(SIZES, {"code": "x", "data_type": "measurement"}), "unknown_family", "needs a measurement_family"),
    (a_new_chart(SIZES, {**LOAD, "measurement_default_unit_code": "INCH"}), "unknown_unit", "default unit `INCH`"),
    (a_new_chart(SIZES, {**SLIM, "measurement_family_code": "Weight"}), "not_a_measurement", "is no measurement"),
    (a_size_chart(SIZES, {**CHEST, "data_type": "text", "validations": {}}), "immutable", "data_type is `number` for"),
    (a_size_chart({**SIZES, "code": "taille"}, CHEST), "immutable", "first column is `size` for good, not `taille`"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "code", "message"), BAD, ids=lambda bad: str(bad)[:30])
def test_a_bad_configuration_says_which_column_and_why(edit, code, message):
    [violation] = broken(edit)
    assert violation.code == code
    assert message in violation.message


def test_a_select_column_that_does_not_name_its_options_keeps_them():
    silent = {name: field for name, field in SIZES.items() if name != "options"}
    [column] = canonical_columns([silent], [SIZES])
    assert column["options"] == SIZES["options"]
    [emptied] = canonical_columns([{**silent, "options": []}], [SIZES])
    assert emptied["options"] == []


def test_the_first_column_is_always_required():
    first, second = canonical_columns([{**SIZES, "is_required_for_completeness": False}, SLIM], [])
    assert (first["is_required_for_completeness"], second["is_required_for_completeness"]) == (True, False)
