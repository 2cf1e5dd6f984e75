import pytest

from pim.base.database import Database
from tests.makers import given


@pytest.fixture
def catalogue(database: Database) -> Database:
    """The structure of the small catalogue, no products."""
    given(database)
    return database
