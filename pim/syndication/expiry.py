"""What becomes of a publication that is not kept any more: its files go, what readers of deltas need stays for a while.

1. Of one that was current it is remembered what the next one had otherwise; then it is past.
2. The files of past ones go; of their rows those of feeds stay, by whose digests readers name what they have.
3. When no promise to readers holds any more, everything goes but what it was made from.

Whatever dies in between is finished by the next call.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from pim.base.clock import Clock
from pim.base.database import Database
from pim.base.object_storage import ObjectStorage
from pim.syndication import store
from pim.syndication.earlier import EarlierDamaged, EarlierSequence
from pim.syndication.past_items import PAST, remember_items
from pim.syndication.published_items import cursor_in_listing, indexed_sequences, stored_files
from pim.syndication.staged import FEED
from pim.syndication.stored_publication import clear_folder, folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

_logger = logging.getLogger(__name__)


def delete_expired(database: Database, storage: ObjectStorage, export: str, clock: Clock) -> None:
    with database.session() as session:
        lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:export))")
        session.execute(lock, {"lock": store.EXPIRY_LOCK, "export": export})
        for publication in store.in_state(session, export, store.EXPIRED):
            if _remember(session, storage, publication):
                publication.state = store.PAST
                session.flush()
    with database.session() as session:
        expired = store.in_state(session, export, store.EXPIRED)
        past = store.in_state(session, export, store.PAST)
    for publication in past:
        if _may_go(publication, clock()):
            _delete(database, storage, publication)
        else:
            _delete_files(database, storage, publication)
    for publication in expired:
        _delete(database, storage, publication)


def _remember(session: Session, storage: ObjectStorage, publication: PublicationRow) -> bool:
    """Not what never was current, nor what cannot be compared any more. Older ones come first: then the next one still
    has its files."""
    following = store.publication_numbered(session, publication.export, publication.superseded_by or 0)
    if following is None:
        return False
    (then, rows), (after, _) = _items_of(session, storage, publication), _items_of(session, storage, following)
    try:
        remember_items(storage, folder_of(publication), then, after)
    except EarlierDamaged as damage:
        _logger.warning(
            "deltas of export %s from publication %d end: %s", publication.export, publication.number, damage
        )
        return False
    finally:
        for sequence in (*then.values(), *after.values()):
            sequence.close()
    files = stored_files(storage, folder_of(publication), rows)
    for name in then:
        rows[name].cursor = cursor_in_listing(files, rows[name])
    return True


def _items_of(
    session: Session, storage: ObjectStorage, publication: PublicationRow
) -> tuple[dict[str, EarlierSequence], dict[str, PublicationFileRow]]:
    """Of every feed, and the rows of all files."""
    rows = store.files_of(session, publication)
    return indexed_sequences(stored_files(storage, folder_of(publication), rows), rows.values()), rows


def _may_go(publication: PublicationRow, at: datetime) -> bool:
    since = publication.superseded_at
    return since is None or since + timedelta(days=publication.cursor_days) < at


def _delete(database: Database, storage: ObjectStorage, publication: PublicationRow) -> None:
    """Files first, then what is known of them."""
    clear_folder(storage, folder_of(publication))
    with database.session() as session:
        store.forget_files(session, publication)


def _delete_files(database: Database, storage: ObjectStorage, publication: PublicationRow) -> None:
    """Files first, then the rows that say that they are there."""
    others = (col(PublicationFileRow.publication_id) == publication.id, col(PublicationFileRow.role) != FEED)
    with database.session() as session:
        if session.execute(select(PublicationFileRow).where(*others).limit(1)).first() is None:
            return
    clear_folder(storage, folder_of(publication), but=PAST)
    with database.session() as session:
        session.execute(delete(PublicationFileRow).where(*others))
