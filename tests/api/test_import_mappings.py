"""Column mappings over HTTP: written, read, changed, refused with every reason, deleted."""

from typing import Any

import httpx
import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.clients import signed_in

PRICES: dict[str, Any] = {
    "code": "prices",
    "decimal": ",",
    "columns": [{"header": "Référence", "target": "identifier"}, {"header": "Prix (€)", "target": "price-EUR"}],
}


def test_a_mapping_is_written_read_changed_and_deleted(client: httpx.Client) -> None:
    created = client.post("/import-mappings", json=PRICES)
    assert (created.status_code, created.headers["Location"].endswith("/import-mappings/prices")) == (201, True)
    assert client.patch("/import-mappings/prices", json={"empty_cells": "keep"}).status_code == 204
    read = client.get("/import-mappings/prices").json()
    assert (read["decimal"], read["empty_cells"], read["labels"]) == (",", "keep", None)
    assert read["columns"] == PRICES["columns"]
    listed = client.get("/import-mappings", params={"with_count": "true"}).json()
    assert (listed["items_count"], listed["_embedded"]["items"]) == (1, [read])
    assert client.delete("/import-mappings/prices").status_code == 204
    assert client.get("/import-mappings/prices").status_code == 404


def test_what_was_read_can_be_sent_back(client: httpx.Client) -> None:
    client.post("/import-mappings", json=PRICES)
    read = client.get("/import-mappings/prices").json()
    assert client.patch("/import-mappings/prices", json=read).status_code == 204
    assert client.patch("/import-mappings/copied", json={**read, "code": "copied"}).status_code == 201


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({**PRICES, "code": ""}, ["has no `code`"]),
        ({**PRICES, "decimal": ";"}, ["decimal"]),
        ({**PRICES, "columns": [{"header": "A", "target": "colour"}, {"header": "B"}]}, ["`colour`", "column `B`"]),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_every_reason(
    client: httpx.Client, document: dict[str, Any], told: list[str]
) -> None:
    answer = client.post("/import-mappings", json=document)
    assert answer.status_code == 422
    assert [text for text in told if text not in answer.text.replace("\\\\", "")] == []


def test_a_mapping_is_created_once(client: httpx.Client) -> None:
    assert client.post("/import-mappings", json=PRICES).status_code == 201
    assert "exists already" in client.post("/import-mappings", json=PRICES).text


def test_readers_read_mappings_and_do_not_write_them(settings: Settings, database: Database) -> None:
    with signed_in(settings, database, "reader") as reader:
        assert reader.get("/import-mappings").status_code == 200
        assert reader.post("/import-mappings", json=PRICES).status_code == 403
