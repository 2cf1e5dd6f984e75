"""Limits by locale, attribute group and category over HTTP: what is out of view is not there."""

import httpx
import pytest

from pim.base.database import Database
from tests.api.test_permissions import As, signed_in_as
from tests.makers import a_product, commit, values

__all__ = ["signed_in_as"]


@pytest.fixture
def tents(signed_in_as: As, database: Database) -> None:
    commit(
        database,
        a_product("TENT", categories=["outdoor"], values=values(name={"fr_FR": "Tente", "en_GB": "Tent"})),
        a_product("LAMP", categories=["home"], values=values(name={"fr_FR": "Lampe"})),
    )


def identifiers(client: httpx.Client, **parameters: str) -> list[str]:
    page = client.get("/products", params=parameters).json()
    return [item["identifier"] for item in page["_embedded"]["items"]]


@pytest.mark.usefixtures("tents")
def test_other_locales_are_neither_seen_nor_written(signed_in_as: As) -> None:
    client = signed_in_as("editor", view={"locales": ["fr_FR"]})
    document = client.get("/products/TENT").json()
    assert [entry["data"] for entry in document["values"]["name"]] == ["Tente"]
    assert client.patch("/products/TENT", json={"values": values(name={"fr_FR": "Abri"})}).status_code == 204
    refused = client.patch("/products/TENT", json={"values": values(name={"en_GB": "Shelter"})})
    assert (refused.status_code, "`en_GB`" in refused.json()["message"]) == (403, True)
    assert client.delete("/products/TENT").status_code == 403


@pytest.mark.usefixtures("tents")
def test_products_out_of_view_are_not_there(signed_in_as: As) -> None:
    client = signed_in_as("editor", view={"categories": ["outdoor"]})
    assert identifiers(client) == ["TENT"]
    assert client.get("/products", params={"with_count": "true"}).json()["items_count"] == 1
    assert client.get("/products/LAMP").status_code == 404
    assert client.patch("/products/LAMP", json={"enabled": False}).status_code == 403
    assert sorted(identifiers(signed_in_as("reader"))) == ["LAMP", "TENT"]


@pytest.mark.usefixtures("tents")
def test_a_document_read_and_sent_back_whole_changes_nothing_and_is_allowed(signed_in_as: As) -> None:
    client = signed_in_as("editor", edit={"locales": ["fr_FR"], "categories": ["outdoor"]})
    document = client.get("/products/TENT").json()
    document["values"]["name"] = values(name={"fr_FR": "Abri", "en_GB": "Tent"})["name"]
    assert client.patch("/products/TENT", json=document).status_code == 204
    assert client.patch("/products/LAMP", json={"enabled": False}).status_code == 403
