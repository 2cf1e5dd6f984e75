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
from pim.bench.log_bytes import bytes_by_kind, log_bytes
from pim.bench.measure import Figures, in_own_process, percentile_ms
from pim.catalog.model import PRODUCT
from pim.catalog.store import products_by_code
from pim.versioning.as_of import as_of
from pim.versioning.commit import commit_or_raise
from pim.versioning.compare import Between, read_diff
from pim.versioning.history import value_history
from pim.versioning.model import Edit, Origin
from pim.versioning.store import current_structure, head_revision

CHANGESETS, EDITS = 200, 10
QUESTIONS = 300
ROUNDS = 10


def measure_history(settings: Settings) -> Figures:
    """On a log of ten edits a product, changes the `mpn` of random products in many small changesets, then asks about
    them in random order."""
    return in_own_process(_measure, settings)


def _measure(settings: Settings) -> Figures:
    random = Random(1)
    with open_database(settings) as database:
        codes = _some_codes(database)
        logged = _lengthen_log(database)
        before = log_bytes(database)
        first = _edit(database, codes, random)
        grown = log_bytes(database) - before
        value = [_timed(database.session, _value_history(random.choice(codes))) for _ in range(QUESTIONS)]
        as_of = [
            _timed(database.snapshot_session, _as_of(first + random.randrange(CHANGESETS), random.choice(codes)))
            for _ in range(QUESTIONS)
        ]
        diff = [
            _timed(database.snapshot_session, _diff(first + random.randrange(CHANGESETS))) for _ in range(QUESTIONS)
        ]
        by_kind = bytes_by_kind(database, codes)
    return {
        "history.logged_edits": logged,
        "history.value.p95_ms": percentile_ms(value, 0.95),
        "history.as_of.p95_ms": percentile_ms(as_of, 0.95),
        "history.diff.p95_ms": percentile_ms(diff, 0.95),
        "history.bytes_per_edit": round(grown / (CHANGESETS * EDITS)),
        **by_kind,
    }


_ROUND = """
WITH edited AS (
    SELECT id, row_number() OVER (ORDER BY md5(id::text || :round)) - 1 AS place,
           CASE WHEN :round = 1 THEN document #> '{values,mpn,0,data}' ELSE to_jsonb('CR-' || (:round - 1) || '-' || id)
           END AS old
    FROM product WHERE document -> 'values' ? 'mpn'
), made AS (
    INSERT INTO changeset (revision, author, source, committed_at)
    SELECT :head + 1 + chunk, 'bench', 'api', now() FROM (SELECT DISTINCT place / 1000 AS chunk FROM edited) AS chunks
    RETURNING revision
), written AS (
    INSERT INTO change (revision, number, entity_id, kind, path, attribute_id, old, new)
    SELECT :head + 1 + place / 1000, place % 1000, id, 'product', 'values', :attribute, old,
           to_jsonb('CR-' || :round || '-' || id)
    FROM edited RETURNING revision
)
SELECT (SELECT max(revision) FROM made), (SELECT count(*) FROM written)
"""
_LAST_ROUND = """
UPDATE product SET document = jsonb_set(document, '{values,mpn,0,data}', change.new), revision = change.revision
FROM change WHERE change.entity_id = product.id AND change.revision > :head
"""


def _lengthen_log(database: Database) -> int:
    """Ten edits of each product that has an `mpn`, a thousand a revision, as if they had been committed; how many."""
    logged = 0
    with database.session() as session:
        attribute = current_structure(session).id_of("attribute", "mpn")
        head = head_revision(session)
        for number in range(1, ROUNDS + 1):
            before = head
            given = {"round": number, "head": head, "attribute": attribute}
            head, written = session.execute(text(_ROUND), given).one()
            logged += written
        session.execute(text(_LAST_ROUND), {"head": before})
        session.execute(text("UPDATE head SET revision = :head"), {"head": head})
    with database.session() as session:
        session.execute(text("ANALYZE change, changeset, product"))
    return logged


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


def _value_history(code: str) -> Callable[[Session], Any]:
    def ask(session: Session) -> Any:
        (product,) = products_by_code(session, [code])
        return value_history(session, product, "mpn")

    return ask


def _as_of(revision: int, code: str) -> Callable[[Session], Any]:
    return lambda session: as_of(session, PRODUCT, code, revision)


def _diff(revision: int) -> Callable[[Session], Any]:
    return lambda session: read_diff(session, Between(revision - 1, revision))


def _timed(open_session: Callable[[], Any], ask: Callable[[Session], Any]) -> float:
    start = time.perf_counter()
    with open_session() as session:
        ask(session)
    return time.perf_counter() - start
