"""Worker processes beside a server live exactly as long as it does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pim.base.child_processes import supervised

CHILD = """
import os, sys, threading
from pathlib import Path
from pim.base.child_processes import end_with_parent
ending = threading.Event()
end_with_parent(ending, 5)
folder = Path(sys.argv[1])
(folder / f"{os.getpid()}.new").touch()
(folder / f"{os.getpid()}.new").rename(folder / str(os.getpid()))
ending.wait(60)
"""
PARENT = """
import sys, threading
from pim.base.child_processes import supervised
with supervised(sys.argv[1:], 1, 1.0):
    threading.Event().wait(60)
"""


def until(so: Callable[[], bool]) -> None:
    patience = time.monotonic() + 20
    while not so():
        assert time.monotonic() < patience
        time.sleep(0.02)


def started(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]


def alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_worker_that_ends_by_itself_is_started_again(tmp_path):
    with supervised([sys.executable, "-c", CHILD, str(tmp_path)], 1, 1.0):
        until(lambda: len(started(tmp_path)) == 1)
        os.kill(started(tmp_path)[0], signal.SIGKILL)
        until(lambda: len(started(tmp_path)) == 2)
    assert not any(alive(pid) for pid in started(tmp_path))


def test_a_worker_ends_with_its_parent_even_when_that_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command) as parent:
        until(lambda: len(started(tmp_path)) == 1)
        parent.kill()
    until(lambda: not alive(started(tmp_path)[0]))
