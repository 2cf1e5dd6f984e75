"""Takes what a path holds into the catalogue, so that nothing is done twice and nothing is lost, whatever dies."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.garbage import rare_collections
from pim.base.object_storage import ObjectStorage
from pim.catalog.structure import Structure
from pim.intake import store
from pim.intake.attach_media import MediaFolder
from pim.intake.model import (
    DocumentChange,
    Entry,
    ImportSummary,
    Part,
    Progress,
    Rejection,
    nothing_to_show,
)
from pim.intake.recognise import Content, digest_of, recognise
from pim.intake.refused_lines import RefusedLines
from pim.intake.report import FIRST_CHANGES, FIRST_REJECTIONS, write_files
from pim.intake.sheets.check_mapping import check_mapping
from pim.intake.sheets.model import ColumnMapping
from pim.intake.take_batch import Door, Taken, take_batch
from pim.versioning.derive import catch_up
from pim.versioning.model import Origin
from pim.versioning.store import current_structure, revisions_of_import


@dataclass(frozen=True, slots=True)
class Watch:
    """Whom an import tells what it is doing: its number, how far it is, each rejection, and (a dry run) each change.
    What `progress` raises stops it between two batches."""

    progress: Progress = nothing_to_show
    on_rejection: Callable[[Rejection], None] = lambda rejection: None
    on_change: Callable[[DocumentChange], None] = lambda change: None
    on_begin: Callable[[int], None] = lambda import_id: None


Allowed = Callable[[Sequence[Part]], None]
"""Raises NotPermitted when somebody may not import these; at the keyboard of the server anybody may."""


def import_path(
    database: Database,
    storage: ObjectStorage,
    path: Path,
    *,
    author: str,
    home: Path,
    watch: Watch | None = None,
    dry_run: bool = False,
    mapping: ColumnMapping | None = None,
    allowed: Allowed = lambda parts: None,
    clock: Clock = now,
) -> ImportSummary:
    """1. Recognises what is there. 2. Finds the unfinished import of the same content, or begins one. 3. Takes it in,
    batch by batch, a transaction and a changeset each. 4. Brings derived rows up to date between structure and
    products. 5. Writes what was left out under `home`/imports/<id>.

    A sheet is read by `mapping`, or without one as we write sheets ourselves. Raises InvalidInput for a path that is
    nothing we read or a mapping that does not fit the catalogue, Conflict while another process imports this content,
    and what `allowed` raises.
    Lines that break a rule are left out and told; they stop nothing. Killed, the same call goes on where it was.
    """
    watch = watch or Watch()
    content = recognise(path, mapping)
    if mapping is not None:
        with database.session() as session:
            check_mapping(mapping, current_structure(session))
    digest, lines = digest_of(content)
    parts = content.parts(content.path, lines)
    allowed(parts)
    summary = ImportSummary(str(content.path), content.format, digest, dry_run=dry_run)
    if dry_run:
        _try_out(database, content, parts, summary, author, watch, clock)
        return summary
    with store.held(database, digest), rare_collections():
        _import(database, storage, content, parts, summary, author, watch, clock)
        with database.session() as session:
            store.finish_import(session, _id(summary), clock())
        with database.session() as session:
            summary.revisions = revisions_of_import(session, _id(summary))
            write_files(session, summary, home)
    return summary


def _id(summary: ImportSummary) -> int:
    assert summary.import_id is not None
    return summary.import_id


def _import(
    database: Database,
    storage: ObjectStorage,
    content: Content,
    parts: Sequence[Part],
    summary: ImportSummary,
    author: str,
    watch: Watch,
    clock: Clock,
) -> None:
    position, refused = _begin(database, content, summary, author, clock)
    watch.on_begin(_id(summary))
    names = [part.name for part in parts]
    reached = names.index(position["part"]) if position.get("part") in names else 0
    origin = Origin(author, "import", f"import of {content.path.name}", summary.import_id)
    door = Door(MediaFolder(content.folder), storage, origin)
    caught_up = False
    for number, part in enumerate(parts):
        if number < reached:
            continue
        if not part.of_structure and not caught_up:
            catch_up(database)
            caught_up = True
        skip = position.get("entries", 0) if number == reached else 0
        with database.session() as session:
            structure = current_structure(session)
        for batch, done in _batches(part, structure, skip):
            with database.session() as session:
                taken = take_batch(session, part, batch, door, refused, clock())
                _add(summary, part, taken)
                here = {"part": part.name, "entries": done}
                store.move_on(session, _id(summary), here, summary.counts, summary.warnings, taken.rejections)
            _tell(watch, summary, part, batch, taken)
        watch.progress(part.resource, part.lines, part.lines)
    catch_up(database)


def _begin(
    database: Database, content: Content, summary: ImportSummary, author: str, clock: Clock
) -> tuple[dict[str, Any], RefusedLines]:
    """Where to go on, and what was refused so far; the summary takes up what was counted."""
    store.abandon_others(database, summary.path, summary.digest)
    with database.session() as session:
        row = store.find_running(session, summary.digest)
        if row is None:
            row = store.begin_import(session, summary.digest, summary.path, content.format, author, clock())
        summary.import_id, summary.counts, summary.warnings = row.id, dict(row.counts), dict(row.warnings)
        summary.resumed = bool(row.position)
        summary.first_rejections = list(islice(store.rejections_of(session, row.id), FIRST_REJECTIONS))
        return row.position, RefusedLines(store.refused_lines(session, row.id))


def _batches(part: Part, structure: Structure, skip: int) -> Iterator[tuple[list[Entry], int]]:
    """Entries in batches, each with how many of the part's entries are behind it then."""
    entries = islice(part.read(structure), skip, None)
    while batch := list(islice(entries, part.batch)):
        skip += len(batch)
        yield batch, skip


