"""What nearly everything works on: the settings of this installation, its database and its object storage."""

from dataclasses import dataclass

from pim.base.database import Database
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    database: Database
    storage: ObjectStorage
