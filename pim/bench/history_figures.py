"""What history costs: the bytes of an edit, and the time to ask who changed what and how it stood."""

import time
from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from pim.base.clock import now
from pim.base.database import Database, open_database
from pim.base.settings import Settings
from pim.bench.measure import Figures, in_own_process, percentile_ms
from pim.catalog.model import PRODUCT
from pim.catalog.store import products_by_code
from pim.versioning.as_of import as_of
from pim.versioning.commit import commit_or_raise
from pim.versioning.history import value_history
from pim.versioning.model import Edit, Origin
from pim.versioning.store import head_revision

CHANGESETS, EDITS = 200, 10
QUESTIONS = 300
LOG = ("change", "changeset")


def measure_history(settings: Settings) -> Figures:
    """Changes the `mpn` of random products in many small changesets, then asks about them in random order."""
    return in_own_process(_measure, settings)


def _measure(settings: Settings) -> Figures:
    random = Random(1)
    with open_database(settings) as database:
        codes = _some_codes(database)
        before = _log_bytes(database)
        first = _edit(database, codes, random)
        grown = _log_bytes(database) - before
        value = [_timed(database.session, _value_history(random.choice(codes))) for _ in range(QUESTIONS)]
        as_of = [
            _timed(database.snapshot_session, _as_of(first + random.randrange(CHANGESETS), random.choice(codes)))
            for _ in range(QUESTIONS)
        ]
    return {
        "history.value.p95_ms": percentile_ms(value, 0.95),
        "history.as_of.p95_ms": percentile_ms(as_of, 0.95),
        "history.bytes_per_edit": round(grown / (CHANGESETS * EDITS)),
    }


def _some_codes(database: Database) -> list[str]:
    """Codes of products of their own attributes, spread over the catalogue."""
    with database.session() as session:
        query = text("SELECT code FROM product WHERE parent_id IS NULL ORDER BY md5(code) LIMIT 1000")
        return list(session.execute(query).scalars())


def _edit(database: Database, codes: list[str], random: Random) -> int:
    """The first of the revisions it makes."""
    with database.session() as session:
        first = head_revision(session) + 1
    for number in range(CHANGESETS):
        values = {"mpn": [{"locale": None, "scope": None, "data": f"CR-{number}-{random.randrange(10**6)}"}]}
        edits = [Edit(PRODUCT, code, {"values": values}, must="exist") for code in random.sample(codes, EDITS)]
        with database.session() as session:
            commit_or_raise(session, edits, Origin("bench", "api"), now())
    return first


def _log_bytes(database: Database) -> int:
    """Of the tables of the log and their indexes."""
    with database.session() as session:
        sizes = [session.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one() for table in LOG]
        return sum(sizes)


def _value_history(code: str) -> Callable[[Session], Any]:
    def ask(session: Session) -> Any:
        (product,) = products_by_code(session, [code])
        return value_history(session, product, "mpn")

    return ask


def _as_of(revision: int, code: str) -> Callable[[Session], Any]:
    return lambda session: as_of(session, PRODUCT, code, revision)


def _timed(open_session: Callable[[], Any], ask: Callable[[Session], Any]) -> float:
    start = time.perf_counter()
    with open_session() as session:
        ask(session)
    return time.perf_counter() - start
