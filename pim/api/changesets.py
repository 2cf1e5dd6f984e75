"""Changesets: who committed what, when and why; what each changed; taking one back."""

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import EDIT_PRODUCTS
from pim.api.documents import instant
from pim.api.etags import one_document
from pim.api.history import shown_data
from pim.api.history_words import GET, LIST, REVERT
from pim.api.identity import needs, signed_in
from pim.api.links import link_to
from pim.api.paging import address, asked_page, hal_page, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, sliced
from pim.api.reverting import Guard, answer_revert
from pim.api.sight import sight_of
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation
from pim.catalog.model import Document
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.changesets import Extent, NamedChange, Wanted, changes_of, changesets_of, extents, named_changes
from pim.versioning.model import Committed, Origin
from pim.versioning.moments import parse_when
from pim.versioning.names import ids_named
from pim.versioning.revert import revert_changeset
from pim.versioning.tables import ChangesetRow

PATH = "/changesets"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=LIST)
def list_changesets(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first, of what the user sees something of."""
    user = signed_in(request)
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    before = cursor_numbers(asked, 1)
    database: Database = state.database
    with database.snapshot_session() as session:
        sight = sight_of(user, store.current_structure(session))
        wanted = _asked(session, parameters)
        query = changesets_of(wanted, sight, before[0] if before else None)
        rows = list(session.execute(sliced(query, asked)).scalars())
        page = found(rows, asked, counted(session, changesets_of(wanted, sight), asked))
        seen = extents(session, [row.revision for row in page.rows], sight)
    return answer_page(
        request, PATH, asked, page, lambda row: _listed(request, row, seen[row.revision]), attrgetter("revision")
    )


@get(PATH + "/{revision:int}", sync_to_thread=True, operation=GET)
def get_changeset(request: AnyRequest, state: State) -> Response[Any]:
    """With a page of its changes, in their order."""
    user = signed_in(request)
    revision: int = request.path_params["revision"]
    asked = asked_page(parameters_of(request))
    after = cursor_numbers(asked, 1)
    database: Database = state.database
    with database.snapshot_session() as session:
        structure = store.current_structure(session)
        sight = sight_of(user, structure)
        row, extent = _seen(session, user, revision)
        query = changes_of(revision, sight, after[0] if after else None)
        rows = list(session.execute(sliced(query, asked)).scalars())
        page = found(rows, asked, extent.changes if asked.with_count else None)
        changes = named_changes(session, page.rows)
    items = [_change(request, change, user, structure) for change in changes]
    last = str(changes[-1].number) if changes else None
    paged = hal_page(request, f"{PATH}/{revision}", asked, items, last, page.more, page.count)
    return one_document(request, revision, {**_changeset(row, extent), **paged})


@post(
    PATH + "/{revision:int}/revert",
    sync_to_thread=True,
    status_code=201,
    guards=[needs(EDIT_PRODUCTS)],
    operation=REVERT,
)
def revert_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """A new changeset that takes this one back, or 409 with everything that has changed since."""
    revision: int = request.path_params["revision"]

    def author(session: Session, user: User) -> str:
        return _seen(session, user, revision)[0].author

    def revert(session: Session, origin: Origin, guard: Guard) -> Committed:
        return revert_changeset(session, revision, origin, now(), guard.used, guard.allowed)

    return answer_revert(request, state, body, author, revert)


def _seen(session: Session, user: User, revision: int) -> tuple[ChangesetRow, Extent]:
    """Raises NotFound, also when the user sees nothing of it."""
    row = store.get_changeset(session, revision)
    sight = sight_of(user, store.current_structure(session))
    seen = extents(session, [revision], sight)
    if revision not in seen:
        raise NotFound(f"revision {revision} does not exist or you do not have permission to see it")
    return row, seen[revision]


def _changeset(row: ChangesetRow, extent: Extent) -> Document:
    return {
        "revision": row.revision,
        "committed_at": instant(row.committed_at),
        "author": row.author,
        "source": row.source,
        "reason": row.reason,
        "import": row.import_id,
        "reverts": row.reverts,
        "changes": extent.changes,
        "entities": extent.entities,
    }


def _listed(request: AnyRequest, row: ChangesetRow, extent: Extent) -> Document:
    links = {"self": {"href": address(request, PATH, str(row.revision))}}
    return {"_links": links, **_changeset(row, extent)}


def _change(request: AnyRequest, change: NamedChange, user: User, structure: Structure) -> Document:
    name = change.name
    link = None if name.gone else link_to(request, change.kind, name.code, name.owner, name.uuid)
    return {
        **({"_links": {"self": {"href": link}}} if link else {}),
        "kind": change.kind,
        "code": name.code,
        **({"owner": name.owner} if name.owner else {}),
        **({"uuid": str(name.uuid)} if name.uuid else {}),
        "path": change.path,
        "attribute": change.attribute,
        "locale": change.locale,
        "scope": change.scope,
        "old": shown_data(change.kind, change.path, change.old, user, structure),
        "new": change.new,
    }


def _asked(session: Session, parameters: Mapping[str, str]) -> Wanted:
    """Raises InvalidInput with everything that is wrong with the filters."""
    problems: list[Violation] = []
    import_id = parameters.get("import")
    if import_id is not None and not (import_id.isascii() and import_id.isdigit() and len(import_id) < 19):
        problems.append(Violation("import", "wrong_type", f"`{import_id}` is no import; write its number"))
    since = _bound(parameters, "since", problems)
    until = _bound(parameters, "until", problems)
    entities = asked_entities(session, parameters, problems)
    if problems:
        raise InvalidInput(problems)
    number = int(import_id) if import_id is not None else None
    return Wanted(parameters.get("author"), parameters.get("source"), number, since, until, entities)


def _bound(parameters: Mapping[str, str], name: str, problems: list[Violation]) -> int | datetime | None:
    """Both ends count themselves in, so a day is all of it."""
    if name not in parameters:
        return None
    try:
        return parse_when(parameters[name], name, whole_day=name == "until")
    except InvalidInput as wrong:
        problems += wrong.violations
        return None


def asked_entities(session: Session, parameters: Mapping[str, str], problems: list[Violation]) -> list[int] | None:
    """Ids of what `entity` names; None for everything."""
    if "entity" not in parameters:
        return None
    try:
        return ids_named(session, parameters["entity"], "entity")
    except InvalidInput as wrong:
        problems += wrong.violations
        return []


ROUTES: list[ControllerRouterHandler] = [list_changesets, get_changeset, revert_one]
