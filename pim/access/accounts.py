"""Users and connections are made, listed and disabled here; nobody is ever deleted, for the log names them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from pim.access import store
from pim.access.credentials import digest, hash_password, new_secret
from pim.access.permissions import check_roles
from pim.access.tables import ConnectionRow, UserRow
from pim.base.errors import Conflict, InvalidInput, NotFound, Violation, known
from pim.catalog.structure import Structure

NAME = re.compile(r"[\w.@+-]{1,100}", re.ASCII)

Codes = Mapping[str, Sequence[str]]
"""What a user is limited to, as stored: see `access/model.py`."""


def create_user(
    session: Session,
    username: str,
    password: str,
    roles: Sequence[str],
    at: datetime,
    structure: Structure,
    view: Codes | None = None,
    edit: Codes | None = None,
) -> UserRow:
    """Raises InvalidInput and Conflict. `structure` knows the codes that limits may name."""
    _check_name("username", username)
    _check_codes([view, edit], structure)
    if store.user_row(session, username):
        raise Conflict(f"user `{username}` exists already; take another name")
    row = UserRow(
        username=username,
        password_hash=hash_password(password),
        roles=check_roles(roles),
        view={name: list(codes) for name, codes in (view or {}).items()},
        edit={name: list(codes) for name, codes in (edit or {}).items()},
        created=at,
    )
    session.add(row)
    session.flush()
    return row


def change_user(
    session: Session,
    username: str,
    structure: Structure,
    roles: Sequence[str] | None = None,
    password: str | None = None,
    view: Codes | None = None,
    edit: Codes | None = None,
) -> None:
    """What is None stays; roles and limits are replaced, {} lifts a limit. A new password ends every sign-in made with
    the old one. Raises InvalidInput and NotFound."""
    row = _existing_user(session, username)
    _check_codes([view, edit], structure)
    if roles is not None:
        row.roles = check_roles(roles)
    if view is not None:
        row.view = {name: list(codes) for name, codes in view.items()}
    if edit is not None:
        row.edit = {name: list(codes) for name, codes in edit.items()}
    if password is not None:
        row.password_hash = hash_password(password)
        store.delete_tokens_of(session, row.id)


def disable_user(session: Session, username: str, at: datetime) -> None:
    """From now on the user's tokens open nothing. Raises NotFound."""
    row = _existing_user(session, username)
    row.disabled = row.disabled or at


def enable_user(session: Session, username: str) -> None:
    """Lets somebody in again who was disabled. Raises NotFound."""
    _existing_user(session, username).disabled = None


def create_connection(session: Session, code: str, at: datetime) -> tuple[str, str]:
    """Its client id and secret, in clear for the only time. Raises InvalidInput and Conflict."""
    _check_name("code", code)
    if store.connection_row(session, code):
        raise Conflict(f"connection `{code}` exists already; take another code")
    client_id, secret = f"{code}_{new_secret()[:22]}", new_secret()
    session.add(ConnectionRow(code=code, client_id=client_id, secret_digest=digest(secret), created=at))
    session.flush()
    return client_id, secret


def disable_connection(session: Session, code: str, at: datetime) -> None:
    """From now on the tokens that came through it open nothing. Raises NotFound."""
    row = store.connection_row(session, code)
    if row is None:
        raise NotFound(f"connection `{code}` does not exist; {known(r.code for r in store.connection_rows(session))}")
    row.disabled = row.disabled or at


def list_users(session: Session) -> list[dict[str, Any]]:
    """For people: without what is secret."""
    return [
        {
            "username": row.username,
            "roles": row.roles,
            "view": row.view,
            "edit": row.edit,
            "created": row.created,
            "disabled": row.disabled,
        }
        for row in store.user_rows(session)
    ]


def list_connections(session: Session) -> list[dict[str, Any]]:
    return [
        {"code": row.code, "client_id": row.client_id, "created": row.created, "disabled": row.disabled}
        for row in store.connection_rows(session)
    ]


def _existing_user(session: Session, username: str) -> UserRow:
    row = store.user_row(session, username)
    if row is None:
        raise NotFound(f"user `{username}` does not exist; {known(one.username for one in store.user_rows(session))}")
    return row


def _check_name(path: str, name: str) -> None:
    """A connection's code begins its client id, which HTTP Basic ends at a colon."""
    if not NAME.fullmatch(name):
        message = f"the {path} `{name}` is not 1 to 100 letters, digits or . _ - @ +"
        raise InvalidInput([Violation(path, "odd_name", message)])


def _check_codes(given: Iterable[Codes | None], structure: Structure) -> None:
    tables: dict[str, Mapping[str, Any]] = {
        "attribute_groups": structure.attribute_groups,
        "locales": structure.locales,
        "categories": structure.categories,
    }
    violations = [
        Violation(name, "unknown_code", f"`{code}` is not among the {name.replace('_', ' ')}; {known(tables[name])}")
        for limits in given
        for name, codes in (limits or {}).items()
        for code in codes
        if code not in tables[name]
    ]
    if violations:
        raise InvalidInput(violations)
