"""What the price of one product was when, at its address with `/history/prices` behind it."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from pim.access.permissions import visible
from pim.api.bodies import JSON
from pim.api.history import HISTORY
from pim.api.identity import signed_in
from pim.api.paging import asked_number, parameters_of
from pim.api.writing import find_entity
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.store import resolve_all
from pim.versioning import store
from pim.versioning.model import Edit
from pim.versioning.price_history import DAYS, price_cell, price_history

PRICES = f"{HISTORY}/prices"
_MOST_DAYS = 3650


def answer_prices(request: Request[Any, Any, Any], state: State, named: Edit) -> Response[bytes]:
    """By currency. `named` is any edit of the product. Raises NotFound also for a price that the user does not see."""
    user = signed_in(request)
    parameters = parameters_of(request)
    problems: list[Violation] = []
    days = asked_number(parameters, "days", DAYS, problems, most=_MOST_DAYS)
    if problems:
        raise InvalidInput(problems)
    database: Database = state.database
    with database.snapshot_session() as session:
        structure = store.current_structure(session)
        cell = price_cell(structure, *(parameters.get(name) for name in ("attribute", "locale", "scope")))
        entity = find_entity(session, named)
        resolved = resolve_all(session, [entity])[0] if entity else None
        probe = {cell.attribute: [{"locale": cell.locale, "scope": cell.scope, "data": None}]}
        seen = visible(user, structure, {**resolved.document, "values": probe}) if resolved else None
        if resolved is None or seen is None or not seen["values"]:
            name = named.uuid or named.code
            raise NotFound(f"`{name}` does not exist or you do not have permission to see its price")
        found = price_history(session, resolved, cell, now(), days)
    answer = {
        "attribute": cell.attribute,
        "locale": cell.locale,
        "scope": cell.scope,
        "days": days,
        "currencies": found,
    }
    return Response(msgspec.json.encode(answer), media_type=JSON)
