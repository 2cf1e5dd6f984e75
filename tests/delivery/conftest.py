"""The one database of all tests, emptied: none of these needs one of its own."""

from pathlib import Path

import pytest

from pim.base.database import Database
from tests.conftest import emptied


@pytest.fixture
def database(one_database: Database) -> Database:
    return emptied(one_database)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """An empty folder on the other side."""
    folder = tmp_path / "there"
    folder.mkdir()
    return folder
