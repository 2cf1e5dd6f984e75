"""What happened to publications, for the floor above: told in the transaction in which it happens, so neither is ever
without the other. Whoever dies after it leaves an event that a worker follows."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from pim.base.jobs import QUICK, defer_job
from pim.syndication.tables import PublicationEventRow, PublicationRow

PUBLISHED, HELD, RUN_FINISHED = "publication.published", "publication.held", "run.finished"

FOLLOW_PUBLICATIONS = "follow_publications"
"""The kind of job that follows events, of whatever room they are."""


def tell_published(session: Session, publication: PublicationRow, at: datetime) -> None:
    _tell(session, PUBLISHED, {**_facts(publication), "rollback_of": publication.rollback_of}, at)


def tell_held(session: Session, publication: PublicationRow, reason: str) -> None:
    _tell(session, HELD, {**_facts(publication), "reason": reason}, publication.created_at)


def tell_run_finished(session: Session, run_id: int, revision: int, outcomes: dict[str, Any], at: datetime) -> None:
    _tell(session, RUN_FINISHED, {"run": run_id, "revision": revision, "exports": outcomes}, at)


def defer_following(session: Session, at: datetime | None = None) -> int:
    """The id of a job that follows every event which is committed with it or before."""
    lock = FOLLOW_PUBLICATIONS if at is None else f"{FOLLOW_PUBLICATIONS}:later"
    return defer_job(session, FOLLOW_PUBLICATIONS, by="pim", queueing_lock=lock, queue=QUICK, at=at)


def sweep_events(session: Session, older_than: datetime) -> None:
    session.execute(delete(PublicationEventRow).where(col(PublicationEventRow.followed_at) < older_than))


def _tell(session: Session, kind: str, facts: dict[str, Any], at: datetime) -> None:
    session.add(PublicationEventRow(kind=kind, facts=facts, at=at))
    defer_following(session)


def _facts(publication: PublicationRow) -> dict[str, Any]:
    return {
        "export": publication.export,
        "publication": publication.number,
        "revision": publication.revision,
        "items": publication.items,
        "rejected": publication.rejected,
    }
