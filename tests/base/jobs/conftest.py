import pytest

from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.object_storage import open_storage
from pim.base.settings import Settings


@pytest.fixture
def installation(settings: Settings, database: Database) -> Installation:
    return Installation(settings, database, open_storage(settings))
