"""Locks that last as long as their holder lives. PostgreSQL lets go of them by itself when the process dies."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pim.base.database import Database


class HeldLocks:
    """A connection of its own that holds advisory locks until the block ends or its process dies."""

    def __init__(self, database: Database) -> None:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection = connection

    def try_lock(self, lock: int, name: str) -> bool:
        """False when somebody else holds it. `lock` is whose names they are."""
        statement = text("SELECT pg_try_advisory_lock(:lock, hashtext(:name))")
        return bool(self._connection.execute(statement, {"lock": lock, "name": name}).scalar_one())

    def lock_number(self, lock: int, number: int) -> None:
        """Waits for it."""
        self._connection.execute(text("SELECT pg_advisory_lock(:lock, :number)"), {"lock": lock, "number": number})

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
