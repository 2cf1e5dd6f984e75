"""The program's own server on loopback, and a connection to it as a connector has: signed in, and kept open."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import msgspec

from pim.access.accounts import create_connection, create_user
from pim.access.credentials import new_secret
from pim.base.clock import now
from pim.base.database import open_database
from pim.base.settings import Settings
from pim.versioning.store import current_structure

BASE = "/api/rest/v1"
_NDJSON = "application/vnd.akeneo.collection+json"
_PATIENCE = 60.0
"""Seconds in which a server has to be there."""


class Client:
    """One connection; every answer but 200 ends the measuring."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._headers: dict[str, str] = {}

    def sign_in(self, client_id: str, secret: str, username: str, password: str) -> None:
        asked = {
            "grant_type": "password", "username": username, "password": password,
            "client_id": client_id, "client_secret": secret,
        }  # fmt: skip
        answer = self._ask("POST", "/api/oauth/v1/token", msgspec.json.encode(asked), "application/json")
        self._headers["Authorization"] = f"Bearer {msgspec.json.decode(answer)['access_token']}"

    def get(self, path: str) -> bytes:
        return self._ask("GET", BASE + path)

    def patch(self, path: str, documents: list[dict[str, Any]]) -> bytes:
        """A batch. Raises RuntimeError when a line is refused."""
        answer = self._ask("PATCH", BASE + path, b"\n".join(map(msgspec.json.encode, documents)), _NDJSON)
        for line in answer.split(b"\n"):
            if msgspec.json.decode(line)["status_code"] not in (201, 204):
                raise RuntimeError(f"the benchmark's own edit was refused: {line.decode()}")
        return answer

    def _ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> bytes:
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        try:
            status, answer = self._answered(method, path, body, headers)
        except ConnectionError:  # idle for too long, the server has closed it
            self._http.close()
            status, answer = self._answered(method, path, body, headers)
        if status != 200:
            raise RuntimeError(f"{method} {path} answered {status}: {answer.decode()}")
        return answer

    def _answered(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        return response.status, response.read()


@contextmanager
def signed_in(settings: Settings) -> Iterator[Client]:
    """A client of `pim serve`, which runs in a process of its own until the block ends."""
    port = _free_port()
    given = {
        "PIM_HOME": str(settings.home), "PIM_HOST": "127.0.0.1", "PIM_PORT": str(port), "PIM_RATE_LIMIT": "1000000",
        "PIM_DATABASE_URL": settings.database_url, "PIM_STORAGE_URL": "", "PIM_SERVE_WORKERS": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "pim.cli", "serve"]
    server = subprocess.Popen(command, env=os.environ | given, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield _client(settings, port)
    finally:
        server.terminate()
        server.wait(_PATIENCE)


def _client(settings: Settings, port: int) -> Client:
    password = new_secret()
    with open_database(settings) as database, database.session() as session:
        name = f"bench_{port}"
        create_user(session, name, password, ["administrator"], now(), current_structure(session))
        client_id, secret = create_connection(session, name, now())
    client = Client(port)
    client.sign_in(client_id, secret, name, password)
    return client


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server to be measured does not come up")
