"""These tests share one database, emptied before each, as those of versioning do."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pim.base.database import Database, open_database
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import Settings
from tests.conftest import settings_in
from tests.intake.makers import Intake
from tests.makers import given
from tests.versioning.conftest import emptied


@pytest.fixture(scope="session")
def database_of_sheets(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with psycopg.connect(template_url.replace("template_of_tests", "pim"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE sheets TEMPLATE template_of_tests")
    address = template_url.replace("template_of_tests", "sheets")
    with open_database(settings_in(tmp_path_factory.mktemp("sheets"), address)) as database:
        yield database


@pytest.fixture
def database(database_of_sheets: Database) -> Database:
    return emptied(database_of_sheets)


@pytest.fixture
def catalogue(database: Database) -> Database:
    """The structure of the small catalogue, no products."""
    given(database)
    return database


@pytest.fixture
def settings_of_sheets(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "home")


@pytest.fixture
def storage(settings_of_sheets: Settings) -> ObjectStorage:
    return open_storage(settings_of_sheets)


@pytest.fixture
def intake(catalogue: Database, storage: ObjectStorage, settings_of_sheets: Settings) -> Intake:
    return Intake(catalogue, storage, settings_of_sheets)
