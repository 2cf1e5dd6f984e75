"""Roles over HTTP: who may write what, in one document and in each line of a batch."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from tests.api.clients import API, a_token, batch
from tests.api.servers import serving
from tests.makers import given

As = Callable[..., httpx.Client]


@pytest.fixture
def signed_in_as(settings: Settings, database: Database) -> Iterator[As]:
    """role, limits → a client."""
    given(database)
    with serving(settings, database, open_storage(settings), {}) as base:

        def client(role: str, **limits: dict[str, list[str]]) -> httpx.Client:
            headers = {"Authorization": f"Bearer {a_token(database, role, **limits)}"}
            return httpx.Client(base_url=base + API, headers=headers)

        yield client


@pytest.mark.parametrize(
    ("role", "family", "option"),
    [("reader", 403, 403), ("editor", 403, 204), ("publisher", 403, 204), ("administrator", 204, 204)],
)
def test_structure_is_for_administrators_and_options_for_editors_too(
    signed_in_as: As, role: str, family: int, option: int
) -> None:
    client = signed_in_as(role)
    assert client.get("/families/shoes").status_code == 200
    assert client.patch("/families/shoes", json={"labels": {"fr_FR": "Chaussures"}}).status_code == family
    assert client.patch("/attributes/color/options/red", json={"labels": {"fr_FR": "Rouge"}}).status_code == option


def test_a_line_that_is_not_allowed_is_refused_by_itself(signed_in_as: As) -> None:
    client = signed_in_as("editor", edit={"attribute_groups": []})
    answer = client.patch("/attributes/color/options/red", json={"labels": {"fr_FR": "Rouge"}})
    assert answer.status_code == 403
    assert "attribute `color` of group `general`" in answer.json()["message"]
    lines = batch(client, "/families", {"code": "shoes", "labels": {"fr_FR": "Chaussures"}})
    assert [line["status_code"] for line in lines] == [403]


def test_a_stranger_is_told_nothing_about_what_exists(signed_in_as: As) -> None:
    client = signed_in_as("reader")
    client.headers.pop("Authorization")
    assert {client.get(f"/families/{code}").status_code for code in ("shoes", "nothing")} == {401}
    assert client.patch("/families/shoes", content=b"{").status_code == 401
