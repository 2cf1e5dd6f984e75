"""Imports: handing a file in, how far it is, what was left out and why, and taking it back."""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.response import Stream
from litestar.types import ControllerRouterHandler
from sqlalchemy import Select, select
from sqlmodel import Session, col

from pim.access.model import User
from pim.access.permissions import EDIT_PRODUCTS
from pim.api import imports_words as words
from pim.api.bodies import JSON, check_accept
from pim.api.documents import instant
from pim.api.identity import needs, signed_in
from pim.api.jobs import launched
from pim.api.paging import address, asked_page, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, sliced
from pim.api.reverting import Guard, answer_revert
from pim.api.uploads import LARGEST, Upload, received
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import Conflict, InvalidInput, NotFound, Violation, known
from pim.catalog.model import Document
from pim.intake import store
from pim.intake.import_job import defer_import
from pim.intake.model import Rejection
from pim.intake.permitted import check_unlimited
from pim.intake.rejections_file import as_csv
from pim.intake.tables import ImportRejectionRow, ImportRow
from pim.versioning.model import Committed, Origin
from pim.versioning.revert import revert_import

PATH = "/imports"
REJECTED = "/rejected"
CSV = "text/csv"

AnyRequest = Request[Any, Any, Any]


@post(PATH, request_max_body_size=LARGEST, guards=[needs(EDIT_PRODUCTS)], operation=words.UPLOAD)
async def upload(request: AnyRequest, state: State) -> Response[bytes]:
    """A file as the body or as the part `file` of a form; it goes to storage in pieces, and a job takes it in."""
    user = await to_thread.run_sync(signed_in, request)
    check_unlimited(user)
    async with received(request, state.settings, state.storage) as given:
        return await to_thread.run_sync(_defer, request, state, user, given)


def _defer(request: AnyRequest, state: State, user: User, given: Upload) -> Response[bytes]:
    database: Database = state.database
    with database.session() as session:
        given.check(session)
    key = given.keep()
    with database.session() as session:
        job_id = defer_import(session, key, by=user.username, dry_run=given.dry_run, mapping=given.mapping)
    return launched(request, job_id, 202)


@get(PATH, sync_to_thread=True, operation=words.LIST)
def list_imports(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first. Users who do not see everything see their own."""
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    before = cursor_numbers(asked, 1)
    query = _wanted(signed_in(request), parameters)
    database: Database = state.database
    with database.snapshot_session() as session:
        count = counted(session, query, asked)
        if before is not None:
            query = query.where(col(ImportRow.id) < before[0])
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    return answer_page(request, PATH, asked, page, partial(_item, request), attrgetter("id"))


@get(PATH + "/{import_id:int}", sync_to_thread=True, operation=words.GET)
def get_import(request: AnyRequest, state: State) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        row = _seen(session, signed_in(request), request.path_params["import_id"])
    return Response(msgspec.json.encode(_item(request, row)), media_type=JSON)


@get(PATH + "/{import_id:int}" + REJECTED, sync_to_thread=True, operation=words.REJECTED)
def list_rejected(request: AnyRequest, state: State) -> Response[bytes] | Stream:
    """One reason why one line was left out after the other: a page of them, or all as CSV."""
    import_id: int = request.path_params["import_id"]
    database: Database = state.database
    with database.snapshot_session() as session:
        _seen(session, signed_in(request), import_id)
        if CSV in request.headers.get("accept", ""):
            lines = as_csv(_rejections(database, import_id))
            name = f'attachment; filename="import-{import_id}-rejected.csv"'
            return Stream(lines, media_type=CSV, headers={"Content-Disposition": name})
        check_accept(request)
        asked = asked_page(parameters_of(request))
        after = cursor_numbers(asked, 1)
        query = select(ImportRejectionRow).where(col(ImportRejectionRow.import_id) == import_id)
        query = query.order_by(col(ImportRejectionRow.id))
        count = counted(session, query, asked)
        if after is not None:
            query = query.where(col(ImportRejectionRow.id) > after[0])
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    here = f"{PATH}/{import_id}{REJECTED}"
    return answer_page(request, here, asked, page, _rejection_document, attrgetter("id"))


def _rejection_document(row: ImportRejectionRow) -> Document:
    return store.as_rejection(row).as_document()


def _rejections(database: Database, import_id: int) -> Iterator[Rejection]:
    with database.snapshot_session() as session:
        yield from store.rejections_of(session, import_id)


@post(
    PATH + "/{import_id:int}/revert",
    sync_to_thread=True,
    guards=[needs(EDIT_PRODUCTS)],
    operation=words.REVERT,
)
def revert_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """One new changeset that takes back all that the import did, or 409 with everything that has changed since."""
    import_id: int = request.path_params["import_id"]

    def author(session: Session, user: User) -> str:
        row = _seen(session, user, import_id)
        if row.state == store.RUNNING:
            raise Conflict(f"import {import_id} is still running; cancel its job, or wait until it is done")
        return row.author

    def revert(session: Session, origin: Origin, guard: Guard) -> Committed:
        committed = revert_import(session, import_id, origin, now(), guard.used, guard.allowed)
        store.mark_reverted(session, import_id)
        return committed

    return answer_revert(request, state, body, author, revert)


def _wanted(user: User, parameters: dict[str, str]) -> Select[ImportRow]:
    """Raises InvalidInput."""
    states = (store.RUNNING, store.DONE, store.REVERTED, store.ABANDONED)
    asked = parameters.get("state")
    if asked is not None and asked not in states:
        raise InvalidInput([Violation("state", "unknown", f"State `{asked}` does not exist; {known(states)}")])
    query = select(ImportRow).order_by(col(ImportRow.id).desc())
    if asked is not None:
        query = query.where(col(ImportRow.state) == asked)
    if "author" in parameters:
        query = query.where(col(ImportRow.author) == parameters["author"])
    return query if user.view.is_everything else query.where(col(ImportRow.author) == user.username)


def _seen(session: Session, user: User, import_id: int) -> ImportRow:
    """Raises NotFound: what lines said is for those who see everything, and for whoever handed them in."""
    row = store.get_import(session, import_id)
    if row.author != user.username and not user.view.is_everything:
        raise NotFound(f"import {import_id} does not exist or you do not have permission to see it")
    return row


def _item(request: AnyRequest, row: ImportRow) -> Document:
    here = address(request, PATH, str(row.id))
    changesets = f"{address(request, '/changesets')}?import={row.id}"
    totals: dict[str, int] = {}
    for counts in row.counts.values():
        for outcome, number in counts.items():
            totals[outcome] = totals.get(outcome, 0) + number
    return {
        "_links": {
            "self": {"href": here}, "rejected": {"href": here + REJECTED}, "changesets": {"href": changesets},
        },
        "id": row.id,
        "state": row.state,
        "author": row.author,
        "source": Path(row.source).name,
        "format": row.format,
        "digest": row.digest,
        "totals": totals,
        "counts": row.counts,
        "warnings": row.warnings,
        "started": instant(row.started_at),
        "finished": instant(row.finished_at) if row.finished_at else None,
    }  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [upload, list_imports, get_import, list_rejected, revert_one]
