"""The whole database into one file and back, by PostgreSQL's own programs, which write for every later version and read
none that is newer than they are."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from pim.base.database import Database
from pim.base.errors import ConfigurationError
from pim.base.postgres_server import MAJOR, program

_WITH_OUR_OWN = ("--schema=public", "--no-owner", "--no-privileges")


def dump_database(database: Database, file: Path, snapshot: str) -> None:
    """All tables as the exported snapshot sees them. Writers go on meanwhile."""
    _run(database, "pg_dump", ["--format=custom", f"--snapshot={snapshot}", f"--file={file}", *_WITH_OUR_OWN])


def load_database(database: Database, file: Path) -> None:
    """In place of everything there is, all or nothing but for what was there."""
    program_for(_server_major(database), "pg_restore")
    with database.engine.begin() as connection:
        for statement in (
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
        ):
            connection.exec_driver_sql(statement)
    database.engine.dispose()
    name = database.engine.url.database or ""
    _run(database, "pg_restore", [f"--dbname={name}", "--single-transaction", *_WITH_OUR_OWN, str(file)])


def program_for(server: int, name: str, search: str | None = None) -> Path:
    """`pg_dump` or `pg_restore` for a server of this major version: ours or, when it is too old, that of the PATH (or
    of `search`). Raises ConfigurationError."""
    if server <= MAJOR:
        return program(name)
    found = shutil.which(name, path=search)
    major = _major_of(found) if found else None
    if found and major is not None and major >= server:
        return Path(found)
    theirs = f"and {found} of PostgreSQL {major}" if major is not None else "and there is none on the PATH"
    raise ConfigurationError(
        f"the database server is PostgreSQL {server}; our `{name}` is of {MAJOR}, {theirs}; install the client "
        f"programs of PostgreSQL {server} and put their folder first on the PATH"
    )


def _major_of(path: str) -> int | None:
    told = subprocess.run([path, "--version"], capture_output=True, check=False).stdout.decode("utf-8", "replace")
    found = re.search(r"PostgreSQL\) (\d+)", told)
    return int(found[1]) if found else None


def _server_major(database: Database) -> int:
    with database.engine.connect() as connection:
        number: int = connection.exec_driver_sql("SELECT current_setting('server_version_num')::int").scalar_one()
    return number // 10_000


def _run(database: Database, name: str, arguments: Sequence[str]) -> None:
    """The password travels in the environment, where other users do not see it."""
    url = make_url(database.url)
    host = url.host or url.query.get("host")
    port = url.port or url.query.get("port")
    given = {
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    given |= {f"PG{key.upper()}": value for key, value in url.query.items() if key.startswith("ssl")}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment = inherited | {key: str(value) for key, value in given.items() if value} | {"LC_ALL": "C"}
    path = program_for(_server_major(database), name)
    done = subprocess.run([str(path), *arguments], env=environment, capture_output=True, check=False)
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise ConfigurationError(f"{name} failed: {complaint[0].removeprefix(f'{name}: ')}")
