"""The exports of one run while they are built: rendered as of one revision, gated and published, each on its own."""

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from pim.base.clock import Clock
from pim.base.database import Database
from pim.base.errors import Conflict, PimError
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.catalog.store import count_products
from pim.exports.load import definition_digest, load_definition
from pim.exports.model import ExportDefinition
from pim.syndication.compiled_export import compile_export
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.expiry import delete_expired
from pim.syndication.go_on import EarlierPublication, earlier_publication, splice_onto
from pim.syndication.help_wanted import HelpWanted, helped
from pim.syndication.kept_definitions import definition_then, keep_definition
from pim.syndication.manifest import Build, Origin
from pim.syndication.parallel import copy_range, render_in_ranges
from pim.syndication.program import program_digest
from pim.syndication.publication import Published, keep_apart, publish
from pim.syndication.range_worker import Order
from pim.syndication.ranges import ranges_of
from pim.syndication.reading_pass import render_roots
from pim.syndication.render import ExportRendering, open_rendering
from pim.syndication.run_facts import Facts, facts_of
from pim.syndication.run_lock import RunLock, place_of
from pim.syndication.run_result import ExportResult, FeedResult, Progress, Step
from pim.syndication.shown import Shown, snapshot_of
from pim.syndication.splice import Splice, dirty_in_any
from pim.syndication.staged import FEED
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow
from pim.versioning.snapshot import Snapshot

REPORT_EVERY = 200
"""Roots between two calls of `progress`."""

WORTH_WORKERS = 25_000
"""Products from which on processes are worth their start."""

LEAST_IN_A_RANGE, MOST_IN_A_RANGE = 1_000, 10_000
"""Products: few enough for all workers to end at about the same time, and for what they leave to fit anywhere."""

_logger = logging.getLogger(__name__)


WhyNotNow = Callable[[Session], str | None]
"""Why what the session sees is not for the feeds, None when it is."""


def never(session: Session) -> None:
    return None


class NotNow(Conflict):
    """A run has come at a bad time; nothing was built."""


class BeingBuilt(Conflict):
    """Another run builds the export."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the steps of a run share. `work` is a folder of the run's own; `unless` is asked of what it would show."""

    database: Database
    storage: ObjectStorage
    settings: Settings
    lock: RunLock
    run_id: int
    work: Path
    progress: Progress
    clock: Clock
    unless: WhyNotNow = never


