"""Users, connections and signed-in clients of tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher

from pim.access import accounts
from pim.access.model import EVERYTHING, Reach, User
from pim.access.tables import UserRow
from pim.base.clock import now
from pim.base.database import Database

PASSWORD = "correct horse battery"
Limits = dict[str, list[str]]

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash says how it was made, so this one fits like any other."""


@dataclass(frozen=True)
class Client:
    id: str
    secret: str


def a_connection(database: Database, code: str = "shop") -> Client:
    with database.session() as session:
        return Client(*accounts.create_connection(session, code, now()))


def a_user(
    database: Database,
    username: str = "camille",
    roles: Sequence[str] = ("editor",),
    view: Limits | None = None,
    edit: Limits | None = None,
) -> int:
    """Signs in with PASSWORD, quickly. Answers the user's id."""
    with database.session() as session:
        row = UserRow(
            username=username,
            password_hash=QUICK.hash(PASSWORD),
            roles=list(roles),
            view=view or {},
            edit=edit or {},
            created=now(),
        )
        session.add(row)
        session.flush()
        return row.id


def an_editor(view: Mapping[str, Sequence[str]] | None = None, edit: Mapping[str, Sequence[str]] | None = None) -> User:
    """Somebody signed in, without a database."""
    reaches = [
        Reach(**{k: frozenset(v) for k, v in limits.items()}) if limits else EVERYTHING for limits in (view, edit)
    ]
    return User(1, "camille", frozenset({"editor"}), *reaches)
