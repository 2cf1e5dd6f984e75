"""Who is building what. PostgreSQL lets go of these locks by itself when the process that holds them dies."""

import socket
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pim.base.database import Database
from pim.base.settings import Settings
from pim.syndication.store import EXPORT_LOCK, PLACE_LOCK, RUN_LOCK


class RunLock:
    """A connection of its own that holds the locks of one run until the run ends or dies."""

    def __init__(self, database: Database) -> None:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection = connection

    def take_run(self, run_id: int) -> None:
        self._connection.execute(text("SELECT pg_advisory_lock(:lock, :run)"), {"lock": RUN_LOCK, "run": run_id})

    def take_export(self, export: str) -> bool:
        """False when another run is building it."""
        return self._take(EXPORT_LOCK, export)

    def take_place(self, place: str) -> bool:
        """False when the processes of that place render already."""
        return self._take(PLACE_LOCK, place)

    def confirm(self) -> None:
        """Fails when the server went away meanwhile and the locks with it."""
        self._connection.execute(text("SELECT 1"))

    def _take(self, lock: int, name: str) -> bool:
        statement = text("SELECT pg_try_advisory_lock(:lock, hashtext(:name))")
        return bool(self._connection.execute(statement, {"lock": lock, "name": name}).scalar_one())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(DBAPIError):  # at once: the server notices a closed connection only a moment later
            self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
        self._connection.invalidate()  # not back into the pool, whatever state it is in
        self._connection.close()


def place_of(settings: Settings) -> str:
    """Where this installation's processes run."""
    return f"{socket.gethostname()}:{settings.home}"
