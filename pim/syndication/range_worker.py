"""A process that renders ranges of the catalogue for a run of another process, as of that run's revision."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

from pim.base.database import Database, make_engine, parse_url
from pim.base.errors import PimError
from pim.base.garbage import rare_collections
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.exports.model import ExportDefinition
from pim.syndication.compiled_export import CompiledExport, compile_export
from pim.syndication.ranges import Range
from pim.syndication.reading_pass import render_roots
from pim.syndication.render import ExportRendering, open_rendering
from pim.syndication.run_facts import facts_of
from pim.versioning.snapshot import open_snapshot


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker has to know. The definitions are the run's, whatever their folders say by now."""

    settings: Settings
    database_url: str
    revision: int
    definitions: dict[str, ExportDefinition]


@dataclass(frozen=True, slots=True)
class RangeDone:
    """`failed` tells by name which exports could not go on, and why."""

    roots: int
    failed: dict[str, str]


class Superseded(Exception):
    """What is being rendered is there already, from somebody else."""


class RangeWorker:
    """Sees the revision in a transaction of its own, in which it undoes what was committed since."""

    def __init__(self, order: Order) -> None:
        self._settings, self._storage = order.settings, open_storage(order.settings)
        self._open = ExitStack()
        self._open.enter_context(rare_collections())
        database = self._open.enter_context(Database(make_engine(parse_url(order.database_url))))
        self._snapshot = open_snapshot(self._open.enter_context(database.snapshot_session()), order.revision)
        facts = facts_of(self._snapshot)
        self._exports: dict[str, CompiledExport] = {
            name: compile_export(definition, self._snapshot, facts, order.settings)
            for name, definition in order.definitions.items()
        }

    def render(self, wanted: Range, names: Sequence[str], folder: Path) -> RangeDone:
        """Leaves the segments of every export in `folder`, an empty one. Raises Superseded when that goes meanwhile."""
        failed: dict[str, str] = {}
        renderings = {name: self._bare(name, wanted, folder / name) for name in names}
        roots = 0

        def fail(name: str, error: PimError) -> None:
            failed[name] = str(error)

        def count() -> None:
            nonlocal roots
            roots += 1
            if not folder.exists():
                raise Superseded(f"nobody waits for range {wanted.number} any more")

        members = self._snapshot.roots(wanted.start, wanted.until)
        try:
            render_roots(members, renderings, fail, start=wanted.start, until=wanted.until, count=count)
        except Superseded:
            for rendering in renderings.values():
                rendering.abandon()
            raise
        for rendering in renderings.values():
            rendering.close_bare()
        return RangeDone(roots, failed)

    def _bare(self, name: str, wanted: Range, folder: Path) -> ExportRendering:
        folder.mkdir()
        return open_rendering(self._exports[name], self._settings, self._storage, folder, start=wanted.start)


_workers: list[RangeWorker] = []
"""The one of this process, once it has begun."""


def begin_worker(order: Order) -> None:
    """Called once in a new process. It ends with the process that started it, however that ended."""
    Thread(target=_end_with_parent, daemon=True).start()
    _workers.append(RangeWorker(order))


def render_range(wanted: Range, names: Sequence[str], folder: Path) -> RangeDone:
    """In a process in which `begin_worker` was called."""
    (worker,) = _workers
    return worker.render(wanted, names, folder)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
