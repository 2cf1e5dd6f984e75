"""Table attributes over HTTP: their columns, with and without options, and their values."""

from typing import Any

import httpx
import pytest

from tests.api.clients import batch
from tests.catalog.table_makers import CHEST, COLUMNS, SIZES, row
from tests.makers import value

CHART = {"code": "chart", "type": "pim_catalog_table", "group": "general", "table_configuration": COLUMNS}


@pytest.fixture
def tables(client: httpx.Client) -> httpx.Client:
    assert client.post("/attributes", json=CHART).status_code == 201
    return client


def columns(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = client.get("/attributes/chart", params=asked).json()["table_configuration"]
    return read


def test_options_of_columns_come_when_they_are_asked_for(tables):
    assert "options" not in columns(tables)[0]
    assert columns(tables, with_table_select_options="true")[0]["options"] == SIZES["options"]
    page = tables.get("/attributes", params={"with_table_select_options": "true", "limit": 100}).json()
    [listed] = [item for item in page["_embedded"]["items"] if item["code"] == "chart"]
    assert listed["table_configuration"] == columns(tables, with_table_select_options="true")
    assert tables.get("/attributes", params={"with_table_select_options": "maybe"}).status_code == 422


def test_only_tables_have_columns(tables):
    assert "table_configuration" not in tables.get("/attributes/name").json()


def test_what_was_read_without_options_may_be_sent_back(tables):
    revision = tables.get("/attributes/chart").headers["etag"]
    assert tables.patch("/attributes/chart", json=tables.get("/attributes/chart").json()).status_code == 204
    assert tables.get("/attributes/chart").headers["etag"] == revision


def test_the_configuration_is_refused_by_column(tables):
    document = {**CHART, "table_configuration": [SIZES, {**CHEST, "data_type": "text", "validations": {}}]}
    [answer] = batch(tables, "/attributes", document)
    assert answer["status_code"] == 422
    assert answer["errors"][0]["property"] == "table_configuration.1.data_type"
    assert "data_type is `number` for good" in answer["errors"][0]["message"]


def test_a_table_is_written_read_in_the_order_of_its_columns_and_found(tables):
    rows = [row("m", "96.0", since="2026-03-01", slim=False), row("s")]
    assert (
        batch(tables, "/products", {"identifier": "shirt", "values": {"chart": value(rows)}})[0]["status_code"] == 201
    )
    read = tables.get("/products/shirt").json()["values"]["chart"][0]["data"]
    assert read == [row("m", "96", since="2026-03-01T00:00:00+00:00", slim=False), row("s")]
    assert list(read[0]) == ["size", "chest", "slim", "since"]
    search = '{"chart":[{"operator":"<","value":{"row":"m","column":"chest","value":97}}]}'
    found = tables.get("/products", params={"search": search}).json()["_embedded"]["items"]
    assert [item["identifier"] for item in found] == ["shirt"]


def test_the_options_that_cells_hold_are_added_on_request(tables):
    rows = [row("m", 96, fit="wide"), row("s", 88)]
    batch(tables, "/products", {"identifier": "shirt", "values": {"chart": value(rows)}})
    read = tables.get("/products/shirt", params={"with_attribute_options": "true"}).json()["values"]["chart"][0]
    options = {option["code"]: option for option in SIZES["options"]}
    assert read["linked_data"] == {
        "size": {"m": options["m"], "s": options["s"]},
        "fit": {"wide": {"code": "wide", "labels": {}}},
    }
    assert tables.patch("/products/shirt", json={"values": {"chart": [read]}}).status_code == 204


def test_a_bad_cell_is_named_by_attribute_row_and_column(tables):
    rows = {"chart": value([row("m", 900)])}
    [answer] = batch(tables, "/products", {"identifier": "shirt", "values": rows})
    [error] = answer["errors"]
    assert (answer["status_code"], error["attribute"]) == (422, "chart")
    assert error["message"] == "attribute `chart`: row 1, column `chest`: 900 is above the most allowed, 200"
