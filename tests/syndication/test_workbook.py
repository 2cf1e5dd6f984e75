"""Feeds as workbooks: read back with another program, and the same each time."""

import io
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.base.settings import Settings
from pim.syndication.model import Item
from pim.syndication.writers.workbook import in_lots, write_workbook
from tests.makers import given
from tests.syndication.feeds import a_feed, an_item
from tests.syndication.runs import a_hat, an_export, path_of, run


def written(*items: Item, **options: Any) -> bytes:
    made: dict[str, bytes] = {}
    write_workbook(
        a_feed(options=options), items, lambda name, content, _: made.update({name: Path(content).read_bytes()})
    )
    (content,) = made.values()
    return content


def cells(content: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


def test_texts_numbers_and_booleans_are_what_they_are() -> None:
    item = an_item(sku="0012", price=12.5, stock=3, new=True, tags=["a", 2])
    found = cells(written(item, columns=["sku", "price", "stock", "new", "tags", "none"]))
    assert found == [["sku", "price", "stock", "new", "tags", "none"], ["0012", 12.5, 3, True, "a,2", ""]]


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-x", "@SUM(A1)", "https://shop.example", "{=1}", "<r>=1</r>"])
def test_a_text_is_no_formula_and_no_link(text: str) -> None:
    content = written(an_item(name=text), columns=["name"])
    assert cells(content)[1] == [text]
    with ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_rows_are_those_of_a_delimited_feed() -> None:
    item = an_item(handle="tent", variants=[{"sku": "A"}, {"sku": "B"}])
    found = cells(written(item, columns=["handle", "sku"], rows="variants", first_row_only=["handle"]))
    assert found[1:] == [["tent", "A"], ["", "B"]]


def test_the_same_items_give_the_same_bytes() -> None:
    first, second = (written(an_item(name="x"), columns=["name"]) for _ in range(2))
    assert first == second
    with ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"1980-01-01" in archive.read("docProps/core.xml")


def test_a_text_too_long_for_a_cell_is_told_with_its_file() -> None:
    with pytest.raises(InvalidInput, match=r"of export `.*`: .*row 2, `name`: 40,000 characters"):
        written(an_item(name="x" * 40_000), columns=["name"])


@pytest.mark.parametrize(("rows", "expected"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3])])
def test_what_does_not_fit_goes_on_in_the_next_sheet(rows: int, expected: list[int]) -> None:
    assert [len(list(lot)) for lot in in_lots(iter([[n] for n in range(rows)]), 3)] == expected


def test_a_run_publishes_a_workbook_beside_the_other_files(settings: Settings, database: Database) -> None:
    given(database, a_hat("hat-1"), a_hat("hat-2"))
    files = [{"name": "{locale}.xlsx", "writer": "xlsx", "options": {"columns": ["sku", "price"], "sheet": "Hats/1"}}]
    result = run(database, an_export(settings, files=files))
    content = path_of(result, "fr_FR.xlsx").read_bytes()
    assert cells(content) == [["sku", "price"], ["hat-1", "10.00"], ["hat-2", "10.00"]]
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["Hats 1"]
