"""Table attributes in mappings: rows, headings, single cells."""

from typing import Any

from tests.catalog.table_makers import COLUMNS, row
from tests.syndication.makers import a_product, attribute, field, rendered, value

CHART = attribute("chart", "table", table_configuration=COLUMNS)
ROWS = [
    row("m", "96.5", load={"amount": "1.5", "unit": "KILOGRAM"}, slim=True, fit="wide"),
    row("s", since="2026-03-01T00:00:00+00:00"),
]


def of_shirt(spec: Any, locale: str = "fr_FR", rows: list[Any] = ROWS) -> Any:
    return field(spec, a_product(chart=[value(rows)]), CHART, locale=locale)


def test_a_table_is_a_list_of_its_rows() -> None:
    assert of_shirt("chart") == [
        {
            "size": "m", "chest": "96.5", "load": {"amount": "1.5", "unit": "KILOGRAM"}, "slim": True, "fit": "wide",
        },
        {"size": "s", "since": "2026-03-01T00:00:00+00:00"},
    ]  # fmt: skip


def test_label_gives_every_cell_in_words_of_the_locale() -> None:
    spec = {"from": "chart", "then": ["label"]}
    french, english = of_shirt(spec), of_shirt(spec, "en_GB")
    assert french[0] == {"size": "Taille m", "chest": "96,5", "load": "1,5\xa0kg", "slim": "Oui", "fit": "wide"}
    assert french[1] == {"size": "Taille s", "since": "1 mars 2026"}
    assert english[0]["size"] == "M"


def test_headings_are_the_labels_of_the_columns() -> None:
    assert of_shirt({"from": "$columns.chart", "then": ["label"]})[:3] == ["Taille", "Poitrine", "load"]
    headed = {"for_each": {"list": "$columns.chart", "give": {"fields": {"is": "$entry", "name": LABEL}}}}
    assert of_shirt(headed)[1] == {"is": "chest", "name": "Poitrine"}


LABEL = {"from": "$entry", "then": ["label"]}


def test_headings_alone_are_no_table() -> None:
    spec = {"fields": {"headings": {"from": "$columns.chart"}, "rows": "chart"}}
    assert field(spec, a_product(), CHART) is None
    assert rendered({"x": spec}, a_product()).fields == {}  # a catalogue without that attribute


def test_a_cell_is_reached_by_row_and_column() -> None:
    load = {"from": "chart", "then": [{"cell": {"row": "m", "column": "load"}}, {"convert": "GRAM"}, "amount"]}
    assert of_shirt(load) == "1500"
    assert of_shirt({"from": "chart", "then": ["label", {"cell": {"row": "s", "column": "since"}}]}) == "1 mars 2026"
    assert of_shirt({"from": "chart", "then": [{"cell": {"row": "l", "column": "load"}}]}) is None


def test_a_column_gives_its_filled_cells() -> None:
    assert of_shirt({"from": "chart", "then": [{"column": "chest"}, "number"]}) == [96.5]
    assert of_shirt({"from": "chart", "then": [{"column": "note"}]}) is None


def test_rows_are_gone_through_one_by_one() -> None:
    give = {"fields": {"taille": "$entry.size", "tour": {"from": "$entry.chest", "default": "?"}}}
    rows = {"for_each": {"list": "chart", "give": give}}
    assert of_shirt(rows) == [{"taille": "m", "tour": "96.5"}, {"taille": "s", "tour": "?"}]


def test_a_table_among_details_is_one_text() -> None:
    details = {"details": {"attributes": ["chart"], "keys": "value"}}
    assert of_shirt(details, rows=[row("m", "96"), row("s", "88")]) == ["Taille m, 96; Taille s, 88"]


def test_a_record_in_a_cell_is_told_by_its_label() -> None:
    columns = [
        {"code": "maker", "data_type": "reference_entity", "reference_entity_identifier": "brand"},
        *COLUMNS[3:5],
    ]
    makers = attribute("makers", "table", table_configuration=columns)
    label = {"label": [value("Fanal SA", "fr_FR")]}
    spec = {"from": "makers", "then": ["label", {"column": "maker"}]}
    lamp = a_product(makers=[value([{"maker": "fanal"}, {"maker": "lueur"}])])
    told = field(spec, lamp, makers, linked=lambda kind, owner, code: label if code == "fanal" else None)
    assert told == ["Fanal SA", "lueur"]
