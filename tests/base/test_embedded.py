"""The embedded server with real processes: shared, stopped by the last, adopted, and clear about what is wrong."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from pim.base.embedded import stop_embedded, use_embedded
from pim.base.errors import ConfigurationError
from pim.base.postgres_server import PORT, living_process
from pim.base.settings import Settings, read_settings

HOLD = """
import sys
from pim.base.embedded import use_embedded
from pim.base.settings import read_settings
server = use_embedded(read_settings())
print("using", flush=True)
sys.stdin.read()
"""

FORK = """
import os, sys, time
from pim.base.embedded import use_embedded
from pim.base.settings import read_settings
server = use_embedded(read_settings())
if os.fork() == 0:
    sys.exit()  # runs the exit hooks it inherited
os.wait()
print("using", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped home to copy: making one is the slow part."""
    home = tmp_path_factory.mktemp("made_once")
    use_embedded(settings_of(home)).release()
    return home


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", made_once, home], check=True)
    yield home
    stop_embedded(settings_of(home))


Holders = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def holder(home: Path) -> Iterator[Holders]:
    """Starts `pim`-like processes that use the server until their input ends."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str = HOLD) -> subprocess.Popen[str]:
        environment = os.environ | {"PIM_HOME": str(home)}
        process = subprocess.Popen(
            [sys.executable, "-c", script], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "using\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)


def settings_of(home: Path) -> Settings:
    return read_settings({"PIM_HOME": str(home)})


def server_pid(home: Path) -> int | None:
    return living_process(home / "postgres")


def postmaster(home: Path) -> int:
    return int((home / "postgres/postmaster.pid").read_text().split()[0])


def query(host: str, sql: LiteralString) -> object:
    with psycopg.connect(host=host, port=PORT, user="postgres", dbname="postgres") as connection:
        cursor = connection.execute(sql)
        cursor.nextset()
        row = cursor.fetchone()
        return row[0] if row else None


def test_two_processes_share_the_server_and_the_last_one_stops_it(home: Path, holder: Holders) -> None:
    first, second = holder(), holder()
    pid = postmaster(home)
    end(first)
    assert postmaster(home) == pid
    end(second)
    assert server_pid(home) is None


def test_after_kill_9_the_next_process_adopts_the_server_and_stops_it_at_its_end(home: Path, holder: Holders) -> None:
    killed = holder()
    pid = postmaster(home)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert postmaster(home) == pid
    adopting = holder()
    assert postmaster(home) == pid
    end(adopting)
    assert server_pid(home) is None


def test_the_end_of_a_forked_child_leaves_the_server_to_its_parent(home: Path, holder: Holders) -> None:
    parent = holder(FORK)
    assert server_pid(home)
    end(parent)
    assert server_pid(home) is None


def test_one_process_may_use_the_server_twice(home: Path) -> None:
    first, second = use_embedded(settings_of(home)), use_embedded(settings_of(home))
    first.release()
    first.release()
    assert query(second.host, "SELECT 1") == 1
    second.release()
    assert server_pid(home) is None


def test_stop_stops_it_under_its_users_and_says_whether_it_ran(home: Path, holder: Holders) -> None:
    used = holder()
    assert stop_embedded(settings_of(home)) is True
    assert server_pid(home) is None
    assert stop_embedded(settings_of(home)) is False
    end(used)
    assert used.returncode == 0


def test_stop_of_a_home_that_never_was_is_no_error(tmp_path: Path) -> None:
    assert stop_embedded(settings_of(tmp_path / "nowhere")) is False


def test_a_killed_server_is_started_again_with_all_that_was_committed(home: Path) -> None:
    with_data = use_embedded(settings_of(home))
    query(with_data.host, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42) RETURNING n")
    os.kill(postmaster(home), signal.SIGKILL)
    again = use_embedded(settings_of(home))
    assert query(again.host, "SELECT n FROM kept") == 42
    with_data.release()
    again.release()


def test_a_stale_pid_file_with_the_number_of_a_living_process_is_seen_through(home: Path) -> None:
    (home / "postgres/postmaster.pid").write_text(f"{os.getppid()}\n{home}/postgres\n1\n5432\n.\n\n1 1\nready\n")
    server = use_embedded(settings_of(home))
    assert query(server.host, "SELECT 1") == 1
    server.release()


def test_a_long_path_with_odd_letters_works(made_once: Path, tmp_path: Path) -> None:
    home = tmp_path / 'it\'s, a "$HOME" & more é' / ("long" * 30)
    home.parent.mkdir()
    subprocess.run(["cp", "-a", made_once, home], check=True)
    server = use_embedded(settings_of(home))
    assert query(server.host, "SELECT 1") == 1
    server.release()
    assert not Path(server.host).exists()


def test_the_new_server_is_durable_tuned_deaf_to_the_network_and_knows_unicode(home: Path) -> None:
    server = use_embedded(settings_of(home))
    shown = {name: query(server.host, f"SHOW {name}") for name in ("fsync", "full_page_writes", "jit", "max_wal_size")}
    assert shown == {"fsync": "on", "full_page_writes": "on", "jit": "off", "max_wal_size": "4GB"}
    assert query(server.host, "SHOW listen_addresses") == ""
    assert query(server.host, "SELECT lower('ÉTÉ')") == "été"
    server.release()


def test_a_killed_initialisation_leaves_no_half_folder(tmp_path: Path) -> None:
    (tmp_path / "postgres.new-abc").mkdir()
    (tmp_path / "postgres.new-abc/PG_VERSION").write_text("18\n")
    server = use_embedded(settings_of(tmp_path))
    assert query(server.host, "SELECT 1") == 1
    assert not list(tmp_path.glob("postgres.new-*"))
    server.release()


def refusal(home: Path) -> str:
    with pytest.raises(ConfigurationError) as refused:
        use_embedded(settings_of(home))
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_a_folder_of_another_major_version_says_both_and_the_way_out(home: Path) -> None:
    (home / "postgres/PG_VERSION").write_text("16\n")
    message = refusal(home)
    assert "PostgreSQL 16" in message
    assert "18" in message
    assert "`pim backup`" in message


def test_a_folder_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/holiday.jpg").touch()
    assert "holds no database" in refusal(tmp_path)
    assert (tmp_path / "postgres/holiday.jpg").exists()


def test_a_damaged_folder_says_what_the_server_said(home: Path) -> None:
    (home / "postgres/global/pg_control").unlink()
    message = refusal(home)
    assert "pg_control" in message
    assert "restore a backup" in message


def test_a_full_disk_is_named(home: Path) -> None:
    options = home / "postgres/postmaster.opts"
    options.unlink()
    options.symlink_to("/dev/full")  # the server writes this file when it starts
    assert "is full" in refusal(home)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "PIM_HOME" in refusal(tmp_path / "file")
    (tmp_path / "postgres").touch()
    assert "is a file" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_as_root_a_folder_nobody_else_may_enter_works(made_once: Path) -> None:
    closed = Path("/tmp") / f"closed-{time.monotonic_ns()}"
    closed.mkdir(mode=0o700)
    try:
        server = use_embedded(settings_of(closed / "home"))
        assert query(server.host, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o701
        server.release()
    finally:
        shutil.rmtree(closed)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_another_user_is_told_whose_folder_it_is(home: Path) -> None:
    for folder in (home, *home.parents):
        folder.chmod(folder.stat().st_mode | 0o007)
    told = multiprocessing.get_context("fork").Pipe(duplex=False)
    if os.fork() == 0:
        os.setgid(65534)
        os.setuid(65534)
        told[1].send(refusal(home))
        os._exit(0)
    os.wait()
    assert "permission denied on the data folder" in told[0].recv()
