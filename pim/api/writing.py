"""Writing one document or many: permitted, committed as one changeset, answered as the dialect answers writers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import check_edit
from pim.api.dialect_errors import status_of_outcome, told_outcome
from pim.api.etags import expected_revisions
from pim.api.exports_in_need import exports_in_need
from pim.api.identity import signed_in
from pim.api.problems import dialect_problem
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import NotPermitted
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Document, Entity
from pim.versioning import store
from pim.versioning.catch_up_job import defer_catch_up
from pim.versioning.commit import commit_changeset
from pim.versioning.model import Edit, Origin, Outcome


def write_one(request: Request[Any, Any, Any], state: State, edit: Edit) -> tuple[Outcome, Response[Any] | None]:
    """What became of the edit and, when it was refused, the answer that says why."""
    database: Database = state.database
    with database.session() as session:
        edit, changed = _conditional(session, edit, request.headers)
        if changed is not None:
            raise changed
        (outcome,) = commit(session, state, signed_in(request), [edit])
    if isinstance(outcome, NotPermitted):
        raise outcome
    if not outcome.refused:
        return outcome, None
    status = status_of_outcome(outcome)
    status = 412 if status == 404 and "if-match" in request.headers and edit.patch is not None else status
    return outcome, dialect_problem(status, {}, **told_outcome(outcome))


def commit(session: Session, state: State, user: User, edits: Sequence[Edit]) -> list[Outcome | NotPermitted]:
    """All of the edits as one changeset: each is taken or refused by itself. What is derived from structure catches up
    in the background."""
    refused = not_permitted(session, user, edits)
    tried = [edit for n, edit in enumerate(edits) if n not in refused]
    used = exports_in_need(state.settings.exports_folder, store.current_structure(session))
    committed = commit_changeset(session, tried, Origin(user.username, "api"), now(), used)
    if committed.revision and any(edit.kind in STRUCTURE_KINDS for edit in tried):
        defer_catch_up(session, by=user.username)
    outcomes = iter(committed.outcomes)
    return [refused[n] if n in refused else next(outcomes) for n in range(len(edits))]


def written(status: int, location: str) -> Response[Any]:
    """The answer to a writer: empty, with the address of what was written."""
    empty = None if status == 204 else b""
    return Response(empty, status_code=status, headers={"Location": location})


def _conditional(session: Session, edit: Edit, headers: Mapping[str, str]) -> tuple[Edit, HTTPException | None]:
    """The edit as If-Match asks for it. Of several tags the one that fits now is chosen; it is compared once more,
    under the lock, by whoever commits."""
    revisions = expected_revisions(headers)
    if revisions is None:
        return edit, None
    must = edit if edit.patch is None else replace(edit, must="exist")
    if len(revisions) < 2:
        return (replace(must, if_revision=revisions[0]) if revisions else must), None
    stored = _stored(session, [edit]).get(0)
    now_at = stored[1] if stored else None
    if now_at not in revisions:
        shown = ", ".join(map(str, revisions))
        return edit, HTTPException(f"this was changed at revision {now_at}, you saw {shown}", status_code=412)
    return replace(must, if_revision=now_at), None


def not_permitted(session: Session, user: User, edits: Sequence[Edit]) -> dict[int, NotPermitted]:
    """Position of the edit → why this user may not make it."""
    structure = store.current_structure(session)
    limited = not (user.view.is_everything and user.edit.is_everything)
    stored = _stored(session, edits) if limited else {}
    refused: dict[int, NotPermitted] = {}
    for n, edit in enumerate(edits):
        document = stored[n][0] if n in stored else None
        try:
            check_edit(user, structure, edit.kind, edit.patch, document, edit.owner)
        except NotPermitted as error:
            refused[n] = error
    return refused


def _stored(session: Session, edits: Sequence[Edit]) -> dict[int, tuple[Document, int]]:
    """Position of the edit → the merged document it is about, with its revision."""
    structure = store.current_structure(session)
    found: dict[int, tuple[Document, int]] = {}
    entities: list[Entity] = []
    positions: list[int] = []
    for n, edit in enumerate(edits):
        if edit.kind in STRUCTURE_KINDS:
            piece = structure.entities.get((edit.kind, edit.owner, edit.code or ""))
            if piece is not None:
                found[n] = (piece.document, piece.revision)
        elif edit.kind in LINKED:
            for linked in catalog_store.linked_by_code(session, edit.kind, edit.owner, [edit.code or ""]):
                found[n] = (linked.document, linked.revision)
        elif entity := find_entity(session, edit):
            entities.append(entity)
            positions.append(n)
    resolved = catalog_store.resolve_all(session, entities)
    return found | {n: (one.document, one.revision) for n, one in zip(positions, resolved, strict=True)}


def find_entity(session: Session, edit: Edit) -> Entity | None:
    """The product or product model that the edit names."""
    if edit.kind == PRODUCT_MODEL:
        found = catalog_store.product_models_by_code(session, [edit.code or ""])
    elif edit.uuid is not None:
        found = catalog_store.products_by_uuid(session, [edit.uuid])
    else:
        assert edit.kind == PRODUCT
        found = catalog_store.products_by_code(session, [edit.code or ""])
    return found[0] if found else None
