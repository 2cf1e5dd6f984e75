"""Which ranges of a run are rendered, and by whom: what the run and those who help it agree on, in the database.

Whoever asks is given a range that nobody has taken; when all are taken, one that another has begun and not ended. So
nobody has to notice that somebody died: what counts is whose segments are there first, and they are the same bytes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text
from sqlmodel import col

from pim.base.database import Database
from pim.syndication import store
from pim.syndication.ranges import Range
from pim.syndication.tables import RangeRow

_TAKE = text("""
    UPDATE export_run_range SET takes = takes + 1 WHERE run_id = :run AND number = (
        SELECT number FROM export_run_range
        WHERE run_id = :run AND roots IS NULL AND takes < :most AND number <> ALL(:own)
        ORDER BY takes, number LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING number, start, until
""")
_FINISH = text("""
    UPDATE export_run_range SET roots = :roots, stored = :stored
    WHERE run_id = :run AND number = :number AND roots IS NULL
""")

ANY_TIMES = 1_000_000


@dataclass(frozen=True, slots=True)
class RangeBoard:
    database: Database
    run_id: int

    def post(self, ranges: Sequence[Range]) -> None:
        with self.database.session() as session:
            session.add_all(
                RangeRow(run_id=self.run_id, number=one.number, start=one.start, until=one.until) for one in ranges
            )

    def take(self, own: Collection[int], most: int = ANY_TIMES) -> Range | None:
        """A range that is none of `own` (by number) and was taken less than `most` times; None when there is none."""
        with self.database.session() as session:
            taken = session.execute(_TAKE, {"run": self.run_id, "most": most, "own": list(own)}).first()
        return Range(*taken) if taken else None

    def finish(self, number: int, roots: int, stored: str | None = None) -> bool:
        """False when another was first, or the run has ended. `stored` is the key of the segments in object storage;
        those of the run itself are in its folder."""
        values = {"run": self.run_id, "number": number, "roots": roots, "stored": stored}
        with self.database.session() as session:
            return bool(session.execute(_FINISH, values).rowcount)  # type: ignore[attr-defined]

    def stored(self, number: int) -> RangeRow | None:
        """The range when a helper has stored its segments."""
        with self.database.session() as session:
            row = session.get(RangeRow, (self.run_id, number))
            return row if row is not None and row.stored is not None else None

    def reopen(self, number: int) -> None:
        """What was stored of it cannot be used."""
        with self.database.session() as session:
            row = session.get_one(RangeRow, (self.run_id, number))
            row.roots = row.stored = None

    def is_open(self) -> bool:
        """Whether the run is alive and waits for ranges."""
        with self.database.session() as session:
            undone = select(col(RangeRow.number)).where(
                col(RangeRow.run_id) == self.run_id, col(RangeRow.roots).is_(None)
            )
            return store.is_alive(session, self.run_id) and session.execute(undone.limit(1)).first() is not None

    def clear(self) -> None:
        with self.database.session() as session:
            session.execute(delete(RangeRow).where(col(RangeRow.run_id) == self.run_id))
