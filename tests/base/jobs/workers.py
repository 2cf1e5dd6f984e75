"""Workers for tests: one attempt in the test's own thread, or a real worker in a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from pim.base.clock import Clock
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.jobs import store
from pim.base.jobs.model import ENDED, JobKinds
from pim.base.jobs.perform import perform_job
from pim.base.jobs.tables import JobRow
from pim.base.jobs.worker import run_worker
from tests.makers import NOW


def fetched(database: Database) -> int | None:
    """The job that a worker would be given now: it is that worker's, who never says anything."""
    with database.session() as session:
        worker = session.execute(text("SELECT * FROM procrastinate_register_worker_v1()")).scalar_one()
        query = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, :worker)")
        return session.execute(query, {"worker": worker}).scalar_one()


def attempt(
    installation: Installation,
    kinds: JobKinds,
    job_id: int,
    should_stop: Callable[[], str | None] = lambda: None,
    clock: Clock = lambda: NOW,
) -> None:
    perform_job(installation, kinds, job_id, "here:1", should_stop, clock)


def silence_workers(database: Database) -> None:
    """All workers were last heard of an hour ago."""
    with database.session() as session:
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))


@contextmanager
def working(installation: Installation, kinds: JobKinds, **options: Any) -> Iterator[None]:
    """A worker as long as the block lasts."""
    ending = threading.Event()
    told: Mapping[str, Any] = {"sweep": lambda installation: None, "grace": 0.0, "ending": ending, **options}
    thread = threading.Thread(target=run_worker, args=(installation, kinds), kwargs=told)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(timeout=30)


def job(database: Database, job_id: int) -> JobRow:
    with database.session() as session:
        return store.get_job(session, job_id)


def ended(database: Database, job_id: int, patience: float = 30.0) -> JobRow:
    return when(database, job_id, lambda row: row.state in ENDED, patience)


def when(database: Database, job_id: int, so: Callable[[JobRow], bool], patience: float = 30.0) -> JobRow:
    """The job as soon as it is so."""
    until = time.monotonic() + patience
    while not so(row := job(database, job_id)):
        assert time.monotonic() < until, row
        time.sleep(0.01)
    return row
