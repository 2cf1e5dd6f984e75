"""One export run: every requested export, from one revision of the catalogue, to publications.

1. Load the definitions; take the lock of each export. What is wrong with one export does not stop the others.
2. Pin the revision: one snapshot for all exports, so none contradicts another.
3. Go on from the last publication that was made the same way: copy its clean segments, render what is dirty. Where
   there is none, read every root once, in key order, and give it to every such export; cut all files where a root's
   hash says.
4. Close the files (PDFs and labels are made here), let the gate look, publish.

Memory holds one root, one open segment a file, and what the artifact writers need. Files grow in a folder of the run's
own under `tmp`; folders and rows of runs that died are swept by the next.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.errors import NotFound, known
from pim.base.garbage import rare_collections
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.exports.inheritance import EXPORT_FILE
from pim.syndication import store
from pim.syndication.building import Building, NotNow, Surroundings, WhyNotNow, never
from pim.syndication.range_archive import sweep_ranges
from pim.syndication.run_lock import RunLock
from pim.syndication.run_result import Progress, RunResult
from pim.syndication.shown import Shown


def run_exports(
    database: Database,
    storage: ObjectStorage,
    settings: Settings,
    names: Sequence[str] = (),
    *,
    as_of: int | None = None,
    draft: str | None = None,
    full: bool = False,
    unless: WhyNotNow = never,
    progress: Progress = lambda step: None,
    clock: Clock = now,
) -> RunResult:
    """Renders the named exports (none named: all) and publishes each that the gate lets through.

    With `as_of` the feeds show that revision, with `draft` the catalogue as it would be with the draft of that name
    applied now; such feeds are kept apart from the publications. With `full` nothing is copied from earlier
    publications; the bytes are the same. Raises NotFound for a name, a draft or a revision that does not exist, and
    NotNow when `unless` says why what the run would show shall not be shown; everything else that keeps one export back
    is in its result.
    """
    names = list(names) or export_names(settings)
    _require_known(names, settings)
    shown = Shown(as_of, draft)
    with RunLock(database) as lock:
        run_id = _start(database, lock, names, shown, clock)
        with _work_folder(database, storage, settings, run_id) as work:
            around = Surroundings(database, storage, settings, lock, run_id, work, progress, clock, unless)
            building = Building(around, shown, full)
            with _no_run_if_not_now(database, run_id), rare_collections():
                revision = building.build(names)
        results = [building.results[name] for name in names]
        outcomes = {result.name: {"state": result.state, "message": result.message} for result in results}
        with database.session() as session:
            store.finish_run(session, run_id, revision, outcomes, clock())
    return RunResult(run_id, revision, results)


def export_names(settings: Settings) -> list[str]:
    """Every folder under `channel_exports` that defines an export."""
    return sorted(path.parent.name for path in settings.exports_folder.glob(f"*/{EXPORT_FILE}"))


def _require_known(names: Sequence[str], settings: Settings) -> None:
    there = export_names(settings)
    for name in names:
        if name not in there:
            raise NotFound(f"export `{name}` does not exist in {settings.exports_folder}; {known(there)}")


def _start(database: Database, lock: RunLock, names: Sequence[str], shown: Shown, clock: Clock) -> int:
    with database.session() as session:
        store.mark_lost_runs(session)
    with database.session() as session:
        run = store.start_run(session, names, shown.apart, clock())
        if run.id is None:
            raise RuntimeError("the database gave the export run no id")
        lock.take_run(run.id)  # before anyone else can see the row and take it for a dead one's
    return run.id


@contextmanager
def _no_run_if_not_now(database: Database, run_id: int) -> Iterator[None]:
    try:
        yield
    except NotNow:
        with database.session() as session:
            store.forget_run(session, run_id)
        raise


@contextmanager
def _work_folder(database: Database, storage: ObjectStorage, settings: Settings, run_id: int) -> Iterator[Path]:
    """A folder that goes when the run ends; those of dead runs go now, and the ranges that others rendered for them."""
    root = settings.home / "tmp"
    root.mkdir(parents=True, exist_ok=True)
    with database.session() as session:
        alive = store.live_runs(session)
    for folder in root.glob("export-run-*"):
        if folder.name not in {f"export-run-{run}" for run in alive}:
            shutil.rmtree(folder, ignore_errors=True)
    sweep_ranges(storage, alive)
    work = root / f"export-run-{run_id}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
