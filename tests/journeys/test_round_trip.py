"""A whole catalogue, read through the API and written through it into an empty installation, is the same catalogue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from pim.base.database import open_database
from pim.base.object_storage import open_storage
from pim.base.settings import data_folder
from pim.intake.import_path import import_path
from tests.api.clients import batch, signed_in
from tests.conftest import copied_database, settings_in

Documents = dict[str, list[dict[str, Any]]]

FIRST = ["locales", "currencies", "attribute-groups", "association-types", "group-types", "groups", "categories"]
LAST = ["families", "product-models", "products-uuid"]
OF_THE_SERVER = ("created", "updated", "_links")
SELECTS = ("pim_catalog_simpleselect", "pim_catalog_multiselect")
LINKED = {"reference-entities": "records", "asset-families": "assets"}
MEDIA = ("pim_catalog_image", "pim_catalog_file")


@contextmanager
def installation(template_url: str, home: Any, name: str) -> Iterator[Any]:
    settings = settings_in(home / name, copied_database(template_url))
    with open_database(settings) as database:
        yield settings, database


def every(client: httpx.Client, path: str, **asked: str) -> list[dict[str, Any]]:
    """All of a list, by either pagination: both tell the same."""
    by_cursor = pages(client, path, pagination_type="search_after", **asked)
    assert sorted(by_cursor, key=repr) == sorted(pages(client, path, **asked), key=repr)
    return by_cursor


def pages(client: httpx.Client, path: str, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    address: str | None = f"{path}?{urlencode({'limit': 100, **asked})}"
    while address:
        page = client.get(address).raise_for_status().json()
        items = page["_embedded"]["items"]
        found += [{key: item[key] for key in item if key not in OF_THE_SERVER} for item in items]
        address = page["_links"].get("next", {}).get("href")
    return found


def read_everything(client: httpx.Client) -> Documents:
    read = {name: every(client, f"/{name}") for name in [*FIRST, "channels", *LAST]}
    read["attributes"] = every(client, "/attributes", with_table_select_options="true")
    read["measurement-families"] = client.get("/measurement-families").json()
    for attribute in (one for one in read["attributes"] if one["type"] in SELECTS):
        path = f"attributes/{attribute['code']}/options"
        read[path] = every(client, f"/{path}")
    for family in read["families"]:
        path = f"families/{family['code']}/variants"
        read[path] = every(client, f"/{path}")
    return read | read_linked(client)


def read_linked(client: httpx.Client) -> Documents:
    """Reference entities with their records, asset families with their assets."""
    read: Documents = {}
    for owners, members in LINKED.items():
        read[owners] = every(client, f"/{owners}")
        for owner in read[owners]:
            path = f"{owners}/{owner['code']}"
            read[f"{path}/attributes"] = client.get(f"/{path}/attributes").raise_for_status().json()
            read[f"{path}/{members}"] = every(client, f"/{path}/{members}")
    return read


def write_owners(target: httpx.Client, read: Documents) -> None:
    for owners in LINKED:
        write(target, owners, read[owners])
    for path in (path for path in read if path.startswith(tuple(LINKED)) and path.endswith("/attributes")):
        write(target, path, read[path])


def write_linked(source: httpx.Client, target: httpx.Client, read: Documents) -> None:
    copy_files(source, target, read)
    for members in ("assets", "records"):  # records link to assets, never the other way round
        for path in (path for path in read if path.endswith(f"/{members}")):
            answers = target.patch(f"/{path}", json=read[path]).json()
            assert [answer for answer in answers if answer["status_code"] != 201] == []


def copy_files(source: httpx.Client, target: httpx.Client, read: Documents) -> None:
    for path in (path for path in read if path.endswith(tuple(LINKED.values()))):
        values = (entry for one in read[path] for entries in one["values"].values() for entry in entries)
        for address in (entry["_links"]["download"]["href"] for entry in values if "_links" in entry):
            content, code = source.get(address, headers={"Accept": "*/*"}).content, address.rpartition("/")[2]
            folder = "asset-media-files" if "asset" in path else "reference-entities-media-files"
            sent = target.post(f"/{folder}", files={"file": (code.partition("_")[2], content)})
            assert sent.headers["Location"].endswith(code)


def write(client: httpx.Client, path: str, documents: list[dict[str, Any]]) -> None:
    for start in range(0, len(documents), 100):
        refused = [a for a in batch(client, f"/{path}", *documents[start : start + 100]) if a["status_code"] > 299]
        assert refused == []


def copy_media(source: httpx.Client, target: httpx.Client, read: Documents) -> None:
    media = {attribute["code"] for attribute in read["attributes"] if attribute["type"] in MEDIA}
    done: set[str] = set()
    for path, key in (("product-models", "code"), ("products-uuid", "uuid")):
        for document in read[path]:
            for attribute in media & set(document["values"]):
                for value in document["values"][attribute]:
                    if value["data"] not in done:
                        done.add(value["data"])
                        upload(source, target, path, {key: document[key], "attribute": attribute, **value})


def upload(source: httpx.Client, target: httpx.Client, path: str, place: dict[str, Any]) -> None:
    code = place.pop("data")
    name = source.get(f"/media-files/{code}").json()["original_filename"]
    content = source.get(f"/media-files/{code}/download", headers={"Accept": "*/*"}).content
    part = "product_model" if path == "product-models" else "product"
    answer = target.post("/media-files", files={"file": (name, content)}, data={part: json.dumps(place)})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"].endswith(code)


def bare(document: dict[str, Any], read: Documents) -> dict[str, Any]:
    """Without what other products and media files have to be there for."""
    media = {attribute["code"] for attribute in read["attributes"] if attribute["type"] in MEDIA}
    values = {code: values for code, values in document["values"].items() if code not in media}
    return {**document, "values": values, "associations": {}, "quantified_associations": {}}


def write_everything(source: httpx.Client, target: httpx.Client, read: Documents) -> None:
    target.patch("/measurement-families", json=[{**one, "labels": {}} for one in read["measurement-families"]])
    for path in FIRST:
        write(target, path, in_order(read[path]) if path == "categories" else read[path])
    write_owners(target, read)
    without_units = [{**channel, "conversion_units": {}} for channel in read["channels"]]
    write(target, "channels", without_units)
    write(target, "attributes", read["attributes"])
    write(target, "channels", read["channels"])
    write_linked(source, target, read)
    assert target.patch("/measurement-families", json=read["measurement-families"]).status_code == 200
    write(target, "families", read["families"])
    for path in read:
        if "/" in path and not path.startswith(tuple(LINKED)):
            write(target, path, read[path])
    for path in ("product-models", "products-uuid"):
        write(target, path, [bare(document, read) for document in in_order(read[path])])
    copy_media(source, target, read)
    for path in ("product-models", "products-uuid"):
        write(target, path, in_order(read[path]))


def in_order(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parents before children."""
    by_code = {one.get("code"): one for one in documents}

    def depth(one: dict[str, Any]) -> int:
        return 1 + depth(by_code[one["parent"]]) if one["parent"] in by_code and one["parent"] else 0

    return sorted(documents, key=depth)


