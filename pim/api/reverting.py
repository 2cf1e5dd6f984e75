"""Taking back what a changeset or an import did: who may, what the answer says, and what catches up afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import EDIT_PRODUCTS, REVERT, check_may
from pim.api.bodies import JSON, read_options
from pim.api.exports_in_need import exports_in_need
from pim.api.identity import signed_in
from pim.api.paging import address
from pim.api.writing import not_permitted
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotPermitted, Violation
from pim.catalog.model import STRUCTURE_KINDS
from pim.versioning.catch_up_job import defer_catch_up
from pim.versioning.model import Committed, Edit, Origin
from pim.versioning.store import current_structure

AnyRequest = Request[Any, Any, Any]


def answer_revert(
    request: AnyRequest,
    state: State,
    body: bytes,
    author_of: Callable[[Session, User], str],
    revert: Callable[[Session, Origin, "Guard"], Committed],
) -> Response[bytes]:
    """201 with the revision that takes it back, 200 when there was nothing to take back. `author_of` says who did it
    first; it raises NotFound."""
    user = signed_in(request)
    reason = _reason(request, body)
    database: Database = state.database
    with database.session() as session:
        check_may(user, EDIT_PRODUCTS if author_of(session, user) == user.username else REVERT)
        committed = revert(session, Origin(user.username, "revert", reason), Guard(session, user, state))
        if any(change.kind in STRUCTURE_KINDS for change in committed.changes):
            defer_catch_up(session, by=user.username)
    if committed.revision is None:
        answer = {"revision": None, "message": "There was nothing to take back"}
        return Response(msgspec.json.encode(answer), status_code=200, media_type=JSON)
    location = address(request, "/changesets", str(committed.revision))
    body = msgspec.json.encode({"_links": {"self": {"href": location}}, "revision": committed.revision})
    return Response(body, status_code=201, media_type=JSON, headers={"Location": location})


class Guard:
    """What a revert asks before it writes: whether the user may make these edits, and what else needs what would go."""

    def __init__(self, session: Session, user: User, state: State) -> None:
        self._user = user
        self.used = exports_in_need(state.settings.exports_folder, current_structure(session))

    def allowed(self, session: Session, edits: Sequence[Edit]) -> None:
        refused = not_permitted(session, self._user, edits)
        if refused:
            raise NotPermitted("; ".join(dict.fromkeys(str(error) for error in refused.values())))


def _reason(request: AnyRequest, body: bytes) -> str | None:
    """Of a body that may be left out: `{"reason": "…"}`."""
    reason = read_options(request, body, ("reason",)).get("reason")
    if reason is not None and not isinstance(reason, str):
        raise InvalidInput([Violation("reason", "wrong_type", "`reason` is a text")])
    return reason
