"""What ended long ago is forgotten, what has not ended never."""

from datetime import timedelta

from pim.base.jobs import LONG, QUICK, cancel_job, defer_job, store
from pim.base.jobs.sweep import sweep_jobs
from tests.base.jobs.workers import attempt, fetched
from tests.makers import NOW


def left_after(database, time):
    with database.session() as session:
        sweep_jobs(session, NOW + time)
        return {row.id for row in session.scalars(store.jobs_of())}


def test_jobs_are_kept_a_month_and_those_that_catch_up_an_hour(installation, database):
    with database.session() as session:
        done, quick = (defer_job(session, "work", by="camille", queue=queue) for queue in (LONG, QUICK))
    for _ in range(2):
        attempt(installation, {"work": lambda *_: None}, fetched(database))
    with database.session() as session:
        cancelled, waiting = (defer_job(session, "work", by="camille", queue=QUICK) for _ in range(2))
        cancel_job(session, cancelled, clock=lambda: NOW)
    assert left_after(database, timedelta(minutes=59)) == {done, quick, cancelled, waiting}
    assert left_after(database, timedelta(days=29)) == {done, cancelled, waiting}
    assert left_after(database, timedelta(days=31)) == {waiting}
