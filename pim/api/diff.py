"""What differs between two revisions or moments, within the limits of the reader."""

from itertools import islice
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON
from pim.api.changesets import asked_entities
from pim.api.history_words import DIFF
from pim.api.identity import signed_in
from pim.api.links import link_to
from pim.api.paging import asked_page, hal_page, is_true, parameters_of
from pim.api.query_pages import cursor_numbers, found
from pim.api.sight import sight_of
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import Document
from pim.versioning import store
from pim.versioning.compare import Between, EntityDiff, compare, summed_up
from pim.versioning.moments import two_revisions

PATH = "/diff"

AnyRequest = Request[Any, Any, Any]


@get(PATH, sync_to_thread=True, operation=DIFF)
def get_diff(request: AnyRequest, state: State) -> Response[bytes]:
    """A page of what differs, in the order of its making; with `with_summary` also how much of what."""
    user = signed_in(request)
    parameters = parameters_of(request)
    asked = asked_page(parameters, only_cursors=True)
    after = cursor_numbers(asked, 1)
    problems: list[Violation] = []
    with_summary = is_true(parameters, "with_summary", problems)
    database: Database = state.database
    with database.snapshot_session() as session:
        entities = asked_entities(session, parameters, problems)
        if problems:
            raise InvalidInput(problems)
        ends = two_revisions(session, parameters.get("from"), parameters.get("to"))
        attribute, family = parameters.get("attribute"), parameters.get("family")
        between = Between(*ends, entities, attribute, family, sight_of(user, store.current_structure(session)))
        rows = list(islice(compare(session, between, after[0] if after else 0), asked.limit + 1))
        summary = summed_up(compare(session, between)) if with_summary or asked.with_count else None
    page = found(rows, asked, summary.entities if summary and asked.with_count else None)
    last = str(page.rows[-1].id) if page.rows else None
    items = [_item(request, one) for one in page.rows]
    answer: Document = {"from": between.old, "to": between.new}
    answer["summary"] = msgspec.to_builtins(summary) if with_summary else None
    answer |= hal_page(request, PATH, asked, items, last, page.more, page.count)
    return Response(msgspec.json.encode(answer), media_type=JSON)


def _item(request: AnyRequest, one: EntityDiff) -> Document:
    link = None if one.op == "deleted" else link_to(request, one.kind, one.code, one.owner, one.uuid)
    document: Document = msgspec.to_builtins(one)
    del document["id"]
    for cell in document["cells"]:
        for closer in ("words", "rows"):
            if cell[closer] is None:
                del cell[closer]
    return {**({"_links": {"self": {"href": link}}} if link else {}), **document}


ROUTES: list[ControllerRouterHandler] = [get_diff]
