"""The database: opened ready, migrated once, its sessions, and one clear line when it cannot be had."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from pim.base import postgres_server
from pim.base.database import Database, check_version, open_database, parse_url
from pim.base.database_errors import database_errors
from pim.base.embedded import stop_embedded
from pim.base.errors import ConfigurationError, TemporaryFailure
from pim.base.settings import Settings, read_settings

ENVIRONMENT = """
from alembic import context
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

FIRST = """
from alembic import op
revision, down_revision = "0001", None
def upgrade():
    op.execute("SELECT pg_sleep(0.5)")  # long enough for another process to come
    op.execute("CREATE TABLE note (id int PRIMARY KEY, content jsonb)")
"""

OPEN = """
import sys
from pathlib import Path
from pim.base.database import open_database
from pim.base.settings import read_settings
open_database(read_settings(), Path(sys.argv[1])).close()
"""


@pytest.fixture(scope="module")
def migrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrations 100%")
    (folder / "versions").mkdir()
    (folder / "env.py").write_text(ENVIRONMENT)
    (folder / "versions/0001_first.py").write_text(FIRST)
    return folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings({"PIM_HOME": str(tmp_path_factory.mktemp("home"))})


@pytest.fixture(scope="module")
def opened(settings: Settings, migrations: Path) -> Iterator[Database]:
    with open_database(settings, migrations) as database:
        yield database


@pytest.fixture
def database(opened: Database) -> Database:
    with opened.session() as session:
        session.execute(text("DELETE FROM note"))
    return opened


def note(session: Session, number: int, content: str = "{}") -> None:
    session.execute(text("INSERT INTO note VALUES (:n, cast(:c AS jsonb))"), {"n": number, "c": content})


def write(database: Database, *numbers: int, between: Callable[[], None] = lambda: None) -> None:
    """All in one session, with something happening before the last."""
    with database.session() as session:
        for number in numbers[:-1]:
            note(session, number)
        between()
        note(session, numbers[-1])


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)  # its backends notice


def notes(session: Session) -> list[int]:
    return list(session.execute(text("SELECT id FROM note ORDER BY id")).scalars())


def test_a_session_commits_at_its_end_and_rolls_back_when_it_raises(database: Database) -> None:
    with database.session() as session:
        note(session, 1)
    with pytest.raises(IntegrityError):
        write(database, 2, 3, 3)
    with database.session() as session:
        assert notes(session) == [1]


def test_a_snapshot_sees_nothing_that_is_committed_after_its_first_query(database: Database) -> None:
    with database.snapshot_session() as snapshot:
        assert notes(snapshot) == []
        with database.session() as session:
            note(session, 1)
        assert notes(snapshot) == []
    with database.snapshot_session() as snapshot:
        assert notes(snapshot) == [1]


def test_a_snapshot_cannot_write_and_leaves_no_trace_on_its_connection(database: Database) -> None:
    with pytest.raises(Exception, match="read-only"), database.snapshot_session() as snapshot:
        note(snapshot, 1)
    with database.session() as session:
        shown = [session.execute(text(f"SHOW {name}")).scalar() for name in ("transaction_isolation", "timezone")]
    assert shown == ["read committed", "UTC"]


def test_json_and_times_come_back_as_plain_data_and_utc(database: Database) -> None:
    with database.session() as session:
        note(session, 1, '{"é": [1.5, null, "x"]}')
        content, when = session.execute(text("SELECT content, now() FROM note")).one()
    assert content == {"é": [1.5, None, "x"]}
    assert when.utcoffset().total_seconds() == 0


