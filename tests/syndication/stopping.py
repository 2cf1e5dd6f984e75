"""An export run that stops at a moment of its own, to be killed there.

As a program it runs the exports it is told, in small ranges and two processes, or it is a worker that takes jobs. Who
comes to the moment first, the program or one of its processes, says its id and waits for its end.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Lock
from typing import Any

from pim.background import JOBS, sweep
from pim.base.database import open_database
from pim.base.installation import installation
from pim.base.jobs.worker import run_worker
from pim.base.local_storage import LocalFolder
from pim.base.object_storage import open_storage
from pim.base.settings import Settings, read_settings
from pim.syndication import building, store
from pim.syndication.range_worker import RangeWorker
from pim.syndication.run_export import run_exports
from pim.syndication.splice import Splice

ROOT = Path(__file__).parents[2]
WORKER = "--worker"
"""In place of exports: the program is a worker."""

MOMENTS: dict[str, tuple[Any, str]] = {
    "root spliced": (Splice, "take"),
    "range rendered": (RangeWorker, "render"),
    "range copied": (building, "copy_range"),
    "file stored": (LocalFolder, "adopt"),
    "made current": (store, "make_current"),
    "file deleted": (LocalFolder, "delete"),
}
"""What has just been done, and what does it. Made current is not yet committed."""


@contextmanager
def stopped(settings: Settings, moment: str, times: int, *exports: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program, and the id of the process that has come to the moment so many times. What it runs is named last."""
    with beginning(settings, moment, times, *exports) as process:
        yield process, said_by(process)


@contextmanager
def beginning(settings: Settings, moment: str, times: int, *exports: str) -> Iterator[subprocess.Popen[str]]:
    """The program from its start, as long as the block lasts."""
    _said(settings.home).unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.syndication.stopping", moment, str(times), *exports]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment_of(settings), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said_by(process: subprocess.Popen[str]) -> int:
    """The id of the process that has come to the moment, which is waited for."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, "the program ended before its moment"
    return int(said)


def environment_of(settings: Settings) -> dict[str, str]:
    """For programs that are to work with the same installation."""
    return {
        **os.environ,
        "PIM_HOME": str(settings.home),
        "PIM_DATABASE_URL": settings.database_url,
        "PIM_STORAGE_URL": settings.storage_url,
        "PIM_EXPORTS": str(settings.exports_folder),
        "PIM_PUBLIC_URL": settings.public_url,
        "PIM_RENDER_WORKERS": "2",
    }


def _stop_after(moment: str, times: int, home: Path) -> None:
    owner, name = MOMENTS[moment]
    go_on, turns, one_at_a_time = getattr(owner, name), count(1), Lock()

    def stopping(*given: Any, **named: Any) -> Any:
        answer = go_on(*given, **named)
        with one_at_a_time:
            if next(turns) == times and _is_first(home):
                print(os.getpid(), flush=True)
                Event().wait()
        return answer

    setattr(owner, name, stopping)


def _is_first(home: Path) -> bool:
    try:
        _said(home).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _said(home: Path) -> Path:
    return home / "stopped"


def _work() -> None:
    with installation() as here:
        run_worker(here, JOBS, sweep=sweep)


def _run(exports: list[str]) -> None:
    building.WORTH_WORKERS, building.LEAST_IN_A_RANGE = 1, 3
    settings = read_settings()
    with open_database(settings) as database:
        run_exports(database, open_storage(settings), settings, exports)


if __name__ in ("__main__", "__mp_main__"):  # the run, and the workers it starts
    _stop_after(sys.argv[1], int(sys.argv[2]), read_settings().home)
if __name__ == "__main__":
    _work() if sys.argv[3:] == [WORKER] else _run(sys.argv[3:])
