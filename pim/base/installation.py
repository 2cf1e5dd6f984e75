"""What nearly everything works on: the settings of this installation, its database and its object storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pim.base.database import Database, open_database
from pim.base.database_errors import database_errors
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    database: Database
    storage: ObjectStorage


@contextmanager
def installation() -> Iterator[Installation]:
    """The one that the environment describes, open for as long as a command works on it."""
    settings = read_settings()
    with open_database(settings) as database, database_errors(settings):
        yield Installation(settings, database, open_storage(settings))
