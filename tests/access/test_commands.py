"""`pim user` and `pim connection`, as somebody at the keyboard meets them."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from pim.access import store
from pim.access.credentials import is_password
from pim.access.model import Refusal
from pim.access.tokens import bearer, connection_of, grant_tokens
from pim.base.clock import now
from pim.base.database import Database
from pim.cli import app
from tests.access.makers import PASSWORD, a_connection, a_user

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


def test_a_user_gets_other_roles_and_limits(pim: Pim) -> None:
    pim("user", "create", "camille", "--role", "editor", "--role", "publisher")
    assert pim("user", "change", "camille", "--view", "locales=xx_XX").exit_code == 1
    assert pim("user", "change", "camille", "--role", "reader").stdout == "User camille is changed.\n"
    [camille] = msgspec.json.decode(pim("user", "list", "--json").stdout)
    assert (camille["roles"], camille["view"]) == (["reader"], {})


def test_a_new_password_replaces_the_old_one_and_ends_its_sign_ins(pim: Pim, database: Database) -> None:
    user_id = a_user(database, "camille", ["reader"])
    a_connection(database, "shop")
    with database.session() as session:
        connection = store.connection_row(session, "shop")
        assert connection is not None
        token = grant_tokens(session, user_id, connection.id, uuid4(), now()).access_token
    changed = pim("user", "change", "camille", "--password-stdin", stdin="another horse battery\n")
    assert changed.stdout == "User camille is changed.\n"
    with database.session() as session:
        assert is_password("another horse battery", _password_hash(session, "camille"))
        assert isinstance(bearer(session, token, now()), Refusal)


@pytest.mark.parametrize(("words", "message"), [
    (["camille"], "say what changes"),
    (["camille", "--new-password", "--password-stdin"], "not both"),
    (["camille", "--role", "king"], "king"),
    (["camille", "--view", "colours=red"], "colours=red"),
    (["robin", "--role", "reader"], "user `robin` does not exist; known: camille"),
])  # fmt: skip
def test_a_change_that_makes_no_sense_says_why(pim: Pim, database: Database, words: list[str], message: str) -> None:
    a_user(database, "camille", ["editor"])
    refused = pim("user", "change", *words)
    assert refused.exit_code != 0
    assert message in refused.output + str(refused.exception)


def test_somebody_who_was_disabled_may_be_let_in_again(pim: Pim, database: Database) -> None:
    a_user(database, "camille", ["editor"])
    pim("user", "disable", "camille")
    assert pim("user", "enable", "camille").exit_code == 0
    [camille] = msgspec.json.decode(pim("user", "list", "--json").stdout)
    assert camille["disabled"] is None


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
