"""Deliveries, attempts and paused destinations in the database."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from pim.base.errors import Conflict, InvalidInput, NotFound, Violation, known
from pim.base.jobs import OUTGOING, cancel_job, defer_job
from pim.delivery.model import DELIVERED, FAILED, INTERRUPTED, SENDING, STATES, SUPERSEDED, WAITING
from pim.delivery.tables import ChangesSentRow, DeliveryAttemptRow, DeliveryRow, PausedDestinationRow
from pim.syndication.store import CURRENT
from pim.syndication.tables import PublicationRow

DELIVER = "deliver"


def get_delivery(session: Session, delivery_id: int, *, lock: bool = False) -> DeliveryRow:
    """Raises NotFound."""
    query = select(DeliveryRow).where(col(DeliveryRow.id) == delivery_id)
    found = session.execute(query.with_for_update() if lock else query)
    row: DeliveryRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound(f"delivery {delivery_id} does not exist")
    return row


def deliveries(
    exports: Sequence[str] = (), destinations: Sequence[str] = (), states: Sequence[str] = ()
) -> Select[DeliveryRow]:
    """Newest first, to be narrowed. Raises InvalidInput for a state that does not exist."""
    if unknown := [one for one in states if one not in STATES]:
        raise InvalidInput([Violation("state", "unknown", f"State `{unknown[0]}` does not exist; {known(STATES)}")])
    query = select(DeliveryRow).order_by(col(DeliveryRow.id).desc())
    for column, wanted in ((DeliveryRow.export, exports), (DeliveryRow.destination, destinations),
                           (DeliveryRow.state, states)):  # fmt: skip
        if wanted:
            query = query.where(col(column).in_(wanted))
    return query


def attempts(session: Session, delivery_id: int) -> Sequence[DeliveryAttemptRow]:
    """Oldest first."""
    query = select(DeliveryAttemptRow).where(col(DeliveryAttemptRow.delivery_id) == delivery_id)
    return session.execute(query.order_by(col(DeliveryAttemptRow.id))).scalars().all()


def add_delivery(session: Session, row: DeliveryRow) -> DeliveryRow | None:
    """None when there is one already for the same publication (or part of it) and destination."""
    values = row.model_dump(exclude={"id"})
    added = insert(DeliveryRow).values(values).on_conflict_do_nothing().returning(DeliveryRow)
    return session.execute(added).scalar_one_or_none()


def supersede(session: Session, export: str, number: int, at: datetime) -> None:
    """What waits of publications before this one does not go out any more."""
    waiting = (
        select(DeliveryRow)
        .where(col(DeliveryRow.export) == export, col(DeliveryRow.number) < number, col(DeliveryRow.state) == WAITING)
        .with_for_update()
    )
    for row in session.execute(waiting).scalars().all():
        withdraw(session, row)
        mark_superseded(session, row, number, at)


def mark_superseded(session: Session, row: DeliveryRow, by: int, at: datetime) -> None:
    row.state, row.ended_at = SUPERSEDED, at
    row.error = f"publication {by} goes instead" + (f"; last: {row.error}" if row.error else "")
    session.add(row)


def schedule(session: Session, row: DeliveryRow, at: datetime, *, later: bool = False) -> None:
    """It waits for a job that sees to it: at once, or with `later` not before `at`."""
    row.state, row.next_at = WAITING, at
    give_job(session, row, at if later else None)


def give_job(session: Session, row: DeliveryRow, at: datetime | None = None) -> None:
    """A job looks after it in whatever state it is then. Of one destination, jobs keep their order."""
    lock = f"{DELIVER}:{row.export}/{row.destination}"
    arguments = {"delivery": row.id}
    row.job_id = defer_job(session, DELIVER, arguments, by=row.author, lock=lock, queue=OUTGOING, at=at)
    session.add(row)


def withdraw(session: Session, row: DeliveryRow) -> None:
    """Takes its job away, if it has not begun."""
    if row.job_id is not None:
        with suppress(NotFound, Conflict):  # it is over already
            cancel_job(session, row.job_id)
    row.job_id, row.next_at = None, None
    session.add(row)


def close_open_attempts(session: Session, row: DeliveryRow) -> None:
    """Of attempts whose process died: called by who holds the destination."""
    query = select(DeliveryAttemptRow).where(
        col(DeliveryAttemptRow.delivery_id) == row.id, col(DeliveryAttemptRow.outcome).is_(None)
    )
    for attempt in session.execute(query).scalars():
        attempt.outcome, attempt.answer = INTERRUPTED, "its process ended"
        session.add(attempt)


def paused(session: Session, export: str, destination: str) -> PausedDestinationRow | None:
    return session.get(PausedDestinationRow, (export, destination))


def all_paused(session: Session) -> Sequence[PausedDestinationRow]:
    query = select(PausedDestinationRow).order_by(
        col(PausedDestinationRow.export), col(PausedDestinationRow.destination)
    )
    return session.execute(query).scalars().all()


def unfinished(session: Session, export: str, destination: str, number: int) -> Iterable[DeliveryRow]:
    """Of this publication, what has not arrived: waiting or failed, locked, oldest first."""
    query = (
        select(DeliveryRow)
        .where(col(DeliveryRow.export) == export, col(DeliveryRow.destination) == destination)
        .where(col(DeliveryRow.number) == number, col(DeliveryRow.state).in_([WAITING, FAILED, SENDING]))
        .order_by(col(DeliveryRow.id))
        .with_for_update()
    )
    return session.execute(query).scalars().all()


def sweep_deliveries(session: Session, older_than: datetime) -> None:
    """Those of the current publications stay: they say that nothing has to be sent."""
    current = select(col(PublicationRow.number)).where(
        col(PublicationRow.export) == col(DeliveryRow.export), col(PublicationRow.state) == CURRENT
    )
    old = delete(DeliveryRow).where(col(DeliveryRow.ended_at) < older_than)
    session.execute(old.where(col(DeliveryRow.number) < current.scalar_subquery()))


def last_delivered(session: Session, export: str, destination: str | None = None) -> DeliveryRow | None:
    """The newest publication, or part of one, that has arrived (there)."""
    query = select(DeliveryRow).where(col(DeliveryRow.export) == export, col(DeliveryRow.state) == DELIVERED)
    if destination is not None:
        query = query.where(col(DeliveryRow.destination) == destination)
    newest = query.order_by(col(DeliveryRow.number).desc(), col(DeliveryRow.id).desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def was_tried_since(session: Session, last: DeliveryRow, until: int) -> bool:
    """Whether anything was sent to the same destination of a publication after that of `last` and before `until`."""
    row = DeliveryRow
    query = select(col(row.id)).join(DeliveryAttemptRow, col(DeliveryAttemptRow.delivery_id) == col(row.id))
    query = query.where(col(row.export) == last.export, col(row.destination) == last.destination)
    return (
        session.execute(query.where(col(row.number) > last.number, col(row.number) < until).limit(1)).first()
        is not None
    )


def note_changes(
    session: Session, publication: PublicationRow, destination: str, items: Sequence[str], at: datetime
) -> None:
    values = {"export": publication.export, "number": publication.number, "destination": destination,
              "items": list(items), "planned_at": at}  # fmt: skip
    session.execute(insert(ChangesSentRow).values(values).on_conflict_do_nothing())


def changes_sent(session: Session, export: str, number: int) -> Sequence[ChangesSentRow]:
    query = select(ChangesSentRow).where(col(ChangesSentRow.export) == export, col(ChangesSentRow.number) == number)
    return session.execute(query).scalars().all()


def changes_sent_before(session: Session, before: datetime) -> Sequence[ChangesSentRow]:
    query = select(ChangesSentRow).where(col(ChangesSentRow.planned_at) < before)
    return session.execute(query).scalars().all()
