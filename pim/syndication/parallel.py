"""Rendering the whole catalogue in several processes: each takes ranges, the run copies their segments in order.

What a worker left of a range is copied like the clean segments of an earlier publication, so the bytes are the same
whatever the number of workers. A process that dies takes nothing with it: its ranges are given to others.
"""

import logging
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from pim.base.errors import TemporaryFailure
from pim.syndication.earlier import side_by_side
from pim.syndication.range_worker import Order, RangeDone, begin_worker, render_range
from pim.syndication.ranges import Range
from pim.syndication.render import ExportRendering

MOST_LOSSES = 5
"""Times that workers may die in one run before it gives up: then something kills them on purpose, or memory is out."""

_logger = logging.getLogger(__name__)


def render_in_ranges(
    order: Order, ranges: Sequence[Range], workers: int, folder: Path
) -> Iterator[tuple[RangeDone, Path]]:
    """What came of every range, in order, and the folder of its segments, which goes when the next is asked for.
    Raises TemporaryFailure when workers die again and again."""
    next_up, losses = 0, 0
    while next_up < len(ranges):
        pool = ProcessPoolExecutor(workers, get_context("spawn"), begin_worker, (order,))
        try:
            for task, place in _handed_out(pool, order, ranges[next_up:], folder / f"attempt-{losses}"):
                done = task.result()
                next_up += 1
                yield done, place
                shutil.rmtree(place)
        except BrokenProcessPool as broken:
            losses += 1
            _logger.warning("a worker died; range %d and what follows is given to others", next_up)
            if losses > MOST_LOSSES:
                raise TemporaryFailure("workers of the export run die again and again; is memory short?") from broken
        finally:
            pool.shutdown(cancel_futures=True)


def _handed_out(
    pool: ProcessPoolExecutor, order: Order, ranges: Sequence[Range], folder: Path
) -> list[tuple[Future[RangeDone], Path]]:
    places = [folder / str(wanted.number) for wanted in ranges]
    return [
        (pool.submit(render_range, wanted, list(order.definitions), place), place)
        for wanted, place in zip(ranges, places, strict=True)
    ]


def copy_range(rendering: ExportRendering, folder: Path) -> None:
    """Appends the segments that a worker left in `folder`."""
    ranges = rendering.ranges_in(folder)
    try:
        for records in side_by_side(ranges):
            for output, found, record in zip(rendering.sequences, ranges, records, strict=True):
                output.copy(found.segment(record))
    finally:
        for found in ranges:
            found.close()
