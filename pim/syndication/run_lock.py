"""Who is building what. PostgreSQL lets go of these locks by itself when the process that holds them dies."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pim.base.database import Database
from pim.syndication.store import EXPORT_LOCK, RUN_LOCK


class RunLock:
    """A connection of its own that holds the locks of one run until the run ends or dies."""

    def __init__(self, database: Database) -> None:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection = connection

    def take_run(self, run_id: int) -> None:
        self._connection.execute(text("SELECT pg_advisory_lock(:lock, :run)"), {"lock": RUN_LOCK, "run": run_id})

    def take_export(self, export: str) -> bool:
        """False when another run is building it."""
        statement = text("SELECT pg_try_advisory_lock(:lock, hashtext(:export))")
        return bool(self._connection.execute(statement, {"lock": EXPORT_LOCK, "export": export}).scalar_one())

    def confirm(self) -> None:
        """Fails when the server went away meanwhile and the locks with it."""
        self._connection.execute(text("SELECT 1"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(DBAPIError):  # at once: the server notices a closed connection only a moment later
            self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
        self._connection.invalidate()  # not back into the pool, whatever state it is in
        self._connection.close()
