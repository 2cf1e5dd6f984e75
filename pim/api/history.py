"""The history of one product, product model, record or asset: who changed what, when and why, from what to what.

Its address is the thing's own with `/history` behind it. Identifiers may hold slashes, so one that itself ends in
`/history` is read under `products-uuid`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col

from pim.access.model import User
from pim.access.permissions import visible, visible_locales
from pim.api.documents import instant
from pim.api.identity import signed_in
from pim.api.paging import asked_page, parameters_of
from pim.api.query_pages import answer_page, counted, cursor_numbers, found, sliced
from pim.api.sight import sight_of
from pim.api.writing import find_entity
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document
from pim.catalog.store import linked_by_code, resolve_all
from pim.catalog.structure import Structure
from pim.versioning import store
from pim.versioning.history import HistoryEntry, read_entries, rows_of_history
from pim.versioning.model import DELETED, Edit
from pim.versioning.names import last_deleted
from pim.versioning.tables import ChangeRow

HISTORY = "/history"

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose history it is; what is deleted has one too."""

    id: int
    document: Document


def answer_history(request: AnyRequest, state: State, named: Edit, path: str, name: str) -> Response[bytes]:
    """Newest first. `named` is any edit of the thing, `name` its part of the address."""
    parameters = parameters_of(request)
    asked = asked_page(parameters)
    after = cursor_numbers(asked, 2)
    user = signed_in(request)
    database: Database = state.database
    with database.snapshot_session() as session:
        structure = store.current_structure(session)
        subject = _subject(session, user, structure, named)
        query = rows_of_history().where(
            col(ChangeRow.entity_id) == subject.id,
            sight_of(user, structure).of_cells(),
            *_asked_cells(parameters, structure, named),
        )
        count = counted(session, query, asked)
        if after is not None:
            query = query.where(tuple_(col(ChangeRow.revision), col(ChangeRow.number)) < tuple_(*after))
        page = found(read_entries(session, sliced(query, asked)), asked, count)
    return answer_page(
        request,
        f"{path}/{name}",
        asked,
        page,
        lambda entry: _item(named.kind, entry, user, structure),
        lambda entry: f"{entry.revision}.{entry.number}",
    )


def _subject(session: Session, user: User, structure: Structure, named: Edit) -> _Subject:
    """Raises NotFound for what never was, and for what the user does not see."""
    found = _there(session, named) or _deleted(session, named)
    if found is None or (named.kind not in LINKED and visible(user, structure, found.document) is None):
        what = named.kind.replace("_", " ").capitalize()
        name = named.uuid or named.code
        raise NotFound(f"{what} `{name}` does not exist or you do not have permission to see it")
    return found


def _there(session: Session, named: Edit) -> _Subject | None:
    if named.kind in LINKED:
        linked = linked_by_code(session, named.kind, named.owner, [named.code or ""])
        return _Subject(linked[0].id, linked[0].document) if linked else None
    entity = find_entity(session, named)
    return _Subject(entity.id, resolve_all(session, [entity])[0].document) if entity else None


def _deleted(session: Session, named: Edit) -> _Subject | None:
    row = last_deleted(session, named.kind, named.code, named.uuid, named.owner)
    return _Subject(row.entity_id, deleted_document(row.old)) if row else None


def deleted_document(remembered: Mapping[str, Any]) -> Document:
    """What the log kept of something deleted, with the categories that its readers knew it by."""
    document: Document = remembered["document"]
    return {**document, "categories": remembered["categories"]} if remembered.get("categories") else document


def shown_data(kind: str, path: str, data: Any, user: User, structure: Structure) -> Any:
    """`old` of a change: of a deletion the document, as far as this user saw it."""
    if path != DELETED or data is None:
        return data
    document = deleted_document(data)
    if kind in (PRODUCT, PRODUCT_MODEL):
        return visible(user, structure, document)
    if kind in LINKED:
        return {**document, "values": visible_locales(user, document["values"])}
    return document


def _item(kind: str, entry: HistoryEntry, user: User, structure: Structure) -> Document:
    return {
        "revision": entry.revision,
        "committed_at": instant(entry.committed_at),
        "author": entry.author,
        "source": entry.source,
        "reason": entry.reason,
        "import": entry.import_id,
        "path": entry.path,
        "attribute": entry.attribute,
        "locale": entry.locale,
        "scope": entry.scope,
        "old": shown_data(kind, entry.path, entry.old, user, structure),
        "new": entry.new,
        **({"rows": msgspec.to_builtins(entry.rows)} if entry.rows is not None else {}),
    }


def _asked_cells(parameters: Mapping[str, str], structure: Structure, named: Edit) -> list[ColumnElement[bool]]:
    """Raises InvalidInput for an attribute, locale or channel that does not exist."""
    kind = LINKED[named.kind].attribute if named.kind in LINKED else "attribute"
    there: dict[str, Mapping[str, Any]] = {
        "attribute": structure.attribute_ids.get((kind, named.owner), {}),
        "locale": structure.locales,
        "scope": structure.channels,
    }
    problems = [
        Violation(name, "unknown", f"{name} `{parameters[name]}` does not exist; {known(codes)}")
        for name, codes in there.items()
        if name in parameters and parameters[name] not in codes
    ]
    if problems:
        raise InvalidInput(problems)
    cells: list[ColumnElement[bool]] = []
    if attribute := parameters.get("attribute"):
        cells.append(col(ChangeRow.attribute_id) == structure.id_of(kind, attribute, named.owner))
    if locale := parameters.get("locale"):
        cells.append(col(ChangeRow.locale) == locale)
    if scope := parameters.get("scope"):
        cells.append(col(ChangeRow.scope) == scope)
    return cells
