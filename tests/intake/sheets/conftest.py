"""These tests share one database, emptied before each."""

from pathlib import Path

import pytest

from pim.base.database import Database
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import Settings
from tests.conftest import emptied, settings_in
from tests.intake.makers import Intake


@pytest.fixture
def database(one_database: Database) -> Database:
    return emptied(one_database)


@pytest.fixture
def settings_of_sheets(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "home")


@pytest.fixture
def storage(settings_of_sheets: Settings) -> ObjectStorage:
    return open_storage(settings_of_sheets)


@pytest.fixture
def intake(catalogue: Database, storage: ObjectStorage, settings_of_sheets: Settings) -> Intake:
    return Intake(catalogue, storage, settings_of_sheets)
