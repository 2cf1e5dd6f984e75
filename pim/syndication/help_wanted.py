"""Other hosts that help an export run: what the run tells them, and how they are asked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from pim.base.database import Database
from pim.base.jobs import cancel_job, defer_job, living_workers
from pim.base.jobs.model import QUEUED
from pim.base.jobs.store import locked_job
from pim.base.object_storage import ObjectStorage
from pim.syndication.range_archive import folder_of_run
from pim.syndication.range_board import RangeBoard
from pim.syndication.stored_publication import clear_folder

RENDER_RANGES = "render_ranges"
BY = "pim"


class HelpWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a helper must agree with: it renders by definitions and a program with the same digests, or not at all."""

    run: int
    revision: int
    definitions: Mapping[str, str]
    program_digest: str


@contextmanager
def helped(database: Database, storage: ObjectStorage, wanted: HelpWanted, hosts: int) -> Iterator[RangeBoard]:
    """The board of the run's ranges. Up to so many workers, of those that live, are asked to take from it; when the
    block ends, nothing is left of it."""
    board = RangeBoard(database, wanted.run)
    asked: list[int] = []
    try:
        asked += _ask(database, storage, wanted, hosts)
        yield board
    finally:
        board.clear()
        _end(database, asked)
        clear_folder(storage, folder_of_run(wanted.run))


def read_help_wanted(storage: ObjectStorage, run_id: int) -> HelpWanted:
    """Raises NotFound when the run has ended, or has another storage."""
    with storage.open(_key(run_id)) as stored:
        return msgspec.json.decode(stored.read(), type=HelpWanted)


def _ask(database: Database, storage: ObjectStorage, wanted: HelpWanted, hosts: int) -> list[int]:
    if not hosts:
        return []
    storage.put(_key(wanted.run), msgspec.json.encode(wanted), "application/json")
    with database.session() as session:
        asked = min(hosts, living_workers(session))
        return [defer_job(session, RENDER_RANGES, {"run": wanted.run}, by=BY) for _ in range(asked)]


def _end(database: Database, asked: list[int]) -> None:
    """Helpers that are at work see for themselves that there is nothing left to do."""
    for job_id in asked:
        with database.session() as session:
            row = locked_job(session, job_id)
            if row is not None and row.state == QUEUED:
                cancel_job(session, job_id)


def _key(run_id: int) -> str:
    return f"{folder_of_run(run_id)}/wanted.json"
