"""The one database: opened ready for use (server running, tables at the program's shape), and its sessions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import msgspec
import psycopg
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from pim.base.database_errors import database_errors, server_name
from pim.base.embedded import EmbeddedServer, use_embedded
from pim.base.errors import ConfigurationError, TemporaryFailure
from pim.base.postgres_server import PORT
from pim.base.settings import Settings

OLDEST = 15  # major version of a server of one's own
NAME = "pim"  # of the database in the embedded server


class Database:
    """A pool of connections to a database that is ready. One a process: children of a fork open their own."""

    def __init__(self, engine: Engine, server: EmbeddedServer | None = None) -> None:
        self.engine = engine
        self._server = server
        self._snapshots = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def url(self) -> str:
        """For libpq and its programs (psycopg, pg_dump): `postgresql://…`, with the password."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def snapshot_session(self) -> Iterator[Session]:
        """Sees the database as it was at its first query until its end, and cannot write."""
        with Session(self._snapshots, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Closes the connections and lets go of the embedded server, which stops when nobody else uses it."""
        self.engine.dispose()
        if self._server:
            self._server.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_database(settings: Settings, migrations: Path | None = None) -> Database:
    """1. Starts the embedded server, unless PIM_DATABASE_URL names another. 2. Refuses a server that is away, too old
    or without UTF-8. 3. Applies pending migrations (of the program, or of the folder given).

    Raises ConfigurationError, one line, when any of it cannot be.
    """
    from pim.base.migrations import migrate

    server = None if settings.database_url else use_embedded(settings)
    try:
        url = _url_in(server) if server else parse_url(settings.database_url)
        engine = make_engine(url)
        if server:
            event.listen(engine, "do_connect", _connect_or_revive(server))
        with _refusing_to_start(settings):
            _check_server(engine, settings)
            migrate(engine, migrations)
    except BaseException:
        if server:
            server.release()
        raise
    return Database(engine, server)


def make_engine(url: URL) -> Engine:
    """JSON goes through msgspec, timestamps come in UTC, connections that died are replaced before they are used."""
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=30,
        pool_pre_ping=True,
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
        connect_args={"connect_timeout": 10, "application_name": "pim"},
    )
    event.listen(engine, "connect", _prepare_connection)
    return engine


def parse_url(text: str) -> URL:
    """The address of a server of one's own, for SQLAlchemy with psycopg 3."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "PIM_DATABASE_URL is no address; write postgresql://user:password@host:5432/name"
        ) from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ConfigurationError(
            f"PIM_DATABASE_URL begins with `{url.drivername}://`; it must be postgresql://, we know no other database"
        )
    if url.host and url.host.lower().startswith("%2f"):  # a socket's folder, as libpq writes it
        url = url.set(host="").update_query_dict({"host": unquote(url.host)})
    return url.set(drivername="postgresql+psycopg")


def check_version(number: int, who: str) -> None:
    """`number` is the server's own server_version_num, such as 140012."""
    if number < OLDEST * 10000:
        version = f"{number // 10000}.{number % 10000}"
        raise ConfigurationError(f"{who} is PostgreSQL {version}; {OLDEST} or newer is needed, upgrade it")


def _url_in(server: EmbeddedServer) -> URL:
    _ensure_database(server.host)
    query = {"host": server.host, "port": PORT}
    return URL.create("postgresql+psycopg", username="postgres", database=NAME, query=query)


def _ensure_database(host: str) -> None:
    with psycopg.connect(host=host, port=PORT, user="postgres", dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):  # another was first
                connection.execute(f"CREATE DATABASE {NAME}")


def _check_server(engine: Engine, settings: Settings) -> None:
    who = server_name(settings)
    with engine.connect() as connection:
        version, encoding = connection.exec_driver_sql(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
        ).one()
    check_version(version, who)
    if encoding != "UTF8":
        raise ConfigurationError(f"{who} stores text as {encoding}; make one with `createdb --encoding=UTF8`")


@contextmanager
def _refusing_to_start(settings: Settings) -> Iterator[None]:
    """What may pass while we work (a server that is away) is a reason not to start."""
    try:
        with database_errors(settings):
            yield
    except TemporaryFailure as error:
        raise ConfigurationError(str(error)) from error


def _connect_or_revive(server: EmbeddedServer) -> Callable[..., Any]:
    """New connections to an embedded server that was killed under us start it again."""

    def connect(dialect: Any, record: object, arguments: Any, parameters: Any) -> Any:
        try:
            return dialect.connect(*arguments, **parameters)
        except psycopg.OperationalError:
            if not server.revive():
                raise
            return dialect.connect(*arguments, **parameters)

    return connect


def _prepare_connection(connection: Any, record: object) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
