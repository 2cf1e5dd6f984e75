"""Delivering at a person's keyboard: what is due of the current publications, now and here."""

import os
from collections.abc import Callable, Mapping, Sequence

from sqlmodel import col

from pim.base.clock import Clock, now
from pim.base.errors import Conflict, NotFound, known
from pim.base.installation import Installation
from pim.delivery import store
from pim.delivery.attempt import attempt_delivery
from pim.delivery.destinations import require_exports
from pim.delivery.follow import follow_events, plan_deliveries
from pim.delivery.model import DELIVERED, FAILED, UNFINISHED
from pim.delivery.retry import retry_delivery
from pim.delivery.tables import DeliveryRow
from pim.exports.load import load_definition
from pim.syndication.run_export import export_names
from pim.syndication.store import current_publication, require_current

Told = Callable[[DeliveryRow, int, int, str], None]
"""The delivery, parcels that have arrived, of how many, what is on its way."""


def deliver_now(
    here: Installation,
    exports: Sequence[str] = (),
    destinations: Sequence[str] = (),
    *,
    by: str,
    again: bool = False,
    environment: Mapping[str, str] = os.environ,
    clock: Clock = now,
    told: Told = lambda row, done, total, what: None,
) -> list[DeliveryRow]:
    """One attempt at each delivery of the current publications of these exports (none named: all) to these destinations
    (none named: all) that has not arrived; with `again` also at those that have. Workers see to what is tried again
    later.

    Raises NotFound for an export or a destination that does not exist, or an export without publication.
    """
    wanted = _wanted(here, exports, destinations)
    follow_events(here, clock)
    return [
        _delivered(here, row, again, by, environment, clock, told)
        for export, names in wanted.items()
        for row in _due(here, export, names, required=bool(exports), by=by, clock=clock)
    ]


def _delivered(
    here: Installation, row: DeliveryRow, again: bool, by: str, environment: Mapping[str, str], clock: Clock, told: Told
) -> DeliveryRow:
    """As it is after the attempt; one that somebody else sees to now is left to them."""
    with here.database.session() as session:
        stopped = row.state == FAILED and not store.paused(session, row.export, row.destination)
        if stopped or (row.state == DELIVERED and again):
            row = retry_delivery(session, row.id or 0, by=by, at=clock())
    if row.state not in UNFINISHED:
        return row
    try:
        return attempt_delivery(
            here, row.id or 0, environment=environment, clock=clock,
            told=lambda done, total, what: told(row, done, total, what),
        )  # fmt: skip
    except Conflict:
        return row


def _wanted(here: Installation, exports: Sequence[str], destinations: Sequence[str]) -> dict[str, list[str]]:
    """Export → its destinations that are asked for."""
    require_exports(here.settings, exports)
    folder, asked = here.settings.exports_folder, exports or export_names(here.settings)
    defined = {name: [one.name for one in load_definition(folder / name).destinations] for name in asked}
    all_names = {f"{name}/{destination}" for name, of in defined.items() for destination in of}
    for name in destinations:
        if not any(name in of for of in defined.values()):
            where = f"export `{'`, `'.join(exports)}`" if exports else "any export"
            raise NotFound(f"there is no destination `{name}` of {where}; {known(all_names)}")
    if exports and not all_names:
        raise NotFound(f"export `{exports[0]}` has no destinations; write them into its export.yaml")
    return {name: [one for one in of if not destinations or one in destinations] for name, of in defined.items() if of}


def _due(
    here: Installation, export: str, destinations: Sequence[str], *, required: bool, by: str, clock: Clock
) -> Sequence[DeliveryRow]:
    """Planned where a destination is newer than the publication."""
    with here.database.session() as session:
        current = require_current(session, export) if required else current_publication(session, export)
        if current is None:
            return ()
        plan_deliveries(here, session, current, at=clock(), by=by)
        query = store.deliveries([export], destinations).where(col(DeliveryRow.number) == current.number)
        return list(reversed(session.execute(query).scalars().all()))
