"""Asking for jobs: with the transaction or not at all, once where once is enough."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import Session

from pim.base.errors import Conflict, NotFound
from pim.base.jobs import cancel_job, defer_job, store
from tests.base.jobs.workers import fetched, job


def test_a_job_exists_exactly_if_its_transaction_commits(database):
    with Session(database.engine) as session:
        lost = defer_job(session, "echo", by="camille")
        session.rollback()
    with database.session() as session:
        kept = defer_job(session, "echo", {"a": 1}, by="camille")
    with database.session() as session:
        assert [row.id for row in session.scalars(store.jobs_of())] == [kept]
    assert lost != kept
    assert (fetched(database), fetched(database)) == (kept, None)


def test_jobs_with_one_lock_are_given_out_one_at_a_time_in_their_order(database):
    with database.session() as session:
        first, second = (defer_job(session, "echo", by="camille", lock="feed") for _ in range(2))
        free = defer_job(session, "echo", by="camille")
    assert [fetched(database) for _ in range(3)] == [first, free, None]
    assert job(database, second).state == "queued"


def test_what_waits_already_is_not_asked_for_twice(database):
    with database.session() as session:
        first = defer_job(session, "catch_up", by="camille", queueing_lock="catch_up")
    with database.session() as session:
        assert defer_job(session, "catch_up", by="louis", queueing_lock="catch_up") == first
    assert fetched(database) == first
    with database.session() as session:
        assert defer_job(session, "catch_up", by="louis", queueing_lock="catch_up") != first


def test_two_who_ask_at_the_same_moment_get_one_job(database):
    def ask() -> int:
        with database.session() as session:
            return defer_job(session, "catch_up", by="louis", queueing_lock="catch_up")

    with ThreadPoolExecutor(1) as pool:
        with database.session() as session:
            mine = defer_job(session, "catch_up", by="camille", queueing_lock="catch_up")
            theirs = pool.submit(ask)
            until_somebody_waits(session)
        assert theirs.result(timeout=20) == mine


def until_somebody_waits(session):
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
    assert any(session.execute(waiting).scalar_one() for _ in range(20_000))


def test_a_job_that_waits_begins_after_whoever_asked_for_it_last_has_committed(database):
    with database.session() as session:
        waiting = defer_job(session, "catch_up", by="camille", queueing_lock="catch_up")
    with database.session() as session:
        assert defer_job(session, "catch_up", by="louis", queueing_lock="catch_up") == waiting
        assert fetched(database) is None
    assert fetched(database) == waiting


def test_a_cancelled_job_that_waits_never_begins(database):
    with database.session() as session:
        job_id = defer_job(session, "echo", by="camille")
    with database.session() as session:
        cancel_job(session, job_id)
    assert (job(database, job_id).state, fetched(database)) == ("cancelled", None)
    with pytest.raises(Conflict, match="has ended already"), database.session() as session:
        cancel_job(session, job_id)
    with pytest.raises(NotFound, match="job 404 does not exist"), database.session() as session:
        cancel_job(session, 404)