def test_the_url_serves_programs_that_speak_libpq(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("pim",)


def test_processes_that_come_at_once_share_one_migration(migrations: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(migrations)]
    environment = os.environ | {"PIM_HOME": str(tmp_path / "home")}
    many = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    complaints = [process.communicate(timeout=60)[1] for process in many]
    assert [process.returncode for process in many] == [0, 0, 0], complaints


def test_a_database_of_a_newer_program_is_refused(database: Database, settings: Settings, migrations: Path) -> None:
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    try:
        with pytest.raises(ConfigurationError, match=r"migration `0099`.*newer"):
            open_database(settings, migrations)
    finally:
        with database.session() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def test_a_server_killed_while_we_work_is_revived_by_the_next_session(database: Database, settings: Settings) -> None:
    with database.session() as session:
        note(session, 1)
    pid = int((settings.home / "postgres/postmaster.pid").read_text().split()[0])
    with pytest.raises(TemporaryFailure, match="try again"), database_errors(settings):
        write(database, 2, 3, between=lambda: kill(pid))
    with database.session() as session:
        assert notes(session) == [1]


def test_a_server_stopped_on_purpose_stays_stopped(tmp_path: Path, migrations: Path) -> None:
    settings = read_settings({"PIM_HOME": str(tmp_path)})
    with open_database(settings, migrations) as database:
        stop_embedded(settings)
        with (
            pytest.raises(TemporaryFailure, match="pim stop"),
            database_errors(settings),
            database.session() as session,
        ):
            notes(session)
        assert postgres_server.living_process(tmp_path / "postgres") is None


@pytest.mark.parametrize(
    ("state", "message"), [("53100", "full disk"), ("40P01", "try again"), ("57014", "cancelled"), ("08006", "is away")]
)
def test_what_passes_is_a_temporary_failure(database: Database, settings: Settings, state: str, message: str) -> None:
    provoke = text(f"DO $$ BEGIN RAISE EXCEPTION 'provoked' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(TemporaryFailure, match=message), database_errors(settings), database.session() as session:
        session.execute(provoke)


def test_a_broken_constraint_passes_unchanged(database: Database, settings: Settings) -> None:
    with pytest.raises(IntegrityError), database_errors(settings):
        write(database, 1, 1)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of one's own: reached by TCP, with passwords. Its address without the name of a database."""
    data = tmp_path_factory.mktemp("own") / "data"
    port = free_port()
    postgres_server.initialise(data)
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
    with (data / "pg_hba.conf").open("w") as file:
        file.write("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    postgres_server.start(data)
    with psycopg.connect(host=str(data), port=port, user="postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE shop LOGIN PASSWORD 'secret'")
        connection.execute("CREATE DATABASE shop OWNER shop")
        connection.execute("CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    yield f"127.0.0.1:{port}"
    postgres_server.stop(data)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def open_own(url: str, settings: Settings, migrations: Path) -> None:
    open_database(replace(settings, database_url=url), migrations).close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_of_ones_own_is_used(scheme: str, own_server: str, settings: Settings, migrations: Path) -> None:
    open_own(f"{scheme}://shop:secret@{own_server}/shop", settings, migrations)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("shop:wrong@{own}/shop", "refuses the password"),
        ("shop@{own}/shop", "refuses the password"),
        ("nobody:secret@{own}/shop", "refuses the password"),
        ("shop:secret@{own}/nothing", r"no such database.*createdb"),
        ("shop:secret@{own}/old", r"LATIN1.*UTF8"),
        ("shop:secret@127.0.0.1:9/shop", r"is away: .*refused.*start it"),
        ("shop:secret@nowhere.invalid/shop", r"is away: .*nowhere\.invalid"),
        ("shop:secret@%2Fno%2Fwhere/shop", r"/no/where.* is away: .*No such file"),
    ],
)
def test_a_server_that_cannot_be_had_gets_one_line_without_the_password(
    address: str, message: str, own_server: str, settings: Settings, migrations: Path
) -> None:
    with pytest.raises(ConfigurationError, match=message) as refused:
        open_own("postgresql://" + address.format(own=own_server), settings, migrations)
    line = str(refused.value)
    assert "\n" not in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("url", "message"),
    [("mysql://u:secret@h/d", "mysql://"), ("no address", "is no address"), ("postgresql://h:port/d", "is no address")],
)
def test_a_wrong_address_is_refused(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as refused:
        parse_url(url)
    assert "secret" not in str(refused.value)


def test_a_server_older_than_15_is_refused() -> None:
    check_version(150000, "the database h/d")
    with pytest.raises(ConfigurationError, match=r"h/d is PostgreSQL 14\.12; 15 or newer"):
        check_version(140012, "the database h/d")
