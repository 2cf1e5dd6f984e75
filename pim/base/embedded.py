"""The embedded PostgreSQL, shared by every `pim` process of one home: the first starts it, the last stops it.

    home/postgres         the data folder, owned by the user the server runs as
    home/postgres.lock    locked by a process while it starts or stops the server
    home/postgres.users   locked (shared) by every process for as long as it uses the server
    home/postgres.running there until the server is stopped on purpose

The kernel drops a lock however its process ends, `kill -9` included, and knows no reused process numbers: who finds
itself alone on `postgres.users` is the last, and a server without users is simply taken over by the next one.
"""

import atexit
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pim.base import postgres_server
from pim.base.errors import ConfigurationError, TemporaryFailure
from pim.base.postgres_server import PORT
from pim.base.settings import Settings

_SOCKET_LIMIT = 100  # bytes; the kernel's own limit is 107 (Linux) or 103 (macOS)
_SILENT_FOR = 60.0  # seconds a living server may stay silent before we give up on it


class EmbeddedServer:
    """One use of the running server. `release` ends it; so does the end of the process.

    Not for children made by fork: each process opens its own.
    """

    def __init__(self, data: Path, users: int) -> None:
        self._data = data
        self._users = users
        self._pid = os.getpid()
        self._link: Path | None = None
        self.host = str(data)
        if len(os.fsencode(data)) > _SOCKET_LIMIT - 15 or "," in self.host:
            self._link = Path(tempfile.mkdtemp(prefix="pim-")) / "db"
            self._link.symlink_to(data)
            self.host = str(self._link)

    def revive(self) -> bool:
        """Starts the server again after it was killed; False when it was stopped on purpose (`pim stop`)."""
        with _start_lock(self._data.parent):
            if not running_mark(self._data).exists():
                return False
            try:
                _ensure_running(self.host, self._data)
            except ConfigurationError as error:
                raise TemporaryFailure(str(error)) from error
        return True

    def release(self) -> None:
        """Lets go, and stops the server when nobody else uses it."""
        if self not in _in_use:
            return
        _in_use.discard(self)
        with suppress(FileNotFoundError), _start_lock(self._data.parent):  # the whole home may have been deleted
            if _alone(self._users):
                _stop(self._data)
        os.close(self._users)
        self._remove_link()

    def forget(self) -> None:
        """Ends the use without a look at the server: of a start that failed, and in a forked child."""
        _in_use.discard(self)
        os.close(self._users)
        if self._pid == os.getpid():
            self._remove_link()

    def _remove_link(self) -> None:
        if self._link:
            shutil.rmtree(self._link.parent, ignore_errors=True)


_in_use: set[EmbeddedServer] = set()


def use_embedded(settings: Settings) -> EmbeddedServer:
    """Starts the server of this home unless it runs, and counts this process among its users.

    Raises ConfigurationError, one line, when it cannot: no permission, full disk, another version, damaged data.
    """
    data = data_folder_of(settings)
    with _folder_errors(settings.home):
        settings.home.mkdir(parents=True, exist_ok=True)
        with _start_lock(settings.home):
            if not data.exists() or not any(_entries(data)):
                postgres_server.initialise(data)
            postgres_server.check_folder(data)
            return _count_in(data)


def stop_embedded(settings: Settings) -> bool:
    """Stops the server of this home at once, even under those who use it; False when it was not running."""
    data = data_folder_of(settings)
    with _folder_errors(settings.home):
        if not (data / "PG_VERSION").exists():
            return False
        with _start_lock(settings.home):
            return _stop(data)


def data_folder_of(settings: Settings) -> Path:
    return settings.home / "postgres"


def running_mark(data: Path) -> Path:
    """There until the server is stopped on purpose: one that is away all the same was killed."""
    return data.with_name("postgres.running")


def _stop(data: Path) -> bool:
    running_mark(data).unlink(missing_ok=True)
    return postgres_server.stop(data)


def _count_in(data: Path) -> EmbeddedServer:
    users = _open(data.with_name("postgres.users"))
    fcntl.flock(users, fcntl.LOCK_SH)
    server = EmbeddedServer(data, users)
    _in_use.add(server)
    try:
        _ensure_running(server.host, data)
        running_mark(data).touch()
    except BaseException:
        server.forget()
        raise
    return server


def _ensure_running(host: str, data: Path) -> None:
    """1. Ready: done. 2. Starting, recovering or stopping: wait. 3. Away: start it.

    A server may live without answering, for moments: its starter was killed, or it is on its last steps down.
    """
    silent_since = time.monotonic()
    while (answer := _ask(host)) != "ready":
        if answer == "busy":
            silent_since = time.monotonic()
        elif (pid := postgres_server.living_process(data)) is None:
            postgres_server.forget_the_dead(data)
            postgres_server.start(data)
        elif time.monotonic() - silent_since > _SILENT_FOR:
            raise ConfigurationError(
                f"the embedded database in {data} (process {pid}) does not answer; end that process and try again"
            )
        time.sleep(0.02)


def _ask(host: str) -> str:
    """`ready`, `busy` (starting, recovering, going down) or `away`."""
    import psycopg

    try:
        psycopg.connect(host=host, port=PORT, user="postgres", dbname="postgres").close()
    except psycopg.OperationalError as error:
        if "FATAL:" not in str(error):
            return "away"
        return "busy" if "the database system is" in str(error) else "ready"
    return "ready"


def _entries(data: Path) -> Iterator[Path]:
    try:
        yield from data.iterdir()
    except PermissionError:
        yield data  # something is there; `check_folder` says whose it is
    except NotADirectoryError:
        raise ConfigurationError(
            f"{data} is a file; the embedded database needs a folder there, move it away"
        ) from None


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    """One process at a time starts or stops; the others wait here."""
    lock = _open(home / "postgres.lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)  # closing alone would leave it to a child that is being forked
        os.close(lock)


@contextmanager
def _folder_errors(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or home
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ConfigurationError(f"the disk of {place} is full; free some space and try again") from error
        raise ConfigurationError(
            f"the folder {home} cannot be used ({place}: {error.strerror}); "
            "make it yours and writable, or set PIM_HOME to another folder"
        ) from error


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _release_all() -> None:
    for server in list(_in_use):
        with suppress(KeyboardInterrupt):  # the server is told already; it finishes by itself
            server.release()


def _forget_all() -> None:
    for server in list(_in_use):
        server.forget()


atexit.register(_release_all)
os.register_at_fork(after_in_child=_forget_all)
