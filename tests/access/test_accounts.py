from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from pim.access import accounts, store
from pim.access.credentials import hash_password, is_password
from pim.access.model import stored_reach
from pim.access.rate_limit import RateLimit
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import Conflict, InvalidInput, NotFound
from tests.access.makers import PASSWORD, a_connection, a_user
from tests.makers import a_structure


def test_a_password_is_kept_as_an_argon2id_hash_that_only_it_fits() -> None:
    stored = hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert is_password(PASSWORD, stored)
    assert not is_password(PASSWORD + "!", stored)
    assert not is_password("", None)


def test_a_short_password_is_refused() -> None:
    with pytest.raises(InvalidInput, match="11 characters; use 12 or more"):
        hash_password("elevenchars")


def test_no_secret_is_in_the_database_in_clear(database: Database) -> None:
    client = a_connection(database)
    with database.session() as session:
        accounts.create_user(session, "camille", PASSWORD, ["editor"], now(), a_structure())
        rows = [str(row) for table in ("pim_user", "connection") for row in session.execute(text(f"TABLE {table}"))]
    assert not any(PASSWORD in row or client.secret in row for row in rows)


def test_names_are_taken_once(database: Database) -> None:
    a_user(database, "camille")
    a_connection(database)
    with database.session() as session, pytest.raises(Conflict, match="user `camille` exists already"):
        accounts.create_user(session, "camille", PASSWORD, ["editor"], now(), a_structure())
    with pytest.raises(Conflict, match="connection `shop` exists already"):
        a_connection(database)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "x" * 101, "a\0b", "a\n"])
def test_odd_names_are_refused(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput, match="is not 1 to 100 letters"):
        a_connection(database, name)


def test_limits_name_what_the_catalogue_has(database: Database) -> None:
    edit = stored_reach(["locales=fr_FR,xx_XX", "categories=outdoor"])
    with (
        database.session() as session,
        pytest.raises(InvalidInput, match="`xx_XX` is not among the locales; known: de_DE"),
    ):
        accounts.create_user(session, "camille", PASSWORD, ["editor"], now(), a_structure(), edit=edit)


@pytest.mark.parametrize("limit", ["locales", "colours=red", "=x"])
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    with pytest.raises(InvalidInput, match="write locales=fr_FR,en_GB"):
        stored_reach([limit])


def test_a_user_is_read_back_with_their_limits(database: Database) -> None:
    with database.session() as session:
        edit = stored_reach(["locales=fr_FR", "locales=en_GB"])
        accounts.create_user(session, "camille", PASSWORD, ["editor"], now(), a_structure(), edit=edit)
        user = store.as_user(store.user_rows(session)[0])
    assert user.edit.locales == {"fr_FR", "en_GB"}
    assert user.edit.categories is None
    assert user.view.is_everything


def test_disabling_names_those_there_are(database: Database) -> None:
    a_user(database)
    with database.session() as session, pytest.raises(NotFound, match="user `robin` does not exist; known: camille"):
        accounts.disable_user(session, "robin", now())


def test_disabling_twice_keeps_the_first_moment(database: Database) -> None:
    client_moments = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    a_connection(database)
    for moment in client_moments:
        with database.session() as session:
            accounts.disable_connection(session, "shop", moment)
    with database.session() as session:
        assert accounts.list_connections(session)[0]["disabled"] == client_moments[0]


def test_a_limit_lets_a_burst_pass_and_then_so_many_a_second() -> None:
    time = [0.0]
    limit = RateLimit(per_second=2, burst=3, clock=lambda: time[0])
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.take("b") == 0
    time[0] = 0.5
    assert [limit.take("a"), limit.take("a")] == [0, 0.5]
    limit.forget("a")
    assert limit.take("a") == 0
