"""One export run: every requested export, from one revision of the catalogue, to publications.

1. Load the definitions; take the lock of each export. What is wrong with one export does not stop the others.
2. Pin the revision: one snapshot for all exports, so none contradicts another.
3. Read every root once, in key order, and give it to every export; cut all files where a root's hash says.
4. Close the files (PDFs and labels are made here), let the gate look, publish.

Memory holds one root, one open segment a file, and what the artifact writers need. Files grow in a folder of the run's
own under `tmp`; folders and rows of runs that died are swept by the next.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.errors import Conflict, NotFound, PimError, known
from pim.base.garbage import rare_collections
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.exports.load import EXPORT_FILE, definition_digest, load_definition
from pim.exports.model import ExportDefinition
from pim.syndication import store
from pim.syndication.manifest import Build, Origin
from pim.syndication.program import program_digest
from pim.syndication.publication import Published, delete_expired, keep_apart, publish
from pim.syndication.render import ExportRendering, facts_of, prepare
from pim.syndication.run_lock import RunLock
from pim.syndication.segments import begins_segment
from pim.syndication.staged import FEED
from pim.versioning.snapshot import Snapshot, open_snapshot

REPORT_EVERY = 200
"""Roots between two calls of `progress`."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run is: `stage` is reading (with `roots` read so far), making or publishing (with the export's name)."""

    stage: str
    roots: int
    export: str | None = None


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class FeedResult:
    """One feed of an export. `path` is its local file, None on S3."""

    file: str
    locale: str | None
    items: int
    rejected: int
    bytes: int
    sha256: str
    url: str
    path: str | None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What came of one export. `state`: published, unchanged (current already), held (`message` says why), as_of, or
    failed (`message` says why). `left_out` names the feeds that had no item. `items` and `rejected` count products (or
    roots) that at least one locale accepted, or rejected."""

    name: str
    state: str
    number: int | None = None
    message: str | None = None
    items: int = 0
    rejected: int = 0
    feeds: list[FeedResult] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """`revision` is the one all exports show."""

    run: int
    revision: int
    exports: list[ExportResult]

    @property
    def failed(self) -> list[ExportResult]:
        return [export for export in self.exports if export.state == "failed"]


def run_exports(
    database: Database,
    storage: ObjectStorage,
    settings: Settings,
    names: Sequence[str] = (),
    *,
    as_of: int | None = None,
    progress: Progress = lambda step: None,
    clock: Clock = now,
) -> RunResult:
    """Renders the named exports (none named: all) and publishes each that the gate lets through.

    With `as_of` the feeds show that revision and are kept apart from the publications. Raises NotFound for a name or a
    revision that does not exist; everything else that keeps one export back is in its result.
    """
    names = list(names) or export_names(settings)
    _require_known(names, settings)
    with RunLock(database) as lock:
        run_id = _start(database, lock, names, as_of, clock)
        with _work_folder(database, settings, run_id) as work:
            run = _Run(database, storage, settings, lock, work, as_of, progress, clock)
            with rare_collections():
                revision, results = run.build(names)
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


def _start(database: Database, lock: RunLock, names: Sequence[str], as_of: int | None, clock: Clock) -> int:
    with database.session() as session:
        store.mark_lost_runs(session)
    with database.session() as session:
        run = store.start_run(session, names, as_of is not None, clock())
        if run.id is None:
            raise RuntimeError("the database gave the export run no id")
        lock.take_run(run.id)  # before anyone else can see the row and take it for a dead one's
    return run.id


@contextmanager
def _work_folder(database: Database, settings: Settings, run_id: int) -> Iterator[Path]:
    """A folder that goes when the run ends; those of dead runs go now."""
    root = settings.home / "tmp"
    root.mkdir(parents=True, exist_ok=True)
    with database.session() as session:
        alive = {f"export-run-{run}" for run in store.live_runs(session)}
    for folder in root.glob("export-run-*"):
        if folder.name not in alive:
            shutil.rmtree(folder, ignore_errors=True)
    work = root / f"export-run-{run_id}"
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Run:
    """What the steps of one run share. `results` fills as exports fail or finish."""

    def __init__(
        self,
        database: Database,
        storage: ObjectStorage,
        settings: Settings,
        lock: RunLock,
        work: Path,
        as_of: int | None,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._database, self._storage, self._settings = database, storage, settings
        self._lock, self._work, self._as_of = lock, work, as_of
        self._progress, self._clock = progress, clock
        self._results: dict[str, ExportResult] = {}
        self._roots = 0

    def build(self, names: Sequence[str]) -> tuple[int, list[ExportResult]]:
        definitions = self._load(names)
        with self._database.snapshot_session() as session:
            snapshot = open_snapshot(session, self._as_of)
            renderings = self._prepare(definitions, snapshot)
            try:
                self._render(renderings, snapshot)
            except BaseException:
                for rendering in renderings.values():
                    rendering.abandon()
                raise
            origins = {name: self._origin(definitions[name], snapshot) for name in renderings}
        for name, rendering in renderings.items():
            self._finish(name, rendering, origins[name])
        return snapshot.revision, [self._results[name] for name in names]

    def _load(self, names: Sequence[str]) -> dict[str, ExportDefinition]:
        definitions: dict[str, ExportDefinition] = {}
        for name in names:
            with self._guarded(name):
                if self._as_of is None:
                    self._claim(name)
                definitions[name] = load_definition(self._settings.exports_folder / name)
        return definitions

    def _claim(self, name: str) -> None:
        if not self._lock.take_export(name):
            raise Conflict(f"export `{name}` is being built by another run; try again when that has ended")
        delete_expired(self._database, self._storage, name)

    def _prepare(self, definitions: dict[str, ExportDefinition], snapshot: Snapshot) -> dict[str, ExportRendering]:
        renderings: dict[str, ExportRendering] = {}
        facts = facts_of(snapshot)
        for name, definition in definitions.items():
            work = self._work / name
            work.mkdir()
            with self._guarded(name):
                renderings[name] = prepare(definition, snapshot, facts, self._settings, self._storage, work)
        return renderings

    def _render(self, renderings: dict[str, ExportRendering], snapshot: Snapshot) -> None:
        """Removes from `renderings` what fails on the way."""
        for root in snapshot.roots():
            begins = self._roots > 0 and begins_segment(root.key)
            for name, rendering in list(renderings.items()):
                with self._guarded(name, renderings):
                    if begins:
                        rendering.cut(root.key)
                    rendering.take(root)
            self._roots += 1
            if not self._roots % REPORT_EVERY:
                self._progress(Step("reading", self._roots))
        for name, rendering in list(renderings.items()):
            with self._guarded(name, renderings):
                rendering.cut(None)
        self._progress(Step("reading", self._roots))

    def _origin(self, definition: ExportDefinition, snapshot: Snapshot) -> Origin:
        return Origin(
            revision=snapshot.revision,
            committed_at=snapshot.committed_at,
            definition_digest=definition_digest(self._settings.exports_folder / definition.name),
            schema_version=definition.schema.rpartition("/")[2],
            program_digest=program_digest(),
        )

    def _finish(self, name: str, rendering: ExportRendering, origin: Origin) -> None:
        with self._guarded(name):
            self._progress(Step("making", self._roots, name))
            files = rendering.close()
            build = Build(
                rendering.definition, origin, rendering.scope, rendering.locales, files, rendering.items,
                rendering.rejected,
            )  # fmt: skip
            self._progress(Step("publishing", self._roots, name))
            if self._as_of is not None:
                published = keep_apart(self._storage, build, self._clock)
            else:
                published = publish(self._database, self._storage, self._lock, build, self._clock)
            self._results[name] = self._result(build, published)
        shutil.rmtree(self._work / name, ignore_errors=True)

    def _result(self, build: Build, published: Published) -> ExportResult:
        name = build.definition.name
        feeds = [
            FeedResult(
                file=row.name,
                locale=row.locale,
                items=row.items,
                rejected=row.rejected,
                bytes=row.bytes,
                sha256=row.sha256,
                url=f"{self._settings.public_url}/feeds/{name}/{row.name}",
                path=_text(self._storage.local_path(f"{published.folder}/{row.name}")),
            )
            for row in published.files
            if row.role == FEED
        ]
        return ExportResult(
            name, published.state, published.number, published.reason, build.items, build.rejected, feeds,
            published.left_out, published.folder,
        )  # fmt: skip

    @contextmanager
    def _guarded(self, name: str, renderings: dict[str, Any] | None = None) -> Iterator[None]:
        """What one export cannot do ends that export, with its message, and not the run."""
        try:
            yield
        except PimError as error:
            self._results[name] = ExportResult(name, "failed", message=str(error))
            if renderings is not None:
                renderings.pop(name).abandon()


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
