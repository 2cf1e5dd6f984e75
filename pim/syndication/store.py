"""Export runs and publications in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlmodel import Session, col

from pim.base.errors import NotFound, known
from pim.syndication.events import tell_held, tell_published, tell_run_finished
from pim.syndication.manifest import Origin
from pim.syndication.tables import DecisionRow, ExportRunRow, PublicationFileRow, PublicationRow, RangeRow

CURRENT, KEPT, HELD, EXPIRED, PAST, GONE = "current", "kept", "held", "expired", "past", "gone"
WITH_FILES = (CURRENT, KEPT, HELD)
RUNNING, FINISHED, LOST = "running", "finished", "lost"

EXPORT_LOCK, RUN_LOCK, PLACE_LOCK, EXPIRY_LOCK = 7_461_010, 7_461_011, 7_461_012, 7_461_013
"""Advisory locks: one run at a time builds an export; a run holds its own for as long as it lives; one run at a time is
rendered by the processes of a place; one at a time throws publications of an export away."""


def current_publication(session: Session, export: str) -> PublicationRow | None:
    query = select(PublicationRow).where(col(PublicationRow.export) == export, col(PublicationRow.state) == CURRENT)
    return session.execute(query).scalar_one_or_none()


def publication_of_revision(session: Session, export: str, revision: int) -> PublicationRow | None:
    """The newest that a run made of exactly this revision, also one whose files are gone."""
    query = select(PublicationRow).where(
        col(PublicationRow.export) == export,
        col(PublicationRow.revision) == revision,
        col(PublicationRow.rollback_of).is_(None),
    )
    return session.execute(query.order_by(col(PublicationRow.number).desc()).limit(1)).scalar_one_or_none()


def kept_publication(session: Session, export: str, number: int) -> PublicationRow | None:
    """The one of this number, current or kept, or None when it never was either or its files have gone."""
    query = select(PublicationRow).where(
        col(PublicationRow.export) == export,
        col(PublicationRow.number) == number,
        col(PublicationRow.state).in_([CURRENT, KEPT]),
    )
    return session.execute(query).scalar_one_or_none()


def held_publication(session: Session, export: str, *, lock: bool = False) -> PublicationRow | None:
    """The one that waits for a person."""
    query = select(PublicationRow).where(col(PublicationRow.export) == export, col(PublicationRow.state) == HELD)
    newest = query.order_by(col(PublicationRow.number).desc())
    found: PublicationRow | None = session.execute(newest.with_for_update() if lock else newest).scalars().first()
    return found


def require_held(session: Session, export: str) -> PublicationRow:
    """To decide about it: another who does so waits, and then finds none. Raises NotFound."""
    found = held_publication(session, export, lock=True)
    if found is None:
        raise NotFound(f"export `{export}` has no publication that waits for approval")
    return found


def decisions(session: Session, export: str) -> Sequence[DecisionRow]:
    """Newest first."""
    query = select(DecisionRow).where(col(DecisionRow.export) == export)
    return session.execute(query.order_by(col(DecisionRow.id).desc())).scalars().all()


def publications(session: Session, export: str | None = None) -> Sequence[PublicationRow]:
    """Newest first within each export, exports by name. Those whose files are there."""
    query = select(PublicationRow).where(col(PublicationRow.state).in_(WITH_FILES))
    if export is not None:
        query = query.where(col(PublicationRow.export) == export)
    ordered = query.order_by(col(PublicationRow.export), col(PublicationRow.number).desc())
    return session.execute(ordered).scalars().all()


def newest_alike(session: Session, export: str, origin: Origin) -> PublicationRow | None:
    """The publication of the newest revision up to the origin's that was made by the same definition and program."""
    query = (
        select(PublicationRow)
        .where(
            col(PublicationRow.export) == export,
            col(PublicationRow.state).in_(WITH_FILES),
            col(PublicationRow.revision) <= origin.revision,
            col(PublicationRow.definition_digest) == origin.definition_digest,
            col(PublicationRow.schema_version) == origin.schema_version,
            col(PublicationRow.program_digest) == origin.program_digest,
        )
        .order_by(col(PublicationRow.revision).desc(), col(PublicationRow.number).desc())
        .limit(1)
    )
    found: PublicationRow | None = session.execute(query).scalars().first()
    return found


def next_number(session: Session, export: str) -> int:
    """Only the holder of the export's lock may use it."""
    newest = select(func.max(col(PublicationRow.number))).where(col(PublicationRow.export) == export)
    return (session.execute(newest).scalar_one() or 0) + 1


def files_of(session: Session, publication: PublicationRow) -> dict[str, PublicationFileRow]:
    query = select(PublicationFileRow).where(col(PublicationFileRow.publication_id) == publication.id)
    rows = session.execute(query.order_by(col(PublicationFileRow.name))).scalars()
    return {row.name: row for row in rows}


def file_of(session: Session, publication: PublicationRow, name: str) -> PublicationFileRow | None:
    return session.get(PublicationFileRow, (publication.id, name))


