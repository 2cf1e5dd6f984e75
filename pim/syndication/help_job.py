"""Helping an export run of another host, as background work: takes ranges of it until none is left.

A host renders one run at a time, its own or another's, with all processes that it may use.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pim.base.errors import NotFound, PimError
from pim.base.installation import Installation
from pim.base.jobs import Progress
from pim.exports.load import definition_digest, load_definition
from pim.syndication import store
from pim.syndication.help_wanted import HelpWanted, read_help_wanted
from pim.syndication.local_ranges import LocalRanges
from pim.syndication.program import program_digest
from pim.syndication.range_archive import send_range
from pim.syndication.range_board import RangeBoard
from pim.syndication.range_worker import Order
from pim.syndication.run_lock import RunLock, place_of

TAKES = 2
"""A helper leaves ranges to others that two have begun already."""

LOOK_EVERY = 1.0
"""Seconds after which a helper looks whether the run still lives."""

_logger = logging.getLogger(__name__)


class NoHelp(Exception):
    """Why this host cannot help this run."""


def render_ranges_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Ends well whether it could help or not: the run renders what nobody else does."""
    run_id = arguments["run"]
    with RunLock(installation.database) as lock:
        try:
            if not lock.take_place(place_of(installation.settings)):
                raise NoHelp("this host is busy with it, or with another run")
            wanted = _wanted(installation, run_id)
            order = _order(installation, wanted)
        except NoHelp as reason:
            _logger.info("export run %d is left to others: %s", run_id, reason)
            return {"run": run_id, "ranges": 0, "left": str(reason)}
        return {
            "run": run_id,
            "ranges": _help(installation, order, RangeBoard(installation.database, run_id), progress),
        }


def _wanted(installation: Installation, run_id: int) -> HelpWanted:
    with installation.database.session() as session:
        if not store.is_alive(session, run_id):
            raise NoHelp("it has ended")
    try:
        return read_help_wanted(installation.storage, run_id)
    except NotFound:
        raise NoHelp("PIM_STORAGE_URL of this host names another storage than that of the run") from None


def _order(installation: Installation, wanted: HelpWanted) -> Order:
    settings = installation.settings
    if program_digest(settings.public_url) != wanted.program_digest:
        raise NoHelp("this host has another version of the program, of its libraries, or another PIM_PUBLIC_URL")
    definitions = {}
    for name, digest in wanted.definitions.items():
        folder = settings.exports_folder / name
        try:
            definitions[name] = load_definition(folder)
            same = definition_digest(folder) == digest
        except (PimError, OSError) as error:
            raise NoHelp(f"export `{name}` cannot be read from PIM_EXPORTS of this host: {error}") from error
        if not same:
            raise NoHelp(f"export `{name}` in {settings.exports_folder} is another than that of the run")
    return Order(settings, installation.database.url, wanted.revision, definitions)


def _help(installation: Installation, order: Order, board: RangeBoard, progress: Progress) -> int:
    """How many ranges were rendered here that the run had from nobody else."""
    sent, processes = 0, max(1, installation.settings.render_workers)
    with (
        _folder(installation.settings.home, board.run_id) as folder,
        LocalRanges(order, processes, folder, lambda own: board.take(own, TAKES)) as here,
    ):
        while board.is_open():
            progress(sent, None, f"export run {board.run_id}")
            here.fill()
            if not here.is_busy:
                break
            for number in here.wait(LOOK_EVERY):
                sent += _send(installation, board, number, here)
                here.drop(number)
    return sent


def _send(installation: Installation, board: RangeBoard, number: int, here: LocalRanges) -> bool:
    """Whether the run has it from here. What an export cannot do is for the run to find out, not for a helper."""
    done = here.done[number]
    if done.failed:
        _logger.warning("range %d of export run %d is left to others: %s", number, board.run_id, done.failed)
        return False
    key = send_range(installation.storage, board.run_id, number, here.folder_of(number))
    if board.finish(number, done.roots, key):
        return True
    installation.storage.delete(key)
    return False


@contextmanager
def _folder(home: Path, run_id: int) -> Iterator[Path]:
    """A folder that goes when helping ends. Those of helpers that died go now: there is one at a time."""
    root = home / "tmp"
    for left in root.glob("help-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = root / f"help-{run_id}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
