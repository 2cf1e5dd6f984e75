import pytest

from pim.base.object_storage import open_storage
from tests.intake.makers import Intake


@pytest.fixture
def storage(settings):
    return open_storage(settings)


@pytest.fixture
def intake(database, storage, settings):
    return Intake(database, storage, settings)
