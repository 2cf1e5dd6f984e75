"""Imports as rows: beginning, finding again, moving on, ending."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update
from sqlmodel import Session, col

from pim.base.database import Database
from pim.base.errors import Conflict, NotFound
from pim.intake.model import Counts, Rejection
from pim.intake.tables import ImportRejectionRow, ImportRow

RUNNING, DONE, REVERTED, ABANDONED = "running", "done", "reverted", "abandoned"

_PATIENCE = 5.0
"""Seconds for which the server may not yet have noticed that the import before us was killed."""


@contextmanager
def held(database: Database, digest: str) -> Iterator[None]:
    """Nobody else imports the same content meanwhile; a process that dies lets go. Raises Conflict."""
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        until = monotonic() + _PATIENCE
        while not _try_lock(connection, digest):
            if monotonic() > until:
                raise Conflict("this content is being imported by another process; wait until it is done")
            sleep(0.1)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key(digest)})


def _try_lock(connection: Connection, digest: str) -> bool:
    locked: bool = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(digest)}).scalar_one()
    return locked


def _key(digest: str) -> int:
    return int.from_bytes(bytes.fromhex(digest)[:8], "big", signed=True)


def find_running(session: Session, digest: str) -> ImportRow | None:
    """The import of this content that did not come to its end."""
    query = select(ImportRow).where(col(ImportRow.digest) == digest, col(ImportRow.state) == RUNNING)
    return session.execute(query.order_by(col(ImportRow.id).desc()).limit(1)).scalar_one_or_none()


def begin_import(session: Session, digest: str, source: str, format: str, author: str, at: datetime) -> ImportRow:
    row = ImportRow(
        digest=digest, source=source, format=format, state=RUNNING, author=author, position={}, counts={}, warnings={},
        started_at=at, finished_at=None,
    )  # type: ignore[call-arg]  # fmt: skip
    session.add(row)
    session.flush()
    return row


def abandon_others(database: Database, source: str, digest: str) -> None:
    """Imports of earlier content of the same path that were never finished will not be: nobody has that content now."""
    with database.engine.connect() as connection, connection.begin():
        query = select(col(ImportRow.id), col(ImportRow.digest)).where(
            col(ImportRow.source) == source, col(ImportRow.state) == RUNNING, col(ImportRow.digest) != digest
        )
        for import_id, other in connection.execute(query).all():
            free = connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _key(other)}).scalar_one()
            if free:
                connection.execute(update(ImportRow).where(col(ImportRow.id) == import_id).values(state=ABANDONED))


def move_on(
    session: Session,
    import_id: int,
    position: dict[str, Any],
    counts: Counts,
    warnings: dict[str, int],
    rejections: Sequence[Rejection],
) -> None:
    """Records a batch beside what it wrote."""
    where = col(ImportRow.id) == import_id
    session.execute(update(ImportRow).where(where).values(position=position, counts=counts, warnings=warnings))
    if rejections:
        rows = [
            {
                "import_id": import_id, "resource": r.resource, "file": r.file, "line": r.line, "subject": r.subject,
                "column": r.column, "value": r.value, "code": r.code, "message": r.message,
            }
            for r in rejections
        ]  # fmt: skip
        session.execute(insert(ImportRejectionRow), rows)


def finish_import(session: Session, import_id: int, at: datetime) -> None:
    session.execute(update(ImportRow).where(col(ImportRow.id) == import_id).values(state=DONE, finished_at=at))


def abandon_import(session: Session, import_id: int) -> None:
    """Somebody stopped it. What has come in stays; the same content again is a new import."""
    running = (col(ImportRow.id) == import_id, col(ImportRow.state) == RUNNING)
    session.execute(update(ImportRow).where(*running).values(state=ABANDONED))


def mark_reverted(session: Session, import_id: int) -> None:
    """Says that the import's changes were taken back; raises NotFound for an import that never was."""
    get_import(session, import_id)
    session.execute(update(ImportRow).where(col(ImportRow.id) == import_id).values(state=REVERTED))


def get_import(session: Session, import_id: int) -> ImportRow:
    row = session.get(ImportRow, import_id)
    if row is None:
        newest = session.execute(select(func.max(col(ImportRow.id)))).scalar_one()
        raise NotFound(f"import {import_id} does not exist; " + (f"the newest is {newest}" if newest else "none does"))
    return row


def open_imports(session: Session) -> Sequence[ImportRow]:
    """Imports that are on their way, or died on it: automatic export runs wait for them, or for a person."""
    query = select(ImportRow).where(col(ImportRow.state) == RUNNING)
    return session.execute(query.order_by(col(ImportRow.id))).scalars().all()


def rejections_of(session: Session, import_id: int) -> Iterator[Rejection]:
    """In the order in which they were found, streamed."""
    query = select(ImportRejectionRow).where(col(ImportRejectionRow.import_id) == import_id)
    ordered = query.order_by(col(ImportRejectionRow.id)).execution_options(yield_per=1000)
    for row in session.execute(ordered).scalars():
        yield as_rejection(row)


def as_rejection(row: ImportRejectionRow) -> Rejection:
    return Rejection(row.resource, row.file, row.line, row.subject, row.column, row.value, row.code, row.message)


def refused_lines(session: Session, import_id: int) -> Iterator[tuple[str, int]]:
    """(file, line) of every line that an import has left out so far."""
    query = select(col(ImportRejectionRow.file), col(ImportRejectionRow.line)).distinct()
    rows = session.execute(query.where(col(ImportRejectionRow.import_id) == import_id))
    yield from ((row.file, row.line) for row in rows)
