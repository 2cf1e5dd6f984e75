"""Saved searches: listing, finding, saving and deleting them, each within what somebody sees of them."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, NotFound, NotPermitted, Violation, known, shown
from pim.catalog.model import Document
from pim.search.query_language import parse_query
from pim.search.tables import SavedSearchRow

SETTINGS = ("q", "locale", "scope", "sort", "facets")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def list_searches(session: Session, username: str) -> Sequence[SavedSearchRow]:
    """One's own and those that are shared, in order of their codes."""
    query = select(SavedSearchRow).where(_seen_by(username)).order_by(col(SavedSearchRow.code))
    return session.execute(query).scalars().all()


def get_search(session: Session, code: str, username: str) -> SavedSearchRow:
    """Raises NotFound, which names those that this user sees."""
    row = session.get(SavedSearchRow, code)
    if row is None or not (row.shared or row.owner == username):
        codes = (one.code for one in list_searches(session, username))
        raise NotFound(f"saved search `{code}` does not exist; {known(codes)}")
    return row


def save_search(session: Session, code: str, document: Document, username: str, at: datetime) -> bool:
    """Creates it, or changes what `document` says of one's own. Whether it is new. Raises InvalidInput with every
    problem, and NotPermitted for somebody else's."""
    row = session.get(SavedSearchRow, code)
    _check(code, document)
    if row is not None:
        _check_own(row, username)
    settings = {**(row.settings if row else {}), **{name: document[name] for name in SETTINGS if name in document}}
    fields = {
        "owner": username,
        "title": document.get("title", row.title if row else ""),
        "shared": document.get("shared", row.shared if row else False),
        "settings": {name: value for name, value in settings.items() if value not in (None, "")},
        "updated": at,
    }
    session.merge(SavedSearchRow(code=code, **fields))
    session.flush()
    return row is None


def delete_search(session: Session, code: str, username: str) -> None:
    """Raises NotFound and NotPermitted."""
    row = get_search(session, code, username)
    _check_own(row, username)
    session.delete(row)


def as_document(row: SavedSearchRow) -> Document:
    settings: Mapping[str, Any] = row.settings
    return {
        "code": row.code, "title": row.title, "owner": row.owner, "shared": row.shared,
        **{name: settings.get(name) for name in SETTINGS},
        "updated": row.updated.isoformat(timespec="seconds"),
    }  # fmt: skip


def _check(code: str, document: Document) -> None:
    problems: list[Violation] = []
    if not _CODE.fullmatch(code):
        message = f"`code` is {shown(code)}; write up to 100 letters, digits, `_`, `.` and `-`"
        problems.append(Violation("code", "bad_code", message))
    for name in ("title", *SETTINGS):
        value = document.get(name)
        if not ((value is None and name != "title") or name not in document) and not isinstance(value, str):
            problems.append(Violation(name, "wrong_type", f"`{name}` is {shown(value)}; write a text"))
    if not isinstance(document.get("shared", False), bool):
        message = f"`shared` is {shown(document['shared'])}; write true or false"
        problems.append(Violation("shared", "wrong_type", message))
    unknown = sorted(set(document) - {"code", "title", "shared", "owner", "updated", *SETTINGS})
    problems += [Violation(name, "unknown_property", f"`{name}` is no property of a saved search") for name in unknown]
    if problems:
        raise InvalidInput(problems)
    parse_query(document.get("q") or "")


def _check_own(row: SavedSearchRow, username: str) -> None:
    if row.owner != username:
        raise NotPermitted(f"saved search `{row.code}` is of `{row.owner}`; save one under another code")


def _seen_by(username: str) -> Any:
    return or_(col(SavedSearchRow.shared), col(SavedSearchRow.owner) == username)