class Building:
    """`results` fills as exports fail or finish; what one export cannot do ends that export and not the run."""

    def __init__(self, around: Surroundings, shown: Shown, full: bool) -> None:
        self.results: dict[str, ExportResult] = {}
        self._around, self._shown, self._full = around, shown, full
        self._definitions: dict[str, ExportDefinition] = {}
        self._origins: dict[str, Origin] = {}
        self._renderings: dict[str, ExportRendering] = {}
        self._copied_from: dict[str, int] = {}
        self._roots = 0
        self._folders: dict[str, Path] = {}

    def build(self, names: Sequence[str]) -> int:
        """Answers the revision that all exports show. Raises NotNow."""
        self._load(names)
        with snapshot_of(self._around.database, self._shown, self._around.clock) as snapshot:
            if (why_not := self._around.unless(snapshot.session)) is not None:
                raise NotNow(why_not)
            facts = facts_of(snapshot)
            try:
                for name, definition in self._definitions.items():
                    with self._guarded(name):
                        self._origins[name] = self._origin(definition, snapshot)
                        self._prepare(name, snapshot, facts)
                if not self._shown.apart and not self._full:
                    self._bring_forward(snapshot, facts)
                self._render_whole(snapshot)
            except BaseException:
                for rendering in self._renderings.values():
                    rendering.abandon()
                raise
        for name in list(self._renderings):
            self._finish(name)
        return snapshot.revision

    def _load(self, names: Sequence[str]) -> None:
        for name in names:
            with self._guarded(name):
                if not self._shown.apart:
                    self._claim(name)
                self._folders[name] = self._folder_then(name)
                self._definitions[name] = load_definition(self._folders[name] / name)

    def _folder_then(self, name: str) -> Path:
        """Where the definition is that is rendered by."""
        around, today = self._around, self._around.settings.exports_folder
        if self._shown.as_of is None:
            return today
        program, work = program_digest(around.settings.public_url), around.work / ".definitions"
        with around.database.session() as session:
            return definition_then(session, around.storage, today, name, self._shown.as_of, program, work)

    def _claim(self, name: str) -> None:
        if not self._around.lock.take_export(name):
            raise BeingBuilt(f"export `{name}` is being built by another run; try again when that has ended")
        delete_expired(self._around.database, self._around.storage, name, self._around.clock)

    def _origin(self, definition: ExportDefinition, snapshot: Snapshot) -> Origin:
        settings = self._around.settings
        return Origin(
            revision=snapshot.revision,
            committed_at=snapshot.committed_at,
            definition_digest=definition_digest(self._folders[definition.name] / definition.name),
            schema_version=definition.schema.rpartition("/")[2],
            program_digest=program_digest(settings.public_url),
            draft=self._shown.draft,
        )

    def _prepare(self, name: str, snapshot: Snapshot, facts: Facts) -> None:
        """With nothing in it, whatever was there before."""
        if name in self._renderings:
            self._renderings.pop(name).abandon()
        work = self._around.work / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        settings, storage = replace(self._around.settings, exports_folder=self._folders[name]), self._around.storage
        compiled = compile_export(self._definitions[name], snapshot, facts, settings)
        self._renderings[name] = open_rendering(compiled, settings, storage, work)

    def _bring_forward(self, snapshot: Snapshot, facts: Facts) -> None:
        """Goes on from earlier publications: each dirty root is read once, for all exports that need it."""
        splices: dict[str, Splice] = {}
        earlier: dict[str, EarlierPublication] = {}
        for name, rendering in list(self._renderings.items()):
            with self._guarded(name), self._mended(name, splices, snapshot, facts):
                found = earlier_publication(snapshot, name, self._origins[name])
                if found and found.shows(snapshot.revision):
                    self._leave_as_it_is(name, found)
                    continue
                splice = splice_onto(found, rendering, snapshot, self._around.storage) if found else None
                if found and splice:
                    earlier[name], splices[name] = found, splice
        try:
            for root in snapshot.roots_with(dirty_in_any(splices.values())):
                for name, splice in list(splices.items()):
                    with self._guarded(name, splices), self._mended(name, splices, snapshot, facts):
                        splice.take(root)
                self._count_roots()
            for name, splice in list(splices.items()):
                with self._guarded(name, splices), self._mended(name, splices, snapshot, facts):
                    splice.end()
                    self._copied_from[name] = earlier[name].row.number
        finally:
            for splice in splices.values():
                splice.close()

    def _render_whole(self, snapshot: Snapshot) -> None:
        """What was not brought forward: every root is read once, for all of them."""
        whole = {name: rendering for name, rendering in self._renderings.items() if name not in self._copied_from}
        recalled = any(folder != self._around.settings.exports_folder for folder in self._folders.values())
        others_differ = (
            recalled or self._shown.draft is not None
        )  # they read the definitions and the catalogue of today
        processes, hosts = (1, 0) if others_differ else self._hands()
        alone = processes < 2 and not hosts
        products = 0 if alone or not whole else count_products(snapshot.session)
        if products >= WORTH_WORKERS:
            self._render_in_ranges(whole, snapshot, products, processes, hosts)
        elif whole:
            render_roots(snapshot.roots(), whole, self._fail, count=self._count_roots)
        self._around.progress(Step("reading", self._roots))

    def _hands(self) -> tuple[int, int]:
        """How many processes of this host may render, and how many other hosts may be asked."""
        settings = self._around.settings
        self._around.lock.take_place(place_of(settings))
        return max(1, settings.render_workers), settings.render_helpers

    def _render_in_ranges(
        self, whole: dict[str, ExportRendering], snapshot: Snapshot, products: int, processes: int, hosts: int
    ) -> None:
        around = self._around
        definitions = {name: self._definitions[name] for name in whole}
        order = Order(around.settings, around.database.url, snapshot.revision, definitions)
        wanted = HelpWanted(
            run=around.run_id,
            revision=snapshot.revision,
            definitions={name: self._origins[name].definition_digest for name in whole},
            program_digest=program_digest(around.settings.public_url),
        )
        in_a_range = products // ((processes + hosts) * 8)
        ranges = ranges_of(snapshot, min(max(in_a_range, LEAST_IN_A_RANGE), MOST_IN_A_RANGE))
        with helped(around.database, around.storage, wanted, hosts) as board:
            rendered = render_in_ranges(order, ranges, board, around.storage, processes, around.work / ".ranges")
            for done, folder in rendered:
                for name, rendering in list(whole.items()):
                    if name in done.failed:
                        self._fail(name, PimError(done.failed[name]))
                        del whole[name]
                    else:
                        copy_range(rendering, folder / name)
                self._count_roots(done.roots)

    def _count_roots(self, more: int = 1) -> None:
        before, self._roots = self._roots, self._roots + more
        if before // REPORT_EVERY < self._roots // REPORT_EVERY:
            self._around.progress(Step("reading", self._roots))

    def _fail(self, name: str, error: PimError) -> None:
        self.results[name] = ExportResult(name, "failed", message=str(error), is_busy=isinstance(error, BeingBuilt))
        if name in self._renderings:
            self._renderings.pop(name).abandon()

    def _finish(self, name: str) -> None:
        around, rendering = self._around, self._renderings[name]
        with self._guarded(name):
            around.progress(Step("making", self._roots, name))
            files = rendering.close()
            build = Build(
                rendering.compiled.definition, self._origins[name], rendering.compiled.channel.code,
                rendering.compiled.locales, files, rendering.items, rendering.rejected,
            )  # fmt: skip
            around.progress(Step("publishing", self._roots, name))
            if self._shown.apart:
                published = keep_apart(around.storage, build, around.clock)
            else:
                keep_definition(around.storage, self._folders[name] / name, self._origins[name].definition_digest)
                published = publish(around.database, around.storage, around.lock, build, around.clock)
            self.results[name] = self._result(build, published)
        shutil.rmtree(around.work / name, ignore_errors=True)

    def _leave_as_it_is(self, name: str, current: EarlierPublication) -> None:
        """The same origin gives the same bytes: there is nothing to do."""
        rendering = self._renderings.pop(name)
        rendering.abandon()
        row, left_out = current.row, [feed for feed in rendering.feeds if feed not in current.files]
        feeds = self._feeds(name, current.files.values(), folder_of(row))
        self.results[name] = ExportResult(
            name, "unchanged", row.number, None, row.items, row.rejected, feeds, left_out, folder_of(row)
        )

    def _result(self, build: Build, published: Published) -> ExportResult:
        name = build.definition.name
        return ExportResult(
            name, published.state, published.number, published.reason, build.items, build.rejected,
            self._feeds(name, published.files, published.folder), published.left_out, published.folder,
            self._copied_from.get(name),
        )  # fmt: skip

    def _feeds(self, export: str, files: Iterable[PublicationFileRow], folder: str) -> list[FeedResult]:
        return [
            FeedResult(
                file=row.name,
                locale=row.locale,
                items=row.items,
                rejected=row.rejected,
                bytes=row.bytes,
                sha256=row.sha256,
                url=f"{self._around.settings.public_url}/feeds/{export}/{row.name}",
                path=_text(self._around.storage.local_path(f"{folder}/{row.name}")),
            )
            for row in files
            if row.role == FEED
        ]

    @contextmanager
    def _guarded(self, name: str, splices: dict[str, Splice] | None = None) -> Iterator[None]:
        """What one export cannot do ends that export, with its message. It leaves `splices`, too."""
        try:
            yield
        except PimError as error:
            self._fail(name, error)
            _leave(name, splices or {})

    @contextmanager
    def _mended(self, name: str, splices: dict[str, Splice], snapshot: Snapshot, facts: Facts) -> Iterator[None]:
        """An export whose earlier publication is damaged begins again, and is rendered whole."""
        try:
            yield
        except EarlierDamaged as damage:
            _logger.warning("export %s is rendered whole; its earlier publication is damaged: %s", name, damage)
            _leave(name, splices)
            self._prepare(name, snapshot, facts)


def _leave(name: str, splices: dict[str, Splice]) -> None:
    if name in splices:
        splices.pop(name).close()


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
