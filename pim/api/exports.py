"""Exports: what they are, published and left out; and running one."""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.permissions import PUBLISH
from pim.api import exports_words as words
from pim.api.bodies import JSON, read_options
from pim.api.exports_shown import ONE, PATH, asked_export, published
from pim.api.identity import needs, signed_in
from pim.api.jobs import launched
from pim.api.paging import address, asked_page, hal_page, parameters_of
from pim.api.query_pages import answer_page, listed, streamed
from pim.api.rejected_items import narrowed, seen_rows
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, known
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.catalog.model import Document
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.syndication import store
from pim.syndication.export_job import defer_export_run
from pim.syndication.manifest import MANIFEST
from pim.syndication.report import read_report, report_rows, reported_publication
from pim.syndication.run_export import export_names
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationRow

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=words.LIST)
def list_exports(request: AnyRequest, state: State) -> Response[bytes]:
    """By name, each with what is current of it and what waits for a person."""
    asked = asked_page(parameters_of(request))
    page = listed(export_names(state.settings), asked, key=lambda name: name)
    database: Database = state.database
    with database.snapshot_session() as session:
        return answer_page(request, PATH, asked, page, lambda name: _item(request, session, state.settings, name), str)


@get(ONE, sync_to_thread=True, operation=words.GET)
def get_export(request: AnyRequest, state: State) -> Response[bytes]:
    database: Database = state.database
    with database.snapshot_session() as session:
        document = _item(request, session, state.settings, asked_export(request, state))
    return Response(msgspec.json.encode(document), media_type=JSON)


@post(PATH + "/run", sync_to_thread=True, guards=[needs(PUBLISH)], operation=words.RUN_ALL)
def run_all(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    """A job that renders every export from one revision."""
    read_options(request, body, ())
    return _run(request, state, [])


@post(ONE + "/run", sync_to_thread=True, guards=[needs(PUBLISH)], operation=words.RUN)
def run_one(request: AnyRequest, state: State, body: RawBody) -> Response[bytes]:
    read_options(request, body, ())
    return _run(request, state, [asked_export(request, state)])


def _run(request: AnyRequest, state: State, names: list[str]) -> Response[bytes]:
    database: Database = state.database
    with database.session() as session:
        job_id = defer_export_run(session, names, by=signed_in(request).username)
    return launched(request, job_id, 202)


@get(ONE + "/report", sync_to_thread=True, operation=words.REPORT)
def get_report(request: AnyRequest, state: State) -> Response[bytes]:
    """What the newest publication left out, or the one asked for: a row a broken rule, in the order of the items."""
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    name = asked_export(request, state)
    database: Database = state.database
    with database.snapshot_session() as session:
        publication = _publication(session, name, parameters["publication"]) if "publication" in parameters else None
        publication = publication or reported_publication(session, name)
        everything = report_rows(read_report(state.storage, publication))
        rows = seen_rows(session, signed_in(request), narrowed(everything, parameters))
        shown, last = streamed(iter(rows), asked)
    page = hal_page(request, f"{PATH}/{name}/report", asked, shown.rows, last, shown.more, shown.count)
    told = {"publication": publication.number, "state": publication.state, "reason": publication.reason,
            "revision": publication.revision, "items": publication.items,
            "rejected_items": publication.rejected}  # fmt: skip
    return Response(msgspec.json.encode({**told, **page}), media_type=JSON)


@get(ONE + "/publications", sync_to_thread=True, operation=words.LIST_PUBLICATIONS)
def list_publications(request: AnyRequest, state: State) -> Response[bytes]:
    """Newest first: the current one, those that are kept, and the one that waits for a person."""
    name = asked_export(request, state)
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        page = listed(store.publications(session, name), asked, key=lambda row: -row.number, after=_negative)
        return answer_page(
            request, f"{PATH}/{name}/publications", asked, page,
            lambda row: published(request, session, row, state.settings), lambda row: row.number,
        )  # fmt: skip


@get(ONE + "/publications/{number:int}", sync_to_thread=True, operation=words.GET_PUBLICATION)
def get_publication(request: AnyRequest, state: State) -> Response[bytes]:
    """With its manifest."""
    name = asked_export(request, state)
    database: Database = state.database
    storage: ObjectStorage = state.storage
    with database.snapshot_session() as session:
        row = _publication(session, name, str(request.path_params["number"]))
        document = published(request, session, row, state.settings)
    with storage.open(f"{folder_of(row)}/{MANIFEST}") as stored:
        manifest = msgspec.Raw(stored.read())
    return Response(msgspec.json.encode({**document, "manifest": manifest}), media_type=JSON)


def _publication(session: Session, name: str, number: str) -> PublicationRow:
    there = {str(row.number): row for row in store.publications(session, name)}
    if number not in there:
        raise NotFound(f"Publication `{number}` of export `{name}` is not kept; {known(there)}")
    return there[number]


def _item(request: AnyRequest, session: Session, settings: Settings, name: str) -> Document:
    here = address(request, PATH, name)
    links = {
        rel: {"href": f"{here}/{rel}"}
        for rel in (
            "publications",
            "preview",
            "report",
            "run",
            "schedule",
            "diff",
            "approve",
            "reject",
            "rollback",
            "decisions",
        )
    }
    there = {row.state: row for row in store.publications(session, name) if row.state in (store.CURRENT, store.HELD)}
    shown = {state: published(request, session, row, settings) for state, row in there.items()}
    return {
        "_links": {"self": {"href": here}, **links},
        "name": name,
        **_definition(settings.exports_folder / name),
        "current": shown.get(store.CURRENT),
        "held": shown.get(store.HELD),
    }


def _definition(folder: Path) -> Document:
    """A summary; of a definition that is wrong, every problem."""
    try:
        definition = load_definition(folder)
    except InvalidInput as error:
        return {"problems": [violation.message for violation in error.violations]}
    return {**_summary(definition), "problems": []}


def _summary(definition: ExportDefinition) -> Document:
    return {
        "labels": definition.labels,
        "channel": definition.channel,
        "locales": definition.locales,
        "grain": definition.grain,
        "schema": definition.schema,
        "schedule": msgspec.to_builtins(definition.schedule),
        "keep": definition.keep,
        "needs_token": definition.token is not None,
        "assortment": msgspec.to_builtins(definition.assortment),
        "gate": msgspec.to_builtins(definition.gate),
        "files": [{"name": file.name, "writer": file.writer} for file in definition.files],
    }


def _negative(cursor: str) -> int:
    return -int(cursor)


ROUTES: list[ControllerRouterHandler] = [
    list_exports,
    get_export,
    run_all,
    run_one,
    get_report,
    list_publications,
    get_publication,
]
