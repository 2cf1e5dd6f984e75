"""Drafts in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from pim.base.errors import Conflict, InvalidInput, NotFound, Violation, known
from pim.catalog.structure_rules import CODE_WITH_HYPHENS
from pim.versioning.drafts.model import DRAFT, STATES
from pim.versioning.drafts.tables import DraftEditRow, DraftEventRow, DraftRow


def create_draft(session: Session, code: str, by: str, at: datetime, reason: str | None = None) -> DraftRow:
    """An empty draft. Raises InvalidInput for a name that cannot be one, Conflict for one that is taken."""
    if not CODE_WITH_HYPHENS.fullmatch(code):
        message = f"draft `{code}` cannot be named so; write 1 to 255 of the characters a–z, A–Z, 0–9, _ and -"
        raise InvalidInput([Violation("code", "bad_code", message)])
    if find_draft(session, code) is not None:
        raise Conflict(f"draft `{code}` exists already; edit it, or take another name")
    row = DraftRow(code=code, author=by, reason=reason, state=DRAFT, created=at, updated=at)
    session.add(row)
    session.flush()
    add_event(session, row, by, at, "created")
    return row


def find_draft(session: Session, code: str) -> DraftRow | None:
    return session.execute(select(DraftRow).where(col(DraftRow.code) == code)).scalar_one_or_none()


def get_draft(session: Session, code: str, lock: bool = False) -> DraftRow:
    """Raises NotFound, naming the drafts there are. `lock`: nobody else changes it until the transaction ends."""
    query = select(DraftRow).where(col(DraftRow.code) == code)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    row: DraftRow | None = session.execute(query).scalar_one_or_none()
    if row is None:
        there = known(session.execute(select(col(DraftRow.code))).scalars())
        raise NotFound(f"draft `{code}` does not exist; {there}")
    return row


def list_drafts(session: Session, states: Sequence[str] = (), author: str | None = None) -> Sequence[DraftRow]:
    """Last changed first. Raises InvalidInput for a state that there is not."""
    if unknown := [state for state in states if state not in STATES]:
        raise InvalidInput([Violation("state", "unknown", f"state `{unknown[0]}` does not exist; {known(STATES)}")])
    query = select(DraftRow).order_by(col(DraftRow.updated).desc(), col(DraftRow.id).desc())
    if states:
        query = query.where(col(DraftRow.state).in_(states))
    if author is not None:
        query = query.where(col(DraftRow.author) == author)
    return session.execute(query).scalars().all()


def edits_of(session: Session, draft: DraftRow) -> Sequence[DraftEditRow]:
    """In the order in which they were made."""
    query = select(DraftEditRow).where(col(DraftEditRow.draft_id) == draft.id).order_by(col(DraftEditRow.id))
    return session.execute(query).scalars().all()


def events_of(session: Session, draft: DraftRow) -> Sequence[DraftEventRow]:
    query = select(DraftEventRow).where(col(DraftEventRow.draft_id) == draft.id).order_by(col(DraftEventRow.id))
    return session.execute(query).scalars().all()


def add_event(session: Session, draft: DraftRow, by: str, at: datetime, what: str, comment: str | None = None) -> None:
    draft.updated = at
    session.add(draft)
    session.add(DraftEventRow(draft_id=draft.id, at=at, author=by, what=what, comment=comment))
    session.flush()