def older_file(session: Session, export: str, name: str) -> tuple[PublicationRow, PublicationFileRow] | None:
    """A file that the current publication no longer has, in the newest kept one that does."""
    query = (
        select(PublicationRow, PublicationFileRow)
        .join(PublicationFileRow, col(PublicationFileRow.publication_id) == col(PublicationRow.id))
        .where(col(PublicationRow.export) == export, col(PublicationRow.state) == KEPT)
        .where(col(PublicationFileRow.name) == name)
        .order_by(col(PublicationRow.number).desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def published_exports(session: Session) -> list[str]:
    query = select(col(PublicationRow.export)).where(col(PublicationRow.state) == CURRENT)
    return list(session.execute(query.order_by(col(PublicationRow.export))).scalars())


def require_current(session: Session, export: str) -> PublicationRow:
    """Raises NotFound naming the exports that have one."""
    found = current_publication(session, export)
    if found is None:
        raise NotFound(f"export `{export}` has no publication; {known(published_exports(session))}")
    return found


def make_current(session: Session, publication: PublicationRow, at: datetime, *, held_stays: bool = False) -> None:
    """In one transaction: this becomes the current one, the former stays, what waited before it no longer does (unless
    `held_stays`), and what is older than the last `keep` expires."""
    others = update(PublicationRow).where(
        col(PublicationRow.export) == publication.export, col(PublicationRow.id) != publication.id
    )
    superseded = {"superseded_by": publication.number, "superseded_at": at}
    session.execute(others.where(col(PublicationRow.state) == CURRENT).values(state=KEPT, **superseded))
    if not held_stays:
        _expire_held(session, publication)
    publication.state = CURRENT
    publication.reason = None
    publication.current_at = at
    session.add(publication)
    session.flush()
    stays = (
        select(col(PublicationRow.id))
        .where(col(PublicationRow.export) == publication.export)
        .where(col(PublicationRow.state).in_([CURRENT, KEPT]))
        .order_by(col(PublicationRow.number).desc())
        .limit(max(publication.keep, 1))
    )
    session.execute(
        others.where(col(PublicationRow.state) == KEPT, col(PublicationRow.id).not_in(stays)).values(state=EXPIRED)
    )
    tell_published(session, publication, at)


def hold(session: Session, publication: PublicationRow, reason: str) -> None:
    """It waits for a person, in place of any that waited before."""
    _expire_held(session, publication)
    publication.state = HELD
    publication.reason = reason
    session.add(publication)
    tell_held(session, publication, reason)


def in_state(session: Session, export: str, state: str) -> Sequence[PublicationRow]:
    """By number."""
    query = select(PublicationRow).where(col(PublicationRow.export) == export, col(PublicationRow.state) == state)
    return session.execute(query.order_by(col(PublicationRow.number))).scalars().all()


def publication_numbered(session: Session, export: str, number: int) -> PublicationRow | None:
    query = select(PublicationRow).where(col(PublicationRow.export) == export, col(PublicationRow.number) == number)
    return session.execute(query).scalar_one_or_none()


def past_that_said(session: Session, export: str, cursor: str) -> dict[str, int]:
    """For each file the newest past publication in which it had this digest, or named this cursor."""
    query = (
        select(col(PublicationFileRow.name), col(PublicationRow.number))
        .join(PublicationFileRow, col(PublicationFileRow.publication_id) == col(PublicationRow.id))
        .where(col(PublicationRow.export) == export, col(PublicationRow.state) == PAST)
        .where(or_(col(PublicationFileRow.sha256) == cursor, col(PublicationFileRow.cursor) == cursor))
    )
    return {row.name: row.number for row in session.execute(query.order_by(col(PublicationRow.number)))}


def forget_files(session: Session, publication: PublicationRow) -> None:
    """What it was made from stays known, and its number is not given again."""
    session.execute(delete(PublicationFileRow).where(col(PublicationFileRow.publication_id) == publication.id))
    gone = update(PublicationRow).where(col(PublicationRow.id) == publication.id)
    session.execute(gone.values(state=GONE))


def _expire_held(session: Session, publication: PublicationRow) -> None:
    held = update(PublicationRow).where(
        col(PublicationRow.export) == publication.export,
        col(PublicationRow.id) != publication.id,
        col(PublicationRow.state) == HELD,
    )
    session.execute(held.values(state=EXPIRED))


def start_run(session: Session, exports: Sequence[str], as_of: bool, at: datetime) -> ExportRunRow:
    run = ExportRunRow(exports=list(exports), state=RUNNING, revision=None, as_of=as_of, started_at=at)
    session.add(run)
    session.flush()
    return run


def finish_run(session: Session, run_id: int, revision: int, outcomes: dict[str, Any], at: datetime) -> None:
    finished = update(ExportRunRow).where(col(ExportRunRow.id) == run_id)
    session.execute(finished.values(state=FINISHED, revision=revision, outcomes=outcomes, finished_at=at))
    tell_run_finished(session, run_id, revision, outcomes, at)


def forget_run(session: Session, run_id: int) -> None:
    session.execute(delete(ExportRunRow).where(col(ExportRunRow.id) == run_id))


def mark_lost_runs(session: Session) -> None:
    """Runs whose process died hold no lock any more."""
    running = select(col(ExportRunRow.id)).where(col(ExportRunRow.state) == RUNNING)
    for run_id in session.execute(running).scalars().all():
        if _try_lock(session, run_id):
            session.execute(update(ExportRunRow).where(col(ExportRunRow.id) == run_id).values(state=LOST))
            session.execute(delete(RangeRow).where(col(RangeRow.run_id) == run_id))


def live_runs(session: Session) -> set[int]:
    return set(session.execute(select(col(ExportRunRow.id)).where(col(ExportRunRow.state) == RUNNING)).scalars())


def is_alive(session: Session, run_id: int) -> bool:
    """Whether the process of a run lives. Those who ask at once do not mistake each other for it."""
    query = text("SELECT pg_try_advisory_xact_lock_shared(:lock, :run)")
    return not session.execute(query, {"lock": RUN_LOCK, "run": run_id}).scalar_one()


def _try_lock(session: Session, run_id: int) -> bool:
    taken = session.execute(text("SELECT pg_try_advisory_xact_lock(:lock, :run)"), {"lock": RUN_LOCK, "run": run_id})
    return bool(taken.scalar_one())
