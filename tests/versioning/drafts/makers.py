"""Drafts as tests make, try and apply them."""

from collections.abc import Sequence

from pim.base.database import Database
from pim.versioning.drafts import store
from pim.versioning.drafts.apply_draft import Applied, apply_draft, conflicts_of
from pim.versioning.drafts.edit_draft import edit_draft
from pim.versioning.drafts.model import MergeConflict
from pim.versioning.drafts.resolve_draft import resolve_draft
from pim.versioning.drafts.review import approve_draft, submit_draft
from pim.versioning.drafts.tables import DraftEditRow
from pim.versioning.model import Edit
from tests.makers import NOW


def draft(database: Database, code: str, *edits: Edit, by: str = "camille") -> None:
    """A draft of this name with these edits on top of what it holds."""
    with database.session() as session:
        if store.find_draft(session, code) is None:
            store.create_draft(session, code, by, NOW)
        if edits:
            edit_draft(session, code, edits, by, NOW)


def approved(database: Database, code: str) -> None:
    with database.session() as session:
        if store.get_draft(session, code).state != "in_review":
            submit_draft(session, code, "camille", NOW)
        approve_draft(session, code, "robin", NOW)


def applied(database: Database, code: str) -> Applied:
    approved(database, code)
    with database.session() as session:
        return apply_draft(session, code, "robin", NOW)


def resolved(database: Database, code: str, take: str, *numbers: int) -> list[MergeConflict]:
    with database.session() as session:
        return resolve_draft(session, code, take, numbers, "robin", NOW)


def conflicts(database: Database, code: str) -> list[MergeConflict]:
    with database.session() as session:
        return conflicts_of(session, store.get_draft(session, code), NOW)


def rows(database: Database, code: str) -> Sequence[DraftEditRow]:
    """None where there is no such draft."""
    with database.session() as session:
        found = store.find_draft(session, code)
        return store.edits_of(session, found) if found else []


def state(database: Database, code: str) -> str:
    with database.session() as session:
        return store.get_draft(session, code).state
