"""One attempt at one job, however it ends."""

import pytest

from pim.base.errors import NotFound, TemporaryFailure
from pim.base.jobs import PartlyFailed, cancel_job, defer_job, store
from pim.base.jobs.model import MOST_ATTEMPTS, Cancelled, HandedBack, TakenOver
from pim.base.jobs.perform import TryAgain
from tests.base.jobs.workers import attempt, fetched, job
from tests.makers import NOW


@pytest.fixture
def given_job(database):
    """A job that a worker was given."""
    with database.session() as session:
        defer_job(session, "work", {"a": 1}, by="camille")
    return fetched(database)


def test_a_job_is_told_its_arguments_and_leaves_its_result(installation, given_job):
    def work(installation, arguments, progress):
        progress(1, 2, "half")
        progress(2, 2, "whole")
        progress.note(found=7)
        return {**arguments, "author": progress.author}

    attempt(installation, {"work": work}, given_job)
    row = job(installation.database, given_job)
    assert (row.state, row.result, row.error) == ("done", {"a": 1, "author": "camille"}, None)
    assert (row.done, row.total, row.what, row.attempts) == (2, 2, "whole", 1)
    assert (row.worker, row.started, row.finished) == ("here:1", NOW, NOW)


ENDS = [
    (NotFound("export `x` does not exist"), "export `x` does not exist", None),
    (PartlyFailed("1 of 2 exports failed", {"run": 3}), "1 of 2 exports failed", {"run": 3}),
    (ZeroDivisionError("secret"), "ZeroDivisionError: this is a mistake of the program", None),
]


@pytest.mark.parametrize(("raised", "error", "result"), ENDS)
def test_a_job_that_fails_says_why_in_words_for_people(installation, given_job, raised, error, result):
    def work(installation, arguments, progress):
        raise raised

    attempt(installation, {"work": work}, given_job)
    row = job(installation.database, given_job)
    assert (row.state, row.result) == ("failed", result)
    assert row.error.startswith(error)
    assert "secret" not in row.error


def test_a_kind_that_nobody_knows_is_named(installation, given_job):
    attempt(installation, {"other": print}, given_job)
    assert "does not know jobs of kind `work`; known: other" in job(installation.database, given_job).error


def test_passing_trouble_is_tried_again_a_few_times(installation, given_job):
    def work(installation, arguments, progress):
        raise TemporaryFailure("the store is away", retry_after=7)

    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(TryAgain) as again:
            attempt(installation, {"work": work}, given_job)
        assert again.value.wait == 7
        assert job(installation.database, given_job).state == "queued"
    attempt(installation, {"work": work}, given_job)
    row = job(installation.database, given_job)
    assert (row.state, row.error) == ("failed", f"the store is away; tried {MOST_ATTEMPTS} times")


def test_a_job_is_left_where_it_may_be_when_its_worker_ends(installation, given_job):
    def work(installation, arguments, progress):
        with pytest.raises(HandedBack) as stop:
            progress(1)
        raise stop.value

    with pytest.raises(TryAgain):
        attempt(installation, {"work": work}, given_job, should_stop=lambda: "ending")
    row = job(installation.database, given_job)
    assert (row.state, row.attempts) == ("queued", 0)


def test_a_job_that_is_cancelled_while_it_runs_stops(installation, given_job):
    def work(installation, arguments, progress):
        with installation.database.session() as session:
            assert cancel_job(session, given_job).state == "running"
        with pytest.raises(Cancelled) as stop:
            progress(1)
        raise stop.value

    attempt(installation, {"work": work}, given_job)
    assert job(installation.database, given_job).state == "cancelled"


def test_who_was_taken_for_dead_writes_nothing_any_more(installation, given_job):
    def work(installation, arguments, progress):
        with installation.database.session() as session:
            row = store.locked_job(session, given_job)
            store.change(session, row, attempts=row.attempts + 1, worker="elsewhere:2")

    with pytest.raises(TakenOver):
        attempt(installation, {"work": work}, given_job)
    row = job(installation.database, given_job)
    assert (row.state, row.worker, row.finished) == ("running", "elsewhere:2", None)


def test_a_job_that_has_ended_is_not_done_again(installation, given_job):
    calls = []
    for _ in range(2):
        attempt(installation, {"work": lambda *_: calls.append(1)}, given_job)
    assert calls == [1]
