"""Whether this process is up, and whether it can do its work."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
from litestar import Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from pim import __version__
from pim.api.bodies import JSON
from pim.api.metrics import show_metrics
from pim.api.operating_words import HEALTH, READY
from pim.base.database import Database
from pim.base.errors import PimError
from pim.base.migrations import pending
from pim.base.object_storage import ObjectStorage
from pim.versioning.tables import HeadRow

WITHIN = 3
"""Seconds in which the database has to answer."""

SEEN_LONG_ENOUGH = 10.0
"""Seconds for which one look at the storage counts: writing to it may cost."""


@get("/health", sync_to_thread=False, operation=HEALTH)
def show_health() -> dict[str, str]:
    return {"status": "up", "version": __version__}


@get("/ready", sync_to_thread=True, operation=READY)
def show_readiness(state: State) -> Response[bytes]:
    checks = {
        "database": _checked(lambda: _database(state.database)),
        "migrations": _checked(lambda: _migrations(state.database)),
        "storage": _storage(state),
        "derived": _checked(lambda: _derived(state.database)),
    }
    ready = all(check["ok"] for check in checks.values())
    body = msgspec.json.encode({"ready": ready, "checks": checks})
    headers = {"Cache-Control": "no-store"} | ({} if ready else {"Retry-After": "5"})
    return Response(body, status_code=200 if ready else 503, media_type=JSON, headers=headers)


def _checked(look: Callable[[], str]) -> dict[str, Any]:
    """`look` says what it saw, or raises what is wrong."""
    try:
        return {"ok": True, "detail": look()}
    except (psycopg.Error, SQLAlchemyError, OSError, PimError) as error:
        return {"ok": False, "detail": (str(error).strip() or type(error).__name__).splitlines()[0]}


def _database(database: Database) -> str:
    """By a connection of its own: a pool that is lent out whole is busy, not away."""
    with psycopg.connect(database.url, connect_timeout=WITHIN, options=f"-c statement_timeout={WITHIN}s") as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {row[0].split()[0] if row else ''}"


def _migrations(database: Database) -> str:
    if missing := pending(database.engine):
        raise PimError(f"the database lacks {', '.join(missing)}; any command that opens it applies them")
    return "as this program expects"


def _storage(state: State) -> dict[str, Any]:
    """Written to and read back, now and then."""
    seen_at: float
    seen: dict[str, Any]
    seen_at, seen = state.get("storage_seen", (0.0, {}))
    if not seen or time.monotonic() - seen_at > SEEN_LONG_ENOUGH:
        seen = _checked(lambda: _write_and_delete(state.storage))
        state["storage_seen"] = (time.monotonic(), seen)
    return seen


def _write_and_delete(storage: ObjectStorage) -> str:
    key = f"readiness/{uuid4().hex}"
    storage.put(key, b"ready", "text/plain")
    storage.delete(key)
    return "can be written"


def _derived(database: Database) -> str:
    """Being behind is no reason to turn people away: what is derived catches up."""
    with database.session() as session:
        behind = session.execute(select(col(HeadRow.structure_revision) - col(HeadRow.derived_revision))).scalar_one()
    return f"{behind} structure changes behind" if behind else "up to date"


ROUTES: list[ControllerRouterHandler] = [show_health, show_readiness, show_metrics]
