"""Drafts with times, and the jobs that wait for them."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from pim.background import JOBS
from pim.base.clock import now
from pim.base.installation import Installation
from pim.base.jobs.tables import JobRow
from pim.versioning.drafts import store
from pim.versioning.drafts.schedule import schedule_draft
from pim.versioning.drafts.tables import DraftRow
from pim.versioning.store import lock_structure
from tests.base.jobs.workers import attempt, ended, fetched, job, silence_workers, when

MOMENT = timedelta(seconds=1)


def scheduled(here: Installation, *exports: str, at: datetime | None = None, until: datetime | None = None) -> int:
    """The job that applies `spring`, whose time has come unless another one is given."""
    starts_at = at or now() - 2 * MOMENT
    with here.database.session() as session:
        earlier = min(now(), starts_at) - MOMENT
        row = schedule_draft(session, "spring", starts_at, exports, "robin", earlier, until)
    assert row.job_id is not None
    return row.job_id


def its_end(here: Installation, *exports: str) -> int:
    """The job that takes `spring`, applied by now, back; its time has come."""
    with here.database.session() as session:
        row = schedule_draft(session, "spring", None, exports, "robin", now() - 2 * MOMENT, now() - MOMENT)
    assert row.end_job_id is not None
    return row.end_job_id


def worked(here: Installation) -> JobRow | None:
    """The next job whose time has come, done; None where none waits."""
    job_id = fetched(here.database)
    if job_id is None:
        return None
    attempt(here, JOBS, job_id)
    return job(here.database, job_id)


def spring(here: Installation) -> DraftRow:
    with here.database.session() as session:
        return store.get_draft(session, "spring")


def done(here: Installation) -> list[str]:
    """What was done with `spring`."""
    with here.database.session() as session:
        return [event.what for event in store.events_of(session, store.get_draft(session, "spring"))]


def survived(here: Installation, job_id: int) -> tuple[JobRow, JobRow]:
    """The job as one of two workers had it when it was killed in the middle, and as it ended."""
    address = here.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {
        **os.environ, "PIM_HOME": str(here.settings.home), "PIM_DATABASE_URL": address,
        "PIM_EXPORTS": str(here.settings.exports_folder),
    }  # fmt: skip
    with ExitStack() as running:
        with here.database.session() as session:
            lock_structure(session, alone=True)  # whoever applies or ends the draft waits, in the middle of it
            for _ in range(2):
                worker = subprocess.Popen([sys.executable, "-m", "pim.cli", "worker", "--grace", "0"], env=environment)
                running.callback(worker.wait)
                running.callback(worker.kill)
            begun = when(here.database, job_id, lambda row: row.state == "running", patience=60)
            os.kill(int((begun.worker or "").rpartition(":")[2]), signal.SIGKILL)
        silence_workers(here.database)
        return begun, ended(here.database, job_id, patience=60)


def done_twice(here: Installation, job_id: int) -> list[Any]:
    """What a job answers, and what it answers when it is begun again after all was done."""

    class Progress:
        author = "robin"

    Progress.job_id = job_id
    row = job(here.database, job_id)
    return [JOBS[row.kind](here, row.arguments, Progress) for _ in range(2)]
