"""Examples of a property start from the same emptied database: one for each would cost a long time."""

from tests.versioning.conftest import one_database

__all__ = ["one_database"]
