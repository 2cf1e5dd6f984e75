"""Rendering the whole catalogue in several processes: each takes ranges, the run copies their segments in order.

What is left of a range is copied like the clean segments of an earlier publication, so the bytes are the same whatever
the number of processes and wherever they run: on this host, and on those that help.
"""

import logging
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pim.base.errors import NotFound
from pim.base.object_storage import ObjectStorage
from pim.syndication.earlier import side_by_side
from pim.syndication.local_ranges import LocalRanges
from pim.syndication.range_archive import fetch_range
from pim.syndication.range_board import RangeBoard
from pim.syndication.range_worker import Order, RangeDone
from pim.syndication.ranges import Range
from pim.syndication.render import ExportRendering

LOOK_EVERY = 0.2
"""Seconds after which the run looks whether a helper has stored the range that it waits for."""

_logger = logging.getLogger(__name__)


def render_in_ranges(
    order: Order, ranges: Sequence[Range], board: RangeBoard, storage: ObjectStorage, processes: int, folder: Path
) -> Iterator[tuple[RangeDone, Path]]:
    """What came of every range, in order, and the folder of its segments, which goes when the next is asked for.
    Raises TemporaryFailure when processes of this host die again and again."""
    board.post(ranges)
    with LocalRanges(order, processes, folder, board.take) as here:
        for wanted in ranges:
            fetched = folder / f"{wanted.number}-fetched"
            done = _awaited(here, board, storage, wanted.number, fetched)
            if done is None:
                yield here.done[wanted.number], here.folder_of(wanted.number)
            else:
                yield done, fetched
                shutil.rmtree(fetched)
            here.drop(wanted.number)


def _awaited(
    here: LocalRanges, board: RangeBoard, storage: ObjectStorage, number: int, folder: Path
) -> RangeDone | None:
    """What came of the range elsewhere, unpacked into `folder`; None when it was rendered here. Meanwhile this host
    renders, too."""
    while number not in here.done:
        here.fill()
        if found := _fetched(board, storage, number, folder):
            return found
        for ended in here.wait(LOOK_EVERY):
            board.finish(ended, here.done[ended].roots)
    return None


def _fetched(board: RangeBoard, storage: ObjectStorage, number: int, folder: Path) -> RangeDone | None:
    """What a helper has stored of the range, unpacked."""
    row = board.stored(number)
    if row is None or row.stored is None:
        return None
    try:
        fetch_range(storage, row.stored, folder)
    except (NotFound, tarfile.TarError) as error:
        _logger.warning("range %d is rendered again; what a helper has stored cannot be read: %s", number, error)
        board.reopen(number)
        return None
    return RangeDone(row.roots or 0, {})


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
