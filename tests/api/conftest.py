"""A server with the small catalogue, somebody signed in to it, and what it logs."""

import io
import logging
from collections.abc import Iterator

import httpx
import pytest

from pim.base import logs
from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.clients import signed_in
from tests.makers import given


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    given(database)
    with signed_in(settings, database) as client:
        yield client


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the program logs, as JSON lines."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.set_up_logging(logs.JSON)
    yield written
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != "pim"]
    root.setLevel(logging.WARNING)