def _add(summary: ImportSummary, part: Part, taken: Taken) -> None:
    if taken.counts:
        counts = summary.counts.setdefault(part.resource, {})
        for outcome, number in taken.counts.items():
            counts[outcome] = counts.get(outcome, 0) + number
    for message, number in taken.warnings.items():
        summary.warnings[message] = summary.warnings.get(message, 0) + number


def _tell(watch: Watch, summary: ImportSummary, part: Part, batch: Sequence[Entry], taken: Taken) -> None:
    room = FIRST_REJECTIONS - len(summary.first_rejections)
    summary.first_rejections += taken.rejections[: max(room, 0)]
    for rejection in taken.rejections:
        watch.on_rejection(rejection)
    for change in taken.changes:
        _remember(summary, change)
        watch.on_change(change)
    watch.progress(part.resource, min(batch[-1].line, part.lines), part.lines)


def _remember(summary: ImportSummary, change: DocumentChange) -> None:
    if len(summary.first_changes) < FIRST_CHANGES:
        summary.first_changes.append(change)
    for name in {cell.attribute or cell.path.partition(".")[0] for cell in (one.cell for one in change.cells)}:
        summary.changed_attributes[name] = summary.changed_attributes.get(name, 0) + 1


def _try_out(
    database: Database,
    content: Content,
    parts: Sequence[Part],
    summary: ImportSummary,
    author: str,
    watch: Watch,
    clock: Clock,
) -> None:
    """Everything in one transaction that is rolled back; files stay where they are. Other writers wait meanwhile."""
    door = Door(MediaFolder(content.folder), None, Origin(author, "import"), list_changes=True)
    refused = RefusedLines()
    with _rolled_back(database) as session:
        for part in parts:
            for batch, _ in _batches(part, current_structure(session), 0):
                taken = take_batch(session, part, batch, door, refused, clock())
                _add(summary, part, taken)
                _tell(watch, summary, part, batch, taken)
            watch.progress(part.resource, part.lines, part.lines)


@contextmanager
def _rolled_back(database: Database) -> Iterator[Session]:
    """A session through an engine of its own, since what it learns of the structure must be forgotten with it."""
    engine = database.engine.execution_options(dry_run=True)
    with Session(engine, expire_on_commit=False) as session:
        try:
            yield session
        finally:
            session.rollback()
