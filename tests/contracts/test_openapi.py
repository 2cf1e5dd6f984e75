"""The OpenAPI document is whole: every route is in it, it is valid, and its examples work on the demo catalogue."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from pim.api.openapi.document import described, openapi_document, routes
from pim.app import create_app
from pim.base.object_storage import open_storage
from tests.api.clients import a_token
from tests.api.servers import serving
from tests.contracts.conftest import Demo

FORM = "multipart/form-data"

Part = dict[str, Any]


@pytest.fixture(scope="module")
def document(demo: Demo) -> Part:
    app = create_app(demo.settings, demo.database, open_storage(demo.settings))
    assert [f"{method} {path}" for path, method, operations in routes(app) if not operations] == []
    assert len({(path, method) for path, method, _ in described(app)}) == sum(1 for _ in described(app))
    made: Part = json.loads(json.dumps(openapi_document(app, "http://pim.example")))
    return made


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[httpx.Client]:
    with serving(demo.settings, demo.database, open_storage(demo.settings), {}) as base:
        headers = {"Authorization": f"Bearer {a_token(demo.database)}"}
        with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
            yield client


def operations(document: Part) -> Iterator[tuple[str, str, Part]]:
    """(path, method, operation), in an order in which things are made before they are read, and deleted last."""
    order = ["post", "get", "head", "patch", "put", "delete"]
    found = [(path, method, part) for path, item in document["paths"].items() for method, part in item.items()]
    found.sort(key=lambda one: (order.index(one[1]), -len(one[0]) if one[1] == "delete" else len(one[0])))
    yield from found


def test_it_is_a_valid_openapi_document(document: Part) -> None:
    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) == []


def test_every_operation_has_a_name_of_its_own_and_a_chapter_that_is_told(document: Part) -> None:
    names = [part["operationId"] for _, _, part in operations(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][A-Za-z]+", name) for name in names)
    chapters = {tag for _, _, part in operations(document) for tag in part["tags"]}
    assert chapters == {tag["name"] for tag in document["tags"]}


def test_a_path_names_exactly_the_parameters_that_are_described(document: Part) -> None:
    for path, _, part in operations(document):
        told = [parameter["name"] for parameter in part.get("parameters", ()) if parameter["in"] == "path"]
        assert sorted(told) == sorted(re.findall(r"\{(\w+)\}", path)), path


def test_every_parameter_of_a_path_and_every_json_body_has_an_example(document: Part) -> None:
    for path, method, part in operations(document):
        parameters = [one["name"] for one in part.get("parameters", ()) if one["in"] == "path" and "example" not in one]
        bodies = part.get("requestBody", {}).get("content", {})
        assert (method, path, parameters) == (method, path, [])
        assert not bodies or set(bodies) == {FORM} or any("example" in of for of in bodies.values()), path


def test_every_example_works_on_the_demo_catalogue(document: Part, client: httpx.Client) -> None:
    refused = []
    for path, method, part in operations(document):
        if list(part.get("requestBody", {}).get("content", {})) == [FORM] or path == "/api/oauth/v1/token":
            continue  # what these need has to be made first; their own tests do
        answer = client.send(example_request(client, path, method, part), stream=True)
        if answer.status_code >= 400:
            refused.append(f"{method.upper()} {path}: {answer.status_code} {answer.read()[:300]!r}")
        answer.close()  # streams of events do not end by themselves
    assert refused == []


def example_request(client: httpx.Client, path: str, method: str, part: Part) -> httpx.Request:
    names = {one["name"]: one["example"] for one in part.get("parameters", ()) if one["in"] == "path"}
    bodies = part.get("requestBody", {"content": {"": {"example": ""}}})["content"]
    kind, example = next((kind, of["example"]) for kind, of in bodies.items() if "example" in of)
    body = example if isinstance(example, str) else json.dumps(example)
    headers = {"Content-Type": kind} if kind else {}
    return client.build_request(method.upper(), path.format(**names), content=body or None, headers=headers)
