"""One embedded server for all tests; each test that asks gets a database of its own, copied from a migrated one."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from signal import SIGQUIT
from tempfile import TemporaryDirectory
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from sqlalchemy import delete, update
from sqlmodel import SQLModel

from pim.base.database import Database, open_database
from pim.base.logs import TEXT, set_up_logging
from pim.base.settings import Settings, data_folder
from pim.versioning.tables import HeadRow
from tests.makers import given

hypothesis.settings.register_profile(  # how long an example takes says something of the machine only
    "untimed", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

_numbers = count(1)
TEMPLATE = "template_of_tests"


def settings_in(home: Path, database_url: str = "") -> Settings:
    return Settings(
        home=home,
        database_url=database_url,
        storage_url="",
        exports_folder=data_folder("channel_exports"),
        public_url="http://pim.example",
        host="127.0.0.1",
        port=8000,
    )


@pytest.fixture(scope="session", autouse=True)
def _logs_are_captured() -> None:
    """What the program logs before anybody sets its logs up would be printed between the dots."""
    set_up_logging(TEXT)


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """Not below pytest's own folder: each pytest that starts closes that one to other users, the server's too."""
    with TemporaryDirectory(prefix="pim-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def template_url(server_home: Path) -> Iterator[str]:
    """The address of a migrated, empty database that tests copy. Its server stops with the tests."""
    server = open_database(settings_in(server_home))
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nothing here has to survive
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = server.engine.url.set(drivername="postgresql", database=TEMPLATE)
    address = url.render_as_string(hide_password=False)
    open_database(settings_in(server_home, address)).close()
    yield address
    _stop_at_once(server_home)
    server.close()


def _stop_at_once(server_home: Path) -> None:
    """Nothing here has to survive, and writing out what hundreds of databases hold takes half a minute."""
    postmaster = int((server_home / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, SIGQUIT)


def copied_database(template_url: str, source: str = TEMPLATE) -> str:
    """The address of a copy of `source`, which nobody may be connected to. Dropping it would cost a checkpoint."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(template_url.replace(TEMPLATE, "pim"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    return template_url.replace(TEMPLATE, name)


@pytest.fixture
def database_url(template_url: str) -> str:
    return copied_database(template_url)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of an installation of this test's own."""
    return settings_in(tmp_path, database_url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with open_database(settings) as database:
        yield database


@pytest.fixture
def catalogue(database: Database) -> Database:
    """The structure of the small catalogue, no products."""
    given(database)
    return database


@pytest.fixture(scope="session")
def one_database(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """For tests that begin with `emptied`: many databases cost a long time when their server stops."""
    with open_database(settings_in(tmp_path_factory.mktemp("emptied"), copied_database(template_url))) as database:
        yield database


def emptied(database: Database) -> Database:
    """The database as it is before the first write: each example of a property starts there too."""
    with database.session() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name != "head":
                session.execute(delete(table))
        fresh = {"revision": 0, "structure_revision": 0, "derived_revision": 0, "structure_stamp": uuid4()}
        session.execute(update(HeadRow).values(fresh))
    return database


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Real catalogues and official schemas, which are not part of this project."""
    folder = Path(os.environ.get("PIM_TEST_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}: set PIM_TEST_DATA to try this against real catalogues")
    return folder
