"""What PostgreSQL and its driver say, turned into our errors with one line each, at the edge.

Only what a person can do something about is turned: a server away, a full disk, a wrong password. A broken constraint
or a wrong statement is a bug or belongs to the store that provoked it, and passes unchanged.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pim.base.embedded import data_folder_of, running_mark
from pim.base.errors import ConfigurationError, PermanentFailure, PimError, TemporaryFailure
from pim.base.postgres_server import LOG, read_log
from pim.base.settings import Settings

_BY_STATE: dict[str, tuple[type[PimError], str]] = {
    "28P01": (ConfigurationError, "refuses the password; correct it in PIM_DATABASE_URL"),
    "28000": (ConfigurationError, "refuses this user; correct PIM_DATABASE_URL, or allow the user in pg_hba.conf"),
    "3D000": (ConfigurationError, "has no such database; make it (`createdb`), or correct PIM_DATABASE_URL"),
    "42501": (ConfigurationError, "does not let this user do that; give it the right (best: make it the owner)"),
    "25006": (ConfigurationError, "is read-only (a standby?); point PIM_DATABASE_URL to the primary server"),
    "40001": (TemporaryFailure, "could not fit this in beside the work of others; try again"),
    "40P01": (TemporaryFailure, "found two writers waiting for each other and gave up this one; try again"),
    "53100": (TemporaryFailure, "has a full disk, this change was not kept; free some space and try again"),
    "53200": (TemporaryFailure, "is out of memory, this change was not kept; try again with less at once"),
    "53300": (TemporaryFailure, "has no free connection; try again, or raise its max_connections"),
    "55P03": (TemporaryFailure, "waited too long for a lock; try again"),
    "57014": (TemporaryFailure, "cancelled this statement (too slow, or asked to); try again"),
    "57P01": (TemporaryFailure, "went down meanwhile; try again"),
    "57P02": (TemporaryFailure, "crashed meanwhile; try again"),
    "57P03": (TemporaryFailure, "is starting or stopping; try again in a moment"),
    "58030": (PermanentFailure, "cannot read or write its files; look at its log and its disk"),
    "XX001": (PermanentFailure, "found damaged data; restore a backup"),
    "XX002": (PermanentFailure, "found a damaged index; `REINDEX` it, or restore a backup"),
}

_AT_CONNECT = {  # a connection refused by the server carries its reason as text only
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "authentication failed": "28000",
    "is not permitted to log in": "28000",
    "permission denied for database": "42501",
    "too many clients": "53300",
    "too many connections": "53300",
    "remaining connection slots": "53300",
    "the database system is": "57P03",
}


@contextmanager
def database_errors(settings: Settings) -> Iterator[None]:
    """Around a command, a job or a request: what the database cannot do now is raised as our errors."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        ours = explain(error, settings)
        if ours is None:
            raise
        raise ours from error
    except PoolTimeout as error:
        raise TemporaryFailure("all connections of this process to the database are busy; try again") from error


def explain(error: BaseException | None, settings: Settings) -> PimError | None:
    """Our error for the driver's, or None when it is not for a person to solve."""
    error = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(error, psycopg.Error):
        return None
    who = server_name(settings)
    state = error.sqlstate or _state_of(str(error))
    if state in _BY_STATE:
        kind, text = _BY_STATE[state]
        return kind(f"{who} {text} ({_first_line(error)})")
    if isinstance(error, psycopg.OperationalError) and (error.sqlstate is None or state[:2] in ("08", "57", "58")):
        return TemporaryFailure(f"{who} is away: {_first_line(error)}; {_way_out(settings)}")
    return None


def server_name(settings: Settings) -> str:
    """How messages call the database; never with its password."""
    if not settings.database_url:
        return f"the embedded database in {settings.home}"
    url = make_url(settings.database_url)
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    host = unquote(url.host or str(url.query.get("host", "localhost")))
    return f"the database {user}{host}{port}/{url.database or ''}"


def _state_of(text: str) -> str:
    if "database" in text and "does not exist" in text:
        return "3D000"
    if "role" in text and "does not exist" in text:
        return "28000"
    return next((state for words, state in _AT_CONNECT.items() if words in text), "")


def _way_out(settings: Settings) -> str:
    if settings.database_url:
        return "start it, or correct PIM_DATABASE_URL"
    data = data_folder_of(settings)
    if "No space left on device" in read_log(data, limit=4000):
        free = shutil.disk_usage(settings.home).free // 2**20
        return f"its disk is full ({free} MB free): free some space and try again"
    if not running_mark(data).exists():
        return "it was stopped (`pim stop`); start this program again"
    return f"try again, it is started anew; its log is {data / LOG}"


def _first_line(error: BaseException) -> str:
    """The reason alone: of several addresses tried the first, without libpq's words around it."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if "FATAL:" in line:
        return line.rsplit("FATAL:", 1)[1].strip()
    if " failed: " in line:
        return line.rsplit(" failed: ", 1)[1].strip()
    return line.removeprefix("consuming input failed: ")
