"""Jobs of dead workers go to living ones, not for ever, and none is forgotten."""

import pytest

from pim.base.jobs import cancel_job, defer_job
from pim.base.jobs.model import MOST_ATTEMPTS
from pim.base.jobs.recover import recover_jobs
from tests.base.jobs.workers import attempt, fetched, job, silence_workers
from tests.makers import NOW


class Killed(BaseException):
    """Ends an attempt as `kill -9` does: nothing is written any more."""


def dies(installation, arguments, progress):
    raise Killed


@pytest.fixture
def dead_job(installation):
    """A job whose worker was killed."""
    with installation.database.session() as session:
        job_id = defer_job(session, "work", by="camille")
    die_again(installation, job_id)
    return job_id


def die_again(installation, job_id):
    assert fetched(installation.database) == job_id
    with pytest.raises(Killed):
        attempt(installation, {"work": dies}, job_id)


def recover(installation):
    return recover_jobs(installation.database, 15, lambda: NOW)


def test_the_job_of_a_silent_worker_is_given_to_another(installation, dead_job):
    assert (recover(installation), job(installation.database, dead_job).state) == (0, "running")
    silence_workers(installation.database)
    assert recover(installation) == 1
    assert "worker here:1 died" in job(installation.database, dead_job).error
    assert fetched(installation.database) == dead_job
    attempt(installation, {"work": lambda *_: "well"}, dead_job)
    row = job(installation.database, dead_job)
    assert (row.state, row.result, row.attempts, row.error) == ("done", "well", 2, None)


def test_a_job_that_kills_its_workers_is_given_up(installation, dead_job):
    for _ in range(MOST_ATTEMPTS - 1):
        silence_workers(installation.database)
        recover(installation)
        die_again(installation, dead_job)
    silence_workers(installation.database)
    recover(installation)
    row = job(installation.database, dead_job)
    assert (row.state, row.finished) == ("failed", NOW)
    assert row.error == f"given up: begun {MOST_ATTEMPTS} times, and each time its worker died (the last: here:1)"
    assert fetched(installation.database) is None


def test_a_cancelled_job_of_a_dead_worker_ends_as_cancelled(installation, dead_job):
    with installation.database.session() as session:
        cancel_job(session, dead_job)
    silence_workers(installation.database)
    recover(installation)
    assert (job(installation.database, dead_job).state, fetched(installation.database)) == ("cancelled", None)


def test_a_job_that_vanished_from_the_queue_is_told_as_failed(installation, database):
    from sqlalchemy import text

    with database.session() as session:
        job_id = defer_job(session, "work", by="camille")
        session.execute(text("DELETE FROM procrastinate_jobs"))
    assert recover(installation) == 1
    assert "no longer in the queue" in job(database, job_id).error
