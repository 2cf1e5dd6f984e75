"""Table attributes through the log: rows that change, columns and options that go, and taking either back."""

from typing import Any

import msgspec
import pytest
from sqlmodel import Session

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.catalog import store
from pim.catalog.filter_match import compile_filter
from pim.catalog.filters import parse_search, product_page
from pim.catalog.model import PRODUCT
from pim.versioning.history import find_entity, history
from pim.versioning.model import Edit
from pim.versioning.store import current_structure
from tests.catalog.searches import everything
from tests.catalog.table_makers import CHEST, COLUMNS, FIT, NOTE, SIZES, a_size_chart, row
from tests.makers import (
    a_product,
    a_record,
    a_small_catalogue,
    a_structure,
    an_attribute,
    brands_and_packshots,
    commit,
    messages,
    value,
    values,
)
from tests.versioning.test_batches import accepted, product
from tests.versioning.test_revert import revert, write

ROWS = [row("m", "96", fit="wide"), row("s", "88", note="runs small")]
SHIRT = a_product("shirt", values=values(chart=ROWS))


@pytest.fixture
def shirts(catalogue: Database) -> Database:
    accepted(catalogue, a_size_chart(useable_as_grid_filter=True))
    accepted(catalogue, SHIRT)
    return catalogue


def chart(database: Database, code: str = "shirt") -> Any:
    return product(database, code).document["values"].get("chart", [{"data": None}])[0]["data"]


def test_a_table_is_replaced_as_a_whole(shirts):
    accepted(shirts, a_product("shirt", values=values(chart=[row("l", 104)])))
    assert chart(shirts) == [row("l", "104")]


def test_a_table_without_rows_is_none(shirts):
    accepted(shirts, a_product("shirt", values=values(chart=[])))
    assert "chart" not in product(shirts, "shirt").document["values"]


def test_a_bad_cell_is_refused_by_row_and_column(shirts):
    bad = a_product("shirt", values=values(chart=[row("m", "96"), row("s", "wide")]))
    [message] = messages(commit(shirts, bad))
    assert message == "attribute `chart`: row 2, column `chest`: `wide` is not a number; write it like 12.5"


def test_history_tells_the_rows_that_changed(shirts):
    accepted(shirts, a_product("shirt", values=values(chart=[row("m", "98", fit="wide"), row("l", "104")])))
    with shirts.session() as session:
        [newest, *_] = history(session, find_entity(session, "shirt"))
    changed = [(change.row, change.old, change.new) for change in newest.rows or ()]
    assert changed == [
        ("m", row("m", "96", fit="wide"), row("m", "98", fit="wide")),
        ("s", row("s", "88", note="runs small"), None),
        ("l", None, row("l", "104")),
    ]


def test_history_tells_no_rows_of_what_only_shares_the_code_of_a_table(shirts):
    made = {"type": "text", "labels": {}}
    accepted(shirts, *brands_and_packshots(), Edit("reference_entity_attribute", "chart", made, owner="brand"))
    told = [{"locale": None, "channel": None, "data": "measured by hand"}]
    accepted(shirts, a_record("brand", "fanal", values={"chart": told}))
    accepted(shirts, a_record("brand", "fanal", values={"chart": [{**told[0], "data": "measured twice"}]}))
    with shirts.session() as session:
        [newest, *_] = history(session, find_entity(session, "brand/fanal"))
    assert (newest.old, newest.new, newest.rows) == ("measured by hand", "measured twice", None)


def test_history_tells_no_rows_of_an_attribute_that_was_no_table_under_its_code(catalogue):
    accepted(catalogue, an_attribute("chart"), a_product("shirt", values=values(chart="see the label")))
    accepted(catalogue, a_product("shirt", values=values(chart=None)))
    accepted(catalogue, Edit("attribute", "chart", None))
    accepted(catalogue, a_size_chart(), SHIRT)
    with catalogue.session() as session:
        entries = history(session, find_entity(session, "shirt"))
    assert [entry.rows is None for entry in entries if entry.attribute] == [False, True]


def test_a_change_of_a_table_can_be_taken_back(shirts):
    revision = write(shirts, a_product("shirt", values=values(chart=[row("l", "104")])))
    revert(shirts, revision)
    assert chart(shirts) == ROWS


def test_cells_of_a_column_that_goes_go_with_it_and_come_back_with_it(shirts):
    revision = write(shirts, a_size_chart(SIZES, CHEST, FIT))
    assert chart(shirts) == [row("m", "96", fit="wide"), row("s", "88")]
    revert(shirts, revision)
    assert chart(shirts) == ROWS
    with shirts.session() as session:
        assert [column.code for column in current_structure(session).attributes["chart"].columns] == [
            column["code"] for column in COLUMNS
        ]


def test_rows_and_cells_of_options_that_go_go_with_them(shirts):
    fewer = {**SIZES, "options": [{"code": "m"}]}
    accepted(shirts, a_size_chart(fewer, CHEST, NOTE, {**FIT, "options": []}))
    assert chart(shirts) == [row("m", "96")]


def test_options_that_are_not_named_stay(shirts):
    silent = [{name: field for name, field in column.items() if name != "options"} for column in COLUMNS]
    assert commit(shirts, a_size_chart(*silent, useable_as_grid_filter=True)).revision is None


def test_a_measurement_family_of_a_column_stays(shirts):
    [message] = messages(commit(shirts, Edit("measurement_family", "Weight", None)))
    assert "column `load` of attribute `chart`" in message


