"""Time and memory of a piece of work, and a process of its own for work whose memory is measured."""

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

from pim.base.database import Database

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

Figures = dict[str, float]
"""Name → figure, as `pim bench --json` prints them."""

Tell = Callable[[str], None]
"""Hears what is going on, in measurements that take minutes."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock, and seconds of processor: of this process with those it started, and of the database.
    Processor time is what a busy machine leaves true."""

    wall: float = 0.0
    own: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        return self.own + self.database

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.wall + other.wall, self.own + other.own, self.database + other.database)


class Stopwatch:
    """Measures pieces of work against the embedded database that they use."""

    def __init__(self, database: Database) -> None:
        with database.engine.connect() as connection:
            backend: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        server = psutil.Process(backend).parent()
        assert server is not None
        self._server = server

    def spent(self, work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> tuple[Answer, Spent]:
        wall, own, database = time.perf_counter(), _own_cpu(), self._database_cpu()
        answer = work(*args, **kwargs)
        return answer, Spent(time.perf_counter() - wall, _own_cpu() - own, max(self._database_cpu() - database, 0.0))

    def _database_cpu(self) -> float:
        """Of the server, its processes, and those that have ended."""
        total = 0.0
        for process in (self._server, *self._server.children()):
            with suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4] if process is self._server else process.cpu_times()[:2])
        return total


def _own_cpu() -> float:
    """With the processes it started that have ended."""
    return sum(os.times()[:4])


def in_own_process(work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> Answer:
    """`work`, a module's function, in a fresh interpreter that ends with it: what was measured before left nothing."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def peak_mb() -> float:
    """The most memory this process has held so far. Linux tells it for the program that runs now; `getrusage` counts
    what ran before it under the same number, too."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return round(int(next(lines).split()[1]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def peak_mb_of_workers() -> float:
    """The most memory that one of the processes it started, and that have ended, has held; 0 without any."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(children / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The time that `share` of the tries did not exceed, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 3)
