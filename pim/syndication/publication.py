"""Making a feed current: numbered, whole, and for readers in one instant.

A publication's files are stored under `exports/<export>/<number>/`, where nobody looks yet; then one transaction makes
it current. Whatever dies before that transaction leaves only files under a number that the next run takes and clears;
whatever dies after it leaves rows marked expired, whose files the next run deletes (`expiry.py`).
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.syndication import store
from pim.syndication.earlier import EarlierDamaged
from pim.syndication.expiry import delete_expired
from pim.syndication.gate import FeedDifference, empty_feeds, feed_difference, reason_to_hold
from pim.syndication.manifest import MANIFEST, MANIFEST_ROLE, Build, manifest_of, manifest_row
from pim.syndication.published_items import published_feeds, staged_files, stored_files
from pim.syndication.run_lock import RunLock
from pim.syndication.staged import FEED, GZIP, RECORD, StagedFile
from pim.syndication.stored_publication import clear_folder, folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

STORED_AT_ONCE = 8
"""Storing waits for disks and networks; labels are thousands of small files."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """`state` is published, unchanged (the current publication is already this one), held, as_of or previewed."""

    state: str
    number: int | None
    reason: str | None
    files: list[PublicationFileRow]
    left_out: list[str]
    folder: str


def publish(database: Database, storage: ObjectStorage, lock: RunLock, build: Build, clock: Clock = now) -> Published:
    """Makes it the current publication, unless the gate holds it or the current one is already the same.

    The same bytes of the same origin keep their number: a run repeated after a crash, or by mistake, then ends where an
    undisturbed one does, and readers of deltas are not told of a change that is none.

    The caller holds the export's lock.
    """
    export = build.definition.name
    with database.session() as session:
        current = store.current_publication(session, export)
        before = store.files_of(session, current) if current else {}
        number = store.next_number(session, export)
    feeds_before = {name: row for name, row in before.items() if row.role == FEED}
    feeds = {file.name: file for file in build.files if file.role == FEED}
    compared = _differences(storage, build, current, before) if current else {}
    reason = reason_to_hold(build.definition.gate, feeds, feeds_before, compared)
    left_out = [] if reason else list(empty_feeds(feeds, feeds_before))
    files = _without(build.files, left_out)
    rows = _rows(files, before, clock())
    if current is not None and not reason and _is_same(current, before, build, rows):
        return Published("unchanged", current.number, None, list(before.values()), left_out, folder_of(current))
    folder = f"exports/{export}/{number}"
    manifest = manifest_of(build, number, rows)
    _store(storage, folder, files, manifest)
    lock.confirm()
    with database.session() as session:
        row = _publication(build, number, current, clock())
        session.add(row)
        session.flush()
        for file in (*rows, manifest_row(manifest, before.get(MANIFEST), clock())):
            file.publication_id = row.id or 0
            session.add(file)
        if reason:
            store.hold(session, row, reason)
        else:
            store.make_current(session, row, clock())
    delete_expired(database, storage, export, clock)
    return Published("held" if reason else "published", number, reason, rows, left_out, folder)


def keep_apart(storage: ObjectStorage, build: Build, clock: Clock = now) -> Published:
    """The feed of a past revision or with a draft: stored for whoever asked, never current, replaced by the next of
    that revision or draft."""
    name, origin = build.definition.name, build.origin
    folder = f"drafts/{name}/{origin.draft}" if origin.draft else f"as-of/{name}/{origin.revision}"
    rows = _rows(build.files, {}, clock())
    _store(storage, folder, build.files, manifest_of(build, None, rows))
    return Published("previewed" if origin.draft else "as_of", None, None, rows, [], folder)


def status(session: Session, storage: ObjectStorage, settings: Settings) -> list[dict[str, Any]]:
    """The feeds of all current publications, in the shape that `pim status --json` promises."""
    rows: list[dict[str, Any]] = []
    for publication in store.publications(session):
        if publication.state == store.CURRENT:
            files = store.files_of(session, publication).values()
            rows += [_status_row(publication, file, storage, settings) for file in files if file.role == FEED]
    return rows


def _status_row(
    publication: PublicationRow, file: PublicationFileRow, storage: ObjectStorage, settings: Settings
) -> dict[str, Any]:
    path = storage.local_path(f"{folder_of(publication)}/{file.name}")
    return {
        "name": publication.export,
        "locale": file.locale,
        "file": file.name,
        **({"path": str(path)} if path else {}),
        "url": f"{settings.public_url}/feeds/{publication.export}/{file.name}",
        "items": file.items,
        "rejected": file.rejected,
        "revision": publication.revision,
        "bytes": file.bytes,
        "sha256": file.sha256,
    }


def _differences(
    storage: ObjectStorage, build: Build, current: PublicationRow, before: Mapping[str, PublicationFileRow]
) -> dict[str, FeedDifference]:
    """By feed, where both can be compared. A current one that is damaged is replaced; its numbers are all that the gate
    has."""
    definition = build.definition
    old = published_feeds(definition, stored_files(storage, folder_of(current), before), before.values())
    new = published_feeds(definition, staged_files(build.files), build.files)
    found: dict[str, FeedDifference] = {}
    for name in old.keys() & new.keys():
        try:
            found[name] = feed_difference(old[name], new[name], definition.gate.prices)
        except EarlierDamaged as damage:
            _logger.warning(
                "%s of export %s cannot be compared with the current one: %s", name, definition.name, damage
            )
        finally:
            old[name].close()
            new[name].close()
    return found


def _publication(build: Build, number: int, current: PublicationRow | None, at: datetime) -> PublicationRow:
    definition, origin = build.definition, build.origin
    return PublicationRow(
        export=definition.name,
        number=number,
        state=store.HELD,
        revision=origin.revision,
        definition_digest=origin.definition_digest,
        schema_version=origin.schema_version,
        program_digest=origin.program_digest,
        token=definition.token,
        keep=definition.keep,
        cursor_days=definition.cursor_days,
        items=build.items,
        rejected=build.rejected,
        checked_against=current.number if current else None,
        created_at=at,
    )


def _rows(files: Sequence[StagedFile], before: dict[str, PublicationFileRow], at: datetime) -> list[PublicationFileRow]:
    names = [name for file in files for name in _stored_names(file)]
    for name in sorted({name for name in names if names.count(name) > 1 or name == MANIFEST} if names else ()):
        message = f"the file name `{name}` is taken; {MANIFEST} is ours, each other name may stand once"
        raise InvalidInput([Violation("files", "duplicate_file", message)])
    return [_row(file, before.get(file.name), at) for file in files]


def _row(file: StagedFile, before: PublicationFileRow | None, at: datetime) -> PublicationFileRow:
    return PublicationFileRow(
        publication_id=0,
        name=file.name,
        role=file.role,
        locale=file.locale,
        media_type=file.media_type,
        bytes=file.bytes,
        sha256=file.sha256,
        gzip_bytes=file.gzip_bytes,
        gzip_sha256=file.gzip_sha256,
        items=file.items,
        rejected=file.rejected,
        modified=modified_at(file.sha256, before, at),
    )


def modified_at(sha256: str, before: PublicationFileRow | None, at: datetime) -> datetime:
    """When these bytes were first published. HTTP dates have no fractions, so other bytes get a later second."""
    second = at.astimezone(UTC).replace(microsecond=0)
    if before is None:
        return second
    if before.sha256 == sha256:
        return before.modified
    return max(second, before.modified + timedelta(seconds=1))


def _is_same(
    current: PublicationRow, before: dict[str, PublicationFileRow], build: Build, rows: Sequence[PublicationFileRow]
) -> bool:
    origin = build.origin
    made_from = (origin.revision, origin.definition_digest, origin.schema_version, origin.program_digest)
    was_from = (current.revision, current.definition_digest, current.schema_version, current.program_digest)
    return made_from == was_from and {(row.name, row.sha256) for row in rows} == {
        (row.name, row.sha256) for row in before.values() if row.role != MANIFEST_ROLE
    }


def _without(files: Sequence[StagedFile], feeds: Iterable[str]) -> list[StagedFile]:
    """Without these feeds and what accompanies them. Their records stay: a later run goes on from there."""
    left_out = set(feeds)
    return [file for file in files if file.feed not in left_out or file.role == RECORD]


def _stored_names(file: StagedFile) -> Iterator[str]:
    yield file.name
    if file.twin is not None:
        yield file.name + GZIP


def _store(storage: ObjectStorage, folder: str, files: Sequence[StagedFile], manifest: bytes) -> None:
    """The manifest last: where it is, everything it names is there."""
    clear_folder(storage, folder)
    finished = [(f"{folder}/{file.name}", file.path, file.media_type) for file in files]
    finished += [
        (f"{folder}/{file.name}{GZIP}", file.twin, "application/gzip") for file in files if file.twin is not None
    ]
    with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
        for stored in [pool.submit(storage.adopt, *file) for file in finished]:
            stored.result()
    storage.put(f"{folder}/{MANIFEST}", manifest, "application/json")
