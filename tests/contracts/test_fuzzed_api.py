"""Every operation of the OpenAPI document, asked with what its schemas allow and with what they do not.

The server of these tests holds its answers to the document (`held_to_document.py`): status, media type, headers, shape.
"""

import json
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode

from pim.api.bodies import COLLECTION
from pim.base.object_storage import open_storage
from tests.api.clients import a_token
from tests.api.servers import serving
from tests.contracts.conftest import Demo

EXAMPLES = 2
"""Of each operation: right ones under names of the demo catalogue, and as many wrong ones."""

ENDLESS = {"streamChanges", "streamJob", "listChanges"}
"""Whose answers wait for something to happen; their own tests know for what."""


@schemathesis.serializer(COLLECTION)
def lines_of(context: Any, value: Any) -> dict[str, Any]:
    """One document a line, where the schema says an array."""
    lines = value if isinstance(value, list) else [value]
    return {"data": "\n".join(json.dumps(line) for line in lines).encode()}


def test_no_request_breaks_the_server_and_no_answer_is_undocumented(demo: Demo) -> None:
    broken = []
    with serving(demo.settings, demo.database, open_storage(demo.settings), {}) as base, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {a_token(demo.database)}"
        document = session.get(f"{base}/api/openapi.json").json()
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            for case in cases(found.ok()):
                answer = case.call(base_url=base, session=session, timeout=30)
                if answer.status_code >= 500:
                    broken.append(f"{case.as_curl_command()}: {answer.status_code} {answer.text[:200]}")
    assert broken == []


def cases(operation: APIOperation[Any, Any, Any, Any]) -> list[Case]:
    """Always the same ones, so that what is red stays red until it is mended."""
    told = operation.definition.raw
    made: list[Case] = []
    names = {one["name"]: one["example"] for one in told.get("parameters", ()) if one["in"] == "path"}
    known = {"path_parameters": names} if names else {}
    for mode, given_names in ((GenerationMode.POSITIVE, known), (GenerationMode.NEGATIVE, {})):

        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(mode, **given_names))
        def collect(case: Case) -> None:
            made.append(case)

        with suppress(Unsatisfiable):  # nothing can be wrong with an operation that takes nothing
            collect()
    return [] if told["operationId"] in ENDLESS else made
