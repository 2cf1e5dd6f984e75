"""`pim user` and `pim connection`, as somebody at the keyboard meets them."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from pim.access import store
from pim.access.credentials import is_password
from pim.access.tokens import connection_of
from pim.base.database import Database
from pim.cli import app
from tests.access.makers import PASSWORD

Pim = Callable[..., Result]


@pytest.fixture
def pim(database_url: str, tmp_path: Path) -> Pim:
    environment = {"PIM_DATABASE_URL": database_url, "PIM_HOME": str(tmp_path)}
    return lambda *words, stdin="": CliRunner().invoke(app, list(words), input=stdin, env=environment)


def test_a_made_password_is_printed_once_and_signs_in(pim: Pim, database: Database) -> None:
    made = pim("user", "create", "camille", "--role", "editor")
    password = re.search(r"^password: (\S+)$", made.stdout, re.MULTILINE)
    assert password is not None
    with database.session() as session:
        assert is_password(password[1], _password_hash(session, "camille"))
    assert password[1] not in pim("user", "list").stdout + pim("user", "list", "--json").stdout


def test_a_password_of_ones_own_comes_from_standard_input_and_is_not_printed(pim: Pim, database: Database) -> None:
    made = pim("user", "create", "camille", "--role", "reader", "--password-stdin", stdin=PASSWORD + "\n")
    assert PASSWORD not in made.stdout
    with database.session() as session:
        assert is_password(PASSWORD, _password_hash(session, "camille"))


def test_the_list_shows_roles_and_who_is_disabled(pim: Pim) -> None:
    pim("user", "create", "camille", "--role", "editor", "--role", "publisher")
    pim("user", "create", "robin", "--role", "reader")
    pim("user", "disable", "robin")
    users = {one["username"]: one for one in msgspec.json.decode(pim("user", "list", "--json").stdout)}
    assert users["camille"]["roles"] == ["editor", "publisher"]
    assert [name for name, one in users.items() if one["disabled"]] == ["robin"]


def test_a_connection_is_made_with_a_secret_that_is_shown_once(pim: Pim, database: Database) -> None:
    made = msgspec.json.decode(pim("connection", "create", "shop", "--json").stdout)
    with database.session() as session:
        assert connection_of(session, made["client_id"], made["secret"]) is not None
    listed = pim("connection", "list").stdout + pim("connection", "list", "--json").stdout
    assert made["client_id"] in listed
    assert made["secret"] not in listed


def test_a_disabled_connection_is_none(pim: Pim, database: Database) -> None:
    made = msgspec.json.decode(pim("connection", "create", "shop", "--json").stdout)
    pim("connection", "disable", "shop")
    with database.session() as session:
        assert connection_of(session, made["client_id"], made["secret"]) is None


def _password_hash(session: Session, username: str) -> str | None:
    row = store.user_row(session, username)
    return row.password_hash if row else None