FOUND = [
    ("NOT EMPTY", None, ["shirt", "vest"]),
    ("EMPTY", None, ["bare"]),
    ("NOT EMPTY", {"column": "note"}, ["shirt"]),
    ("EMPTY", {"column": "note"}, ["bare", "vest"]),
    ("NOT EMPTY", {"column": "note", "row": "m"}, []),
    (">", {"column": "chest", "value": 90}, ["shirt", "vest"]),
    (">", {"column": "chest", "row": "s", "value": "90"}, ["vest"]),
    ("IN", {"column": "fit", "value": ["wide", "close"]}, ["shirt"]),
    ("NOT IN", {"column": "size", "value": ["m"]}, ["vest"]),
    ("CONTAINS", {"column": "note", "value": "small"}, ["shirt"]),
    ("=", {"column": "slim", "value": True}, ["vest"]),
    ("!=", {"column": "slim", "value": True}, []),
    ("NOT EMPTY", {"column": "slim"}, ["vest"]),
    ("BETWEEN", {"column": "since", "value": ["2026-01-01", "2026-12-31"]}, ["vest"]),
    ("<", {"column": "since", "row": "s", "value": "2026-01-01"}, []),
    ("=", {"column": "load", "row": "s", "value": {"amount": 500, "unit": "GRAM"}}, ["vest"]),
]


@pytest.mark.parametrize("kept", [True, False])
def test_products_are_found_by_rows_and_columns(shirts, kept):
    accepted(shirts, a_size_chart(useable_as_grid_filter=kept))
    load = {"amount": "0.5", "unit": "KILOGRAM"}
    vest = [row("s", "92", load=load, slim=True, since="2026-03-01")]
    accepted(shirts, a_product("vest", values={"chart": value(vest)}), a_product("bare"))
    with shirts.session() as session:
        found = [codes_found(session, operator, asked) for operator, asked, _ in FOUND]
    assert found == [codes for _, _, codes in FOUND]


def codes_found(session: Session, operator: str, asked: Any) -> list[str]:
    condition = {"operator": operator} | ({} if asked is None else {"value": asked})
    search = parse_search(msgspec.json.encode({"chart": [condition]}), structure=current_structure(session))
    ids = product_page(session, search).ids
    matches = compile_filter(search.filters[0], search.structure)
    assert set(ids) == {one.entity.id for one in everything(session, PRODUCT) if matches(one)}
    return sorted(entity.code for entity in store.products(session) if entity.id in ids)


WRONG = [
    ("IN", ["m"], '`chart` IN: [\'m\'] names no column; write {"column": "…", "row": "…", "value": …}'),
    ("=", {"column": "waist", "value": 1}, "column `waist` does not exist; known: chest, fit, load, note"),
    ("=", {"column": "chest", "row": "xl", "value": 1}, "row `xl` does not exist; known: l, m, s"),
    ("=", {"column": "fit", "value": "wide"}, "it does not work on the column `fit` (select); known: EMPTY, IN, NOT"),
    ("IN", {"column": "fit", "value": ["tight"]}, "option `tight` does not exist; known: close, wide"),
    (">", {"column": "chest", "value": "big"}, "`big` is not a number"),
    ("LIKE", {"column": "note", "value": "x"}, "operator `LIKE` does not work on `chart` (pim_catalog_table)"),
]


@pytest.mark.parametrize(("operator", "asked", "message"), WRONG, ids=lambda asked: str(asked)[:40])
def test_a_wrong_question_about_cells_says_what_would_be_right(operator, asked, message):
    structure = a_structure([*a_small_catalogue(), a_size_chart()])
    search = msgspec.json.encode({"chart": [{"operator": operator, "value": asked}]})
    with pytest.raises(InvalidInput) as refused:
        parse_search(search, structure=structure)
    assert message in str(refused.value)


MAKERS = an_attribute("makers_table", "table", useable_as_grid_filter=True, table_configuration=[
    {"code": "maker", "data_type": "reference_entity", "reference_entity_identifier": "brand"},
    {"code": "share", "data_type": "number"},
])  # fmt: skip


@pytest.fixture
def makers(catalogue: Database) -> Database:
    accepted(catalogue, *brands_and_packshots())
    accepted(catalogue, a_record("brand", "fanal"), a_record("brand", "lueur"), MAKERS)
    rows = [{"maker": "fanal", "share": 60}, {"maker": "lueur"}]
    accepted(catalogue, a_product("lamp", values=values(makers_table=rows)))
    return catalogue


def test_rows_may_be_records_that_are_there(makers):
    [message] = messages(commit(makers, a_product("torch", values=values(makers_table=[{"maker": "nobody"}]))))
    assert message == (
        "attribute `makers_table`, column `maker`: record `nobody` of reference entity `brand` does not exist; "
        "create it first"
    )
    with makers.session() as session:
        found = [
            product_page(session, parse_search(msgspec.json.encode({"makers_table": [condition]}), structure=structure))
            for structure in [current_structure(session)]
            for condition in (
                {"operator": "IN", "value": {"column": "maker", "value": ["lueur"]}},
                {"operator": ">", "value": {"row": "lueur", "column": "share", "value": 1}},
            )
        ]
    assert [len(page.ids) for page in found] == [1, 0]


def test_a_record_that_a_table_names_stays_and_so_does_its_reference_entity(makers):
    [message] = messages(commit(makers, Edit("record", "lueur", None, owner="brand")))
    assert "product `lamp`" in message
    [message] = messages(commit(makers, Edit("reference_entity", "brand", None)))
    assert "column `maker` of attribute `makers_table`" in message


def test_a_reference_entity_of_a_column_must_exist(makers):
    columns = [{"code": "x", "data_type": "reference_entity", "reference_entity_identifier": "house"}, NOTE]
    [message] = messages(commit(makers, an_attribute("other", "table", table_configuration=columns)))
    assert "needs a reference_entity_identifier that exists, not `house`; known: brand" in message
