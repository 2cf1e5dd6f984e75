"""These tests share one database, emptied before each."""

import pytest

from pim.base.database import Database
from tests.conftest import emptied


@pytest.fixture
def database(one_database: Database) -> Database:
    return emptied(one_database)
