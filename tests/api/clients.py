"""Clients that are signed in already, to a real server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from pim.access import store
from pim.access.tokens import grant_tokens
from pim.api.bodies import COLLECTION
from pim.base.clock import now
from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from tests.access.makers import a_connection, a_user
from tests.api.servers import serving

API = "/api/rest/v1"


def a_token(database: Database, role: str = "administrator", **limits: Any) -> str:
    """Of a new user with this role, who came through a connection of their own."""
    name = uuid4().hex
    user_id = a_user(database, name, [role], **limits)
    a_connection(database, name)
    with database.session() as session:
        connection = store.connection_row(session, name)
        assert connection is not None
        return grant_tokens(session, user_id, connection.id, uuid4(), now()).access_token


@contextmanager
def signed_in(settings: Settings, database: Database, role: str = "administrator") -> Iterator[httpx.Client]:
    """To a server of this test's own."""
    with serving(settings, database, open_storage(settings), {}) as base:
        headers = {"Authorization": f"Bearer {a_token(database, role)}"}
        with httpx.Client(base_url=base + API, headers=headers, timeout=30) as client:
            yield client


def batch(client: httpx.Client, path: str, *lines: Any) -> list[dict[str, Any]]:
    """Answers of the lines, each given as a document or as the text it is to be."""
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = client.patch(path, content=body.encode(), headers={"Content-Type": COLLECTION})
    assert answer.status_code == 200, answer.text
    assert not answer.content.endswith(b"\n")
    return [json.loads(line) for line in answer.text.split("\n")]
