"""A small export with destinations, its publications, and what becomes of their deliveries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.settings import Settings
from pim.delivery import store
from pim.delivery.attempt import attempt_delivery
from pim.delivery.follow import follow_events
from pim.delivery.tables import DeliveryRow
from tests.makers import NOW, commit, given
from tests.syndication.runs import a_hat, an_export, run, storage_of

Destination = dict[str, Any]


def a_folder(path: object, **fields: Any) -> Destination:
    return {"name": "mirror", "transport": "folder", "path": str(path), **fields}


def delivering(settings: Settings, database: Database, *destinations: Destination, **changes: Any) -> Installation:
    """The small catalogue with two hats, and the export `shop` with these destinations; nothing is published yet."""
    settings = an_export(settings, destinations=list(destinations), **changes)
    given(database, a_hat("A"), a_hat("B"))
    return Installation(settings, database, storage_of(settings))


def redefine(here: Installation, *destinations: Destination, **changes: Any) -> None:
    an_export(here.settings, destinations=list(destinations), **changes)


def publish(here: Installation, *new_hats: str, clock: Callable[[], datetime] = lambda: NOW) -> list[DeliveryRow]:
    """A publication with these hats more, and the deliveries that follow."""
    if new_hats:
        commit(here.database, *(a_hat(code) for code in new_hats))
    (shop,) = run(here.database, here.settings, "shop", clock=clock).exports
    assert shop.state == "published", shop
    follow_events(here, clock)
    return rows(here)


def rows(here: Installation) -> list[DeliveryRow]:
    """Oldest first."""
    with here.database.session() as session:
        return list(reversed(session.scalars(store.deliveries()).all()))


def attempt(
    here: Installation, row: DeliveryRow, environment: Mapping[str, str] | None = None, later: float = 0, **given: Any
) -> DeliveryRow:
    """The clock stands still, `later` seconds after NOW."""
    moment = NOW + timedelta(seconds=later)
    return attempt_delivery(here, row.id or 0, environment=environment or {}, clock=lambda: moment, **given)


def in_session(here: Installation, act: Callable[[Session], Any]) -> Any:
    with here.database.session() as session:
        return act(session)


def outcomes(here: Installation, row: DeliveryRow) -> Sequence[str | None]:
    return in_session(here, lambda session: [one.outcome for one in store.attempts(session, row.id or 0)])
