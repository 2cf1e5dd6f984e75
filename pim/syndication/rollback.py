"""Going back to a feed that was current before. It goes out under a new number, like any other publication: readers see
the newer feed or the older one, never less than a whole one, and whoever counts publications misses none."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.errors import Conflict, NotFound
from pim.base.object_storage import ObjectStorage
from pim.syndication import store
from pim.syndication.approval import ROLLED_BACK, decision
from pim.syndication.expiry import delete_expired
from pim.syndication.manifest import MANIFEST, manifest_of_rollback, manifest_row
from pim.syndication.publication import modified_at
from pim.syndication.run_lock import RunLock
from pim.syndication.staged import GZIP
from pim.syndication.stored_publication import clear_folder, folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

_NOT_COPIED = {
    "id", "number", "state", "reason", "created_at", "current_at", "superseded_at", "superseded_by", "rollback_of",
    "checked_against",
}  # fmt: skip


def roll_back(
    database: Database,
    storage: ObjectStorage,
    export: str,
    to: int | None = None,
    clock: Clock = now,
    *,
    by: str = "unknown",
    comment: str | None = None,
) -> PublicationRow:
    """Makes the files of publication `to` current again; by default those of the one before the current one, which
    after a rollback means one further back.

    What waits for approval goes on waiting, but was compared with another one than is current then. Nothing is rendered
    and the gate does not look: a person has chosen what went out before. Raises NotFound when there
    is nothing to go back to, Conflict for one that is current or held, and while a run builds the export.
    """
    with RunLock(database) as lock:
        if not lock.take_export(export):
            raise Conflict(f"export `{export}` is being built by a run; roll back when that has ended")
        with database.session() as session:
            current = store.require_current(session, export)
            target = _chosen(current, store.publications(session, export), to)
            before, files = store.files_of(session, current), store.files_of(session, target)
            number = store.next_number(session, export)
        rolled = _publication(target, number, clock())
        manifest = _store(storage, target, rolled, [row for row in files.values() if row.name != MANIFEST])
        rows = [_copied(row, before, clock()) for row in files.values() if row.name != MANIFEST]
        lock.confirm()
        with database.session() as session:
            session.add(rolled)
            session.flush()
            for row in (*rows, manifest_row(manifest, before.get(MANIFEST), clock())):
                row.publication_id = rolled.id or 0
                session.add(row)
            store.make_current(session, rolled, clock(), held_stays=True)
            session.add(decision(rolled, ROLLED_BACK, by, comment, clock()))
    delete_expired(database, storage, export, clock)
    return rolled


def _chosen(current: PublicationRow, there: Sequence[PublicationRow], to: int | None) -> PublicationRow:
    """`there` comes newest first."""
    kept = {row.number: row for row in there if row.state == store.KEPT}
    names = f"kept: {', '.join(map(str, kept)) or 'none'}"
    if to is None:
        reached = current.rollback_of or current.number
        earlier = [row for number, row in kept.items() if number < reached]
        if not earlier:
            raise NotFound(f"export `{current.export}` has no publication before {reached}; {names}")
        return earlier[0]
    if to in kept:
        return kept[to]
    state = next((row.state for row in there if row.number == to), None)
    if state is None:
        raise NotFound(f"publication {to} of export `{current.export}` is not kept; {names}")
    way = "is current already" if state == store.CURRENT else "waits for approval; approve or reject it"
    raise Conflict(f"publication {to} of export `{current.export}` {way}")


def _publication(target: PublicationRow, number: int, at: datetime) -> PublicationRow:
    kept = target.model_dump(exclude=_NOT_COPIED)
    return PublicationRow(**kept, number=number, state=store.HELD, created_at=at, rollback_of=_first(target))


def _first(target: PublicationRow) -> int:
    """The number under which these files went out first."""
    return target.rollback_of or target.number


def _store(
    storage: ObjectStorage, target: PublicationRow, rolled: PublicationRow, files: Sequence[PublicationFileRow]
) -> bytes:
    """Copies, within the storage, all but the manifest, which is made anew and comes last."""
    old, new = folder_of(target), folder_of(rolled)
    clear_folder(storage, new)
    for row in files:
        for name in (row.name, row.name + GZIP) if row.gzip_sha256 is not None else (row.name,):
            storage.copy(f"{old}/{name}", f"{new}/{name}")
    with storage.open(f"{old}/{MANIFEST}") as stored:
        manifest = manifest_of_rollback(msgspec.json.decode(stored.read()), rolled.number, _first(target))
    storage.put(f"{new}/{MANIFEST}", manifest, "application/json")
    return manifest


def _copied(row: PublicationFileRow, before: Mapping[str, PublicationFileRow], at: datetime) -> PublicationFileRow:
    kept = row.model_dump(exclude={"publication_id", "modified"})
    return PublicationFileRow(**kept, publication_id=0, modified=modified_at(row.sha256, before.get(row.name), at))
