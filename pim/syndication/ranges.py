"""Ranges of the catalogue that can be rendered apart: each begins where a segment does."""

from dataclasses import dataclass

from sqlalchemy import text

from pim.syndication.segments import begins_segment
from pim.versioning.snapshot import Snapshot

_EVERY = """
    SELECT root_key FROM (SELECT root_key, row_number() OVER (ORDER BY root_key) AS number FROM product) AS numbered
    WHERE number % :size = 0 ORDER BY root_key
"""
_FROM_HERE = "SELECT DISTINCT root_key FROM product WHERE root_key >= :key ORDER BY root_key LIMIT 400"
"""One in 32 begins a segment: among 400 there is one, or the two ranges stay one."""


@dataclass(frozen=True, slots=True)
class Range:
    """The roots with keys in [`start`, `until`); None is the end."""

    number: int
    start: str
    until: str | None


def ranges_of(snapshot: Snapshot, products: int) -> list[Range]:
    """The whole catalogue in ranges of about so many products, in key order."""
    sampled = snapshot.session.execute(text(_EVERY), {"size": products}).scalars().all()
    starts = sorted({start for key in sampled if (start := _segment_from(snapshot, key)) is not None})
    there = snapshot.keys_among(starts)
    starts = ["", *(start for start in starts if start in there)]
    return [
        Range(number, start, until)
        for number, (start, until) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    ]


def _segment_from(snapshot: Snapshot, key: str) -> str | None:
    keys = snapshot.session.execute(text(_FROM_HERE), {"key": key}).scalars()
    return next((found for found in keys if begins_segment(found)), None)
