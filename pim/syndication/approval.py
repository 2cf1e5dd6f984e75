"""A person decides about a publication that the gate holds. Who did, when and why stays on record."""

from datetime import datetime

from pim.base.clock import Clock, now
from pim.base.database import Database
from pim.base.errors import Conflict
from pim.base.object_storage import ObjectStorage
from pim.syndication import store
from pim.syndication.expiry import delete_expired
from pim.syndication.run_lock import RunLock
from pim.syndication.tables import DecisionRow, PublicationRow

APPROVED, REJECTED, ROLLED_BACK = "approved", "rejected", "rolled_back"


def approve(
    database: Database,
    storage: ObjectStorage,
    export: str,
    number: int | None = None,
    clock: Clock = now,
    *,
    by: str = "unknown",
    comment: str | None = None,
) -> PublicationRow:
    """The held publication goes out, byte for byte as it was checked.

    Raises NotFound when none waits; Conflict when another one waits than the `number` that the person looked at, when
    another one is current than it was compared with, and while a run builds the export.
    """
    with RunLock(database) as lock:
        if not lock.take_export(export):
            raise Conflict(f"export `{export}` is being built by a run; approve when that has ended")
        with database.session() as session:
            publication = _waiting(store.require_held(session, export), number)
            _require_unchanged(publication, store.current_publication(session, export))
            session.add(decision(publication, APPROVED, by, comment, clock()))
            store.make_current(session, publication, clock())
    delete_expired(database, storage, export, clock)
    return publication


def reject(
    database: Database,
    storage: ObjectStorage,
    export: str,
    number: int | None = None,
    clock: Clock = now,
    *,
    by: str = "unknown",
    comment: str | None = None,
) -> PublicationRow:
    """The held publication is thrown away. Raises NotFound when none waits, Conflict when another one does."""
    with database.session() as session:
        publication = _waiting(store.require_held(session, export), number)
        session.add(decision(publication, REJECTED, by, comment, clock()))
        publication.state = store.EXPIRED
        session.add(publication)
    delete_expired(database, storage, export, clock)
    return publication


def decision(publication: PublicationRow, verdict: str, by: str, comment: str | None, at: datetime) -> DecisionRow:
    """For the record."""
    return DecisionRow(
        export=publication.export,
        number=publication.number,
        verdict=verdict,
        author=by,
        held_because=publication.reason,
        comment=comment,
        decided_at=at,
    )


def _waiting(held: PublicationRow, number: int | None) -> PublicationRow:
    if number is not None and number != held.number:
        raise Conflict(
            f"publication {number} of export `{held.export}` does not wait for approval; publication {held.number} does"
        )
    return held


def _require_unchanged(held: PublicationRow, current: PublicationRow | None) -> None:
    if current is None or current.number == held.checked_against:
        return
    compared = f"with publication {held.checked_against}" if held.checked_against else "with none"
    since = f" since {current.current_at:%Y-%m-%d %H:%M} UTC" if current.current_at else ""
    raise Conflict(
        f"publication {held.number} of export `{held.export}` was compared {compared}, but publication "
        f"{current.number} is current{since}: run the export again, or reject it"
    )
