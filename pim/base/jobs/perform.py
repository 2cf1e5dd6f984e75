"""One attempt at one job, in a thread of a worker: begun, run, ended, each recorded before the queue hears of it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError

from pim.base.clock import Clock
from pim.base.errors import PimError, TemporaryFailure, known
from pim.base.installation import Installation
from pim.base.jobs import store
from pim.base.jobs.model import (
    CANCELLED,
    DONE,
    ENDED,
    FAILED,
    MOST_ATTEMPTS,
    QUEUED,
    RUNNING,
    Cancelled,
    HandedBack,
    JobKind,
    JobKinds,
    PartlyFailed,
    TakenOver,
)
from pim.base.jobs.tables import JobRow

SAY_EVERY = 0.5
"""Seconds between two updates of a job's progress: often enough for people, seldom enough for the database."""

BUG = "this is a mistake of the program; the log of the worker says more"

log = logging.getLogger("pim.jobs")

ShouldStop = Callable[[], str | None]
"""`cancelled`, `ending` (the worker ends), or None: go on."""


class TryAgain(Exception):
    """For the queue: give this job to a worker once more, after so many seconds."""

    def __init__(self, wait: float, why: str) -> None:
        self.wait = wait
        super().__init__(why)


def perform_job(
    installation: Installation, kinds: JobKinds, job_id: int, worker: str, should_stop: ShouldStop, clock: Clock
) -> None:
    """Returns when the job has ended, however. Raises TryAgain when it has not, TakenOver when it is another's now."""
    begun = _begin(installation, job_id, worker, clock)
    if begun is None:
        return
    progress = _Reporter(installation, begun, should_stop)
    try:
        result = _known(kinds, begun.kind, worker)(installation, begun.arguments, progress)
    except HandedBack:
        _try_again(progress, clock, 0.0, "its worker ended", counts=False)
    except (TemporaryFailure, OperationalError) as error:
        _after_passing_trouble(progress, clock, error)
    except Cancelled:
        progress.end(clock, CANCELLED)
    except TakenOver:
        raise
    except PartlyFailed as error:
        progress.end(clock, FAILED, error=str(error), result=error.result)
    except PimError as error:
        progress.end(clock, FAILED, error=str(error))
    except Exception as error:  # a job's bug ends that job, not its worker
        log.exception("job %s (%s) failed", job_id, begun.kind)
        progress.end(clock, FAILED, error=f"{type(error).__name__}: {BUG}")
    else:
        progress.end(clock, DONE, result=result)


def _known(kinds: JobKinds, kind: str, worker: str) -> JobKind:
    if kind not in kinds:
        raise PimError(f"worker {worker} does not know jobs of kind `{kind}`; {known(kinds)}; upgrade that worker")
    return kinds[kind]


def _begin(installation: Installation, job_id: int, worker: str, clock: Clock) -> JobRow | None:
    """The job as it is now, running; None when there is nothing left to do."""
    with installation.database.session() as session:
        row = store.locked_job(session, job_id)
        if row is None or row.state in ENDED:
            return None
        if row.cancel_requested:
            store.change(session, row, state=CANCELLED, finished=clock())
            return None
        values = {"state": RUNNING, "worker": worker, "attempts": row.attempts + 1, "error": None}
        store.change(session, row, started=row.started or clock(), **values)
        return row


def _after_passing_trouble(progress: "_Reporter", clock: Clock, error: Exception) -> None:
    message = str(error) if isinstance(error, PimError) else "the database was away"
    if progress.attempt >= MOST_ATTEMPTS:
        progress.end(clock, FAILED, error=f"{message}; tried {progress.attempt} times")
        return
    wait = (error.retry_after if isinstance(error, TemporaryFailure) else None) or 5.0 * 4 ** (progress.attempt - 1)
    _try_again(progress, clock, wait, message)


def _try_again(progress: "_Reporter", clock: Clock, wait: float, why: str, counts: bool = True) -> None:
    """Puts the job back, unless somebody has cancelled it meanwhile. Raises TryAgain."""
    with progress.installation.database.session() as session:
        row = store.locked_job(session, progress.job_id)
        if row is None or row.attempts != progress.attempt or row.state != RUNNING:
            raise TakenOver
        if row.cancel_requested:
            store.change(session, row, state=CANCELLED, finished=clock())
            return
        attempts = row.attempts if counts else row.attempts - 1
        store.change(session, row, state=QUEUED, attempts=attempts, error=f"will be tried again: {why}")
    raise TryAgain(wait, why)


class _Reporter:
    """The `Progress` of one attempt."""

    def __init__(self, installation: Installation, job: JobRow, should_stop: ShouldStop) -> None:
        self.installation = installation
        self.job_id, self.author, self.attempt = job.id, job.author, job.attempts
        self._should_stop = should_stop
        self._said_at = float("-inf")
        self._result: dict[str, Any] = {}
        self._here: dict[str, Any] = {}

    def __call__(self, done: int, total: int | None = None, what: str = "") -> None:
        reason = self._should_stop()
        if reason == "cancelled":
            raise Cancelled
        if reason == "ending":
            raise HandedBack
        self._here = {"done": done, "total": total, "what": what}
        if time.monotonic() - self._said_at >= SAY_EVERY:
            self._say(**self._here)

    def note(self, **result: Any) -> None:
        self._result |= result
        self._say(result=self._result)

    def end(self, clock: Clock, state: str, *, result: Any = None, error: str | None = None) -> None:
        with self.installation.database.session() as session:
            ended = {**self._here, "state": state, "error": error, "finished": clock()}
            if result is not None:
                ended["result"] = result
            if store.report(session, self.job_id, self.attempt, **ended) is None:
                raise TakenOver

    def _say(self, **values: Any) -> None:
        self._said_at = time.monotonic()
        with self.installation.database.session() as session:
            stop = store.report(session, self.job_id, self.attempt, **values)
        if stop is None:
            raise TakenOver
        if stop:
            raise Cancelled