@contextmanager
def two_installations(template_url: str, home: Any) -> Iterator[Any]:
    number = next(_numbers)
    names = (f"round_trip_{role}_{number}" for role in ("source", "target"))
    source, target = (installation(template_url, home, name) for name in names)
    with source as opened, target as opened_too:
        yield opened, opened_too


_numbers = count(1)


@pytest.fixture(params=["the demo catalogue", "an Akeneo export"])
def catalogue(request: pytest.FixtureRequest) -> Path:
    if request.param == "the demo catalogue":
        return data_folder("fixtures")
    return Path(request.getfixturevalue("test_data")) / "akeneo" / "icecat_demo_dev"


def _told(document: Any) -> Any:
    """Without addresses, which are those of the server that was asked."""
    if isinstance(document, dict):
        return {name: _told(data) for name, data in document.items() if name != "_links"}
    return [_told(one) for one in document] if isinstance(document, list) else document


def test_a_catalogue_read_and_written_through_the_api_is_the_same_catalogue(template_url, tmp_path, catalogue):
    with two_installations(template_url, tmp_path) as ((settings, database), (target_settings, target_database)):
        import_path(database, open_storage(settings), catalogue, author="camille", home=settings.home)
        with signed_in(settings, database) as source, signed_in(target_settings, target_database) as target:
            read = read_everything(source)
            write_everything(source, target, read)
            again = read_everything(target)
    assert {path: len(documents) for path, documents in again.items()} == {p: len(d) for p, d in read.items()}
    for path, documents in read.items():
        key = "uuid" if path == "products-uuid" else "code"
        copied = {one[key]: one for one in again[path]}
        different = [(one, copied[one[key]]) for one in documents if _told(one) != _told(copied[one[key]])]
        assert different == [], path
    assert len(read["products-uuid"]) > 100
