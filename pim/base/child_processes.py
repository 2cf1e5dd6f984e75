"""Child processes beside a server, such as its workers: no job of theirs can stall a request.

A child lives as long as its parent: it holds the reading end of a pipe (its standard input) whose other end only the
parent has, and the kernel closes that one however the parent ends, `kill -9` included.
"""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

OVERTIME = 10.0
"""Seconds beyond its grace after which a child that does not end is ended."""

LONGEST_PAUSE = 30.0

log = logging.getLogger("pim.base")


@contextmanager
def supervised(command: Sequence[str], processes: int, grace: float) -> Iterator[None]:
    """Keeps so many processes of this command running; those that end are started again. At the end all are told to
    end, and waited for."""
    ending = threading.Event()
    keepers = [threading.Thread(target=_keep, args=(command, grace, ending), daemon=True) for _ in range(processes)]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        ending.set()
        for keeper in keepers:
            keeper.join()


def end_with_parent(ending: threading.Event, grace: float) -> None:
    """In a child: when the parent is gone, says so by `ending`; whatever still runs after `grace` is left as it is."""
    threading.Thread(target=_watch, args=(ending, grace), daemon=True).start()


def _keep(command: Sequence[str], grace: float, ending: threading.Event) -> None:
    pause = 1.0
    while not ending.is_set():
        begun = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as child:  # Ctrl-C is ours
            while child.poll() is None and not ending.wait(0.2):
                pass
            if child.poll() is None:
                _end(child, grace)
                return
        if time.monotonic() - begun > LONGEST_PAUSE:
            pause = 1.0
        log.warning("a worker process ended by itself (%s); another is started in %g s", child.returncode, pause)
        ending.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _end(child: subprocess.Popen[bytes], grace: float) -> None:
    child.terminate()
    try:
        child.wait(grace + OVERTIME)
    except subprocess.TimeoutExpired:
        child.kill()


def _watch(ending: threading.Event, grace: float) -> None:
    while os.read(0, 1):
        pass
    ending.set()
    threading.Event().wait(grace + OVERTIME)
    os._exit(1)
