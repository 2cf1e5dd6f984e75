"""What happens after something happened to a publication: its deliveries are planned, and webhooks are told. Each event
is followed once: what follows from it is written in the transaction that marks it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.clock import Clock, now
from pim.base.errors import InvalidInput, NotFound
from pim.base.installation import Installation
from pim.delivery import store
from pim.delivery.changes import CHANGES, changes_to_send
from pim.delivery.model import FAILED, WAITING
from pim.delivery.plan import plan_parcels
from pim.delivery.tables import DeliveryRow
from pim.delivery.webhooks.tell import tell, tell_failed
from pim.exports.destinations import AnyDestination
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.syndication.events import PUBLISHED, defer_following
from pim.syndication.store import current_publication, files_of
from pim.syndication.tables import PublicationEventRow, PublicationRow

LATER = timedelta(minutes=5)
"""Until an event is looked at again whose export has a definition that cannot be read."""

log = logging.getLogger("pim.delivery")


def follow_events(here: Installation, clock: Clock = now) -> int:
    """How many events there were. One whose export's definition is broken waits until that is mended; the others do
    not wait for it."""
    followed = 0
    stuck: list[int] = []
    while True:
        with here.database.session() as session:
            event = _next(session, stuck)
            if event is None:
                return followed
            try:
                with session.begin_nested():
                    _follow(here, session, event, clock())
                followed += 1
            except InvalidInput as error:
                log.warning("publication of %s cannot be delivered yet: %s", event.facts.get("export"), error)
                stuck.append(event.id or 0)
                defer_following(session, clock() + LATER)


def _next(session: Session, stuck: Sequence[int]) -> PublicationEventRow | None:
    query = (
        select(PublicationEventRow)
        .where(col(PublicationEventRow.followed_at).is_(None), col(PublicationEventRow.id).not_in(stuck))
        .order_by(col(PublicationEventRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.execute(query).scalar_one_or_none()


def _follow(here: Installation, session: Session, event: PublicationEventRow, at: datetime) -> None:
    if event.kind == PUBLISHED:
        current = current_publication(session, event.facts["export"])
        if current is not None and current.number == event.facts["publication"]:  # else a newer event will come
            plan_deliveries(here, session, current, at=at, by="pim")
    tell(session, event.kind, event.facts, event.at)
    event.followed_at = at
    session.add(event)


def plan_deliveries(
    here: Installation, session: Session, publication: PublicationRow, *, at: datetime, by: str
) -> list[DeliveryRow]:
    """Those that are new: one for each destination that has none of this publication. What waits of older ones does not
    go out any more. Raises InvalidInput for a definition that cannot be read."""
    try:
        definition = load_definition(here.settings.exports_folder / publication.export)
    except NotFound:
        return []
    store.supersede(session, publication.export, publication.number, at)
    added = (_plan(here, session, definition, one, publication, at, by) for one in definition.destinations)
    return [row for row in added if row is not None]


def _plan(
    here: Installation, session: Session, definition: ExportDefinition, destination: AnyDestination,
    publication: PublicationRow, at: datetime, by: str,
) -> DeliveryRow | None:  # fmt: skip
    row = DeliveryRow(
        export=publication.export, destination=destination.name, number=publication.number,
        revision=publication.revision, state=WAITING, files=[], author=by, created_at=at,
    )  # fmt: skip
    changes = None
    if destination.sends == CHANGES:
        changes = changes_to_send(here, session, definition, destination, publication, at)
    if changes is not None and not changes.files:
        return None
    try:
        files, folder = list(files_of(session, publication).values()), None
        if changes is not None:
            files, folder, row.part = changes.files, changes.folder, CHANGES
        row.files = msgspec.to_builtins(plan_parcels(definition, destination, publication, files, folder))
    except InvalidInput as error:
        row.state, row.error, row.ended_at = FAILED, str(error), at
    added = store.add_delivery(session, row)
    if added is None:
        return None
    if added.state == FAILED:
        tell_failed(session, added, at)
    elif not store.paused(session, added.export, added.destination):
        store.schedule(session, added, at)
    return added
