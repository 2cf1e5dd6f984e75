"""A real worker on the real queue."""

import threading

from pim.base.jobs import QUICK, cancel_job, defer_job
from tests.base.jobs.workers import ended, job, when, working


def until_stopped(installation, arguments, progress):
    for n in range(100_000):
        progress(n, None, "turning")
        threading.Event().wait(0.01)


def echo(installation, arguments, progress):
    return arguments


KINDS = {"echo": echo, "turn": until_stopped}


def test_a_worker_does_what_waits_and_what_comes(installation, database):
    with database.session() as session:
        before = defer_job(session, "echo", {"n": 1}, by="camille")
    with working(installation, KINDS):
        assert ended(database, before).result == {"n": 1}
        with database.session() as session:
            meanwhile = defer_job(session, "echo", {"n": 2}, by="camille")
        assert ended(database, meanwhile).result == {"n": 2}


def test_what_is_quick_does_not_wait_behind_what_is_long(installation, database):
    with working(installation, KINDS):
        with database.session() as session:
            long = defer_job(session, "turn", by="camille")
        when(database, long, lambda row: row.done > 0)
        with database.session() as session:
            quick = defer_job(session, "echo", by="camille", queue=QUICK)
        assert (ended(database, quick).state, job(database, long).state) == ("done", "running")
        with database.session() as session:
            cancel_job(session, long)
        assert ended(database, long).state == "cancelled"


def test_a_worker_that_ends_hands_its_job_back(installation, database):
    with database.session() as session:
        job_id = defer_job(session, "turn", by="camille")
    with working(installation, KINDS):
        when(database, job_id, lambda row: row.done > 0)
    row = job(database, job_id)
    assert (row.state, row.attempts) == ("queued", 0)
    with working(installation, {"turn": echo}):
        assert ended(database, job_id).state == "done"
