"""These tests share one database, emptied before each."""

import pytest

from pim.base.database import Database
from tests.conftest import emptied
from tests.makers import given


@pytest.fixture
def database(one_database: Database) -> Database:
    return emptied(one_database)


@pytest.fixture
def catalogue(database: Database) -> Database:
    """The structure of the small catalogue, no products."""
    given(database)
    return database
