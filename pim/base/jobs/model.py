"""What a job is to those who write one: a plain function, and what it is told and may say while it runs."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pim.base.installation import Installation

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ENDED = (DONE, FAILED, CANCELLED)

LONG, QUICK, OUTGOING = "long", "quick", "outgoing"
"""The queues. A worker takes from all at once, so what takes seconds never waits behind what takes an hour, and neither
behind what waits for the servers of others."""

MOST_ATTEMPTS = 3
"""A job whose workers die, or that meets passing trouble, is tried as often and then given up."""


class Progress(Protocol):
    """Called by a job at points where it may be left: all it has done so far stays, or is undone by who raises."""

    job_id: int
    author: str

    def __call__(self, done: int, total: int | None = None, what: str = "") -> None:
        """Says how far the job is. Raises when it must stop here: it was cancelled, or its worker ends."""

    def note(self, **result: Any) -> None:
        """Adds to the result what others want to know before the end, such as the number of an import."""


JobKind = Callable[[Installation, Mapping[str, Any], Progress], Any]
"""Arguments and result are JSON. Called again with the same arguments after a worker died, so it must end the same."""

JobKinds = Mapping[str, JobKind]


class PartlyFailed(Exception):
    """The work came to its end and has a result, but a part of it failed: the job counts as failed."""

    def __init__(self, message: str, result: Any) -> None:
        self.result = result
        super().__init__(message)


class JobStopped(Exception):
    """What `Progress` raises. Not for jobs to catch, unless they raise it again."""


class Cancelled(JobStopped):
    """Somebody asked for it."""


class HandedBack(JobStopped):
    """This worker ends; another one will go on."""


class TakenOver(JobStopped):
    """This worker was silent for so long that another one has taken the job."""
