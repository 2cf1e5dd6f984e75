"""The processes of one host that render ranges of a run, and what they have left in its folder."""

import logging
import shutil
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from pim.base.errors import TemporaryFailure
from pim.syndication.range_worker import Order, RangeDone, begin_worker, render_range
from pim.syndication.ranges import Range

MOST_LOSSES = 5
"""Times that workers may die in one run before it gives up: then something kills them on purpose, or memory is out."""

AHEAD = 2
"""Ranges in hand for each process, so that none waits while what another has left is copied or sent."""

_logger = logging.getLogger(__name__)

Take = Callable[[Collection[int]], Range | None]
"""The next range to render, none of those that are in hand already (by number); None when there is none."""


class LocalRanges:
    """`done` are the ranges that were rendered here, by number; `folder_of` tells where their segments are, until they
    are dropped. A process that dies is replaced, and what it had in hand is given to others."""

    def __init__(self, order: Order, processes: int, folder: Path, take: Take) -> None:
        self.done: dict[int, RangeDone] = {}
        self._order, self._processes, self._folder, self._take = order, processes, folder, take
        self._taken: set[int] = set()
        self._tasks: dict[Future[RangeDone], Range] = {}
        self._folders: dict[int, Path] = {}
        self._losses = 0
        self._pool = self._begin()

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    def fill(self) -> None:
        """Takes ranges until every process has enough to do."""
        while len(self._tasks) < AHEAD * self._processes and (wanted := self._take(self._taken)) is not None:
            self._taken.add(wanted.number)
            try:
                self._render(wanted)
            except BrokenProcessPool as broken:  # found out only now
                self._begin_again(broken, wanted)

    def wait(self, seconds: float) -> list[int]:
        """Until something is done, but not longer; the numbers of what is. Raises TemporaryFailure when processes die
        again and again."""
        ended: list[int] = []
        for task in wait_for(self._tasks, seconds, FIRST_COMPLETED).done:
            number = self._tasks[task].number
            try:
                self.done[number] = task.result()
            except BrokenProcessPool as broken:
                self._begin_again(broken)
                break
            del self._tasks[task]
            ended.append(number)
        return ended

    def folder_of(self, number: int) -> Path:
        return self._folders[number]

    def drop(self, number: int) -> None:
        """Nobody needs it any more: what is being rendered without a folder stops."""
        self.done.pop(number, None)
        for task in [task for task, wanted in self._tasks.items() if wanted.number == number]:
            task.cancel()
            del self._tasks[task]
        if number in self._folders:
            shutil.rmtree(self._folders.pop(number), ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in list(self._folders):
            self.drop(number)
        self._pool.shutdown(cancel_futures=True)

    def _begin(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._processes, get_context("spawn"), begin_worker, (self._order,))

    def _begin_again(self, broken: BrokenProcessPool, *more: Range) -> None:
        """With what was in hand, and `more`."""
        lost = [*self._tasks.values(), *more]
        self._losses += 1
        _logger.warning("a process died; ranges %s are given to others", [one.number for one in lost])
        self._pool.shutdown(cancel_futures=True)
        if self._losses > MOST_LOSSES:
            raise TemporaryFailure("workers of the export run die again and again; is memory short?") from broken
        self._pool = self._begin()
        self._tasks = {}
        for wanted in lost:
            shutil.rmtree(self._folders[wanted.number], ignore_errors=True)
            self._render(wanted)

    def _render(self, wanted: Range) -> None:
        folder = self._folder / f"{wanted.number}-{self._losses}"
        folder.mkdir(parents=True)
        self._folders[wanted.number] = folder
        self._tasks[self._pool.submit(render_range, wanted, list(self._order.definitions), folder)] = wanted
