"""A server with the small catalogue, and somebody signed in to it."""

from collections.abc import Iterator

import httpx
import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from tests.api.clients import signed_in
from tests.makers import given


@pytest.fixture
def client(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    given(database)
    with signed_in(settings, database) as client:
        yield client
