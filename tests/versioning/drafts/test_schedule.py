"""Drafts that come true by themselves: at their time, once, whoever is killed meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from pim.background import JOBS
from pim.base.clock import now
from pim.base.errors import Conflict, InvalidInput
from pim.base.jobs import store as jobs
from pim.versioning.drafts.review import delete_draft, reject_draft
from pim.versioning.drafts.schedule import parse_moment, schedule_draft, unschedule_draft
from tests.base.jobs.workers import attempt, fetched, job
from tests.makers import NOW, a_product, commit, values
from tests.versioning.drafts.makers import draft, state
from tests.versioning.drafts.timed import done, done_twice, scheduled, survived
from tests.versioning.test_revert import pages

LATER = NOW + timedelta(days=1)


def test_a_draft_waits_for_its_time(here):
    job_id = scheduled(here, at=now() + timedelta(hours=1))
    assert fetched(here.database) is None
    assert (job(here.database, job_id).state, state(here.database, "spring"), pages(here.database)) == (
        "queued", "scheduled", 1,
    )  # fmt: skip


def test_a_draft_comes_true_and_its_exports_are_run(here):
    job_id = scheduled(here, "shop")
    assert fetched(here.database) == job_id
    attempt(here, JOBS, job_id)
    row = job(here.database, job_id)
    assert (row.state, row.result["state"], pages(here.database)) == ("done", "applied", 2)
    run = job(here.database, fetched(here.database))
    assert (run.kind, run.arguments["names"], run.author) == ("run_exports", ["shop"], "robin")


def test_a_conflict_writes_nothing_runs_nothing_and_is_told(here):
    job_id = scheduled(here, "shop")
    commit(here.database, a_product("hat", values=values(pages=3)))
    fetched(here.database)
    attempt(here, JOBS, job_id)
    row = job(here.database, job_id)
    assert (row.state, row.result["state"], "pim draft conflicts spring" in row.error) == ("failed", "conflicted", True)
    assert (pages(here.database), state(here.database, "spring"), fetched(here.database)) == (3, "conflicted", None)
    assert done(here)[-1] == "conflicted"


def test_a_job_that_is_begun_again_after_all_was_done_does_nothing_more(here):
    job_id = scheduled(here, "shop")

    first, second = done_twice(here, job_id)
    assert first == second
    assert done(here).count("applied") == 1
    with here.database.session() as session:
        assert len(session.execute(jobs.jobs_of(kinds=["run_exports"])).all()) == 1


@pytest.mark.parametrize("what", ["edit", "reject", "unschedule", "delete", "schedule"])
def test_who_takes_a_schedule_back_leaves_its_job_nothing_to_do(here, what):
    job_id = scheduled(here, at=now() + timedelta(hours=1))
    with here.database.session() as session:
        if what == "reject":
            reject_draft(session, "spring", "robin", NOW)
        elif what == "unschedule":
            unschedule_draft(session, "spring", "robin", NOW)
        elif what == "delete":
            delete_draft(session, "spring")
    if what == "edit":
        draft(here.database, "spring", a_product("hat", values=values(pages=5)))
    elif what == "schedule":
        assert scheduled(here, at=now() + timedelta(hours=2)) != job_id
    assert job(here.database, job_id).state == "cancelled"
    assert fetched(here.database) is None


def test_only_what_is_approved_is_scheduled_and_only_for_a_time_to_come(here):
    draft(here.database, "summer", a_product("hat", values=values(pages=7)))
    with here.database.session() as session:
        with pytest.raises(Conflict, match="only an approved one"):
            schedule_draft(session, "summer", LATER, [], "robin", NOW)
        with pytest.raises(InvalidInput, match="is over"):
            schedule_draft(session, "spring", NOW, [], "robin", LATER)
        with pytest.raises(Conflict, match="not scheduled"):
            unschedule_draft(session, "spring", "robin", NOW)


@pytest.mark.parametrize(
    ("written", "zone", "moment"),
    [
        ("2026-12-01T00:00", "Europe/Paris", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-07-01T00:00", "Europe/Paris", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-12-01T00:00-05:00", "Europe/Paris", datetime(2026, 12, 1, 5, tzinfo=UTC)),
        ("2026-12-01", "UTC", datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_of_its_zone(written, zone, moment):
    assert parse_moment(written, zone) == moment


@pytest.mark.parametrize(
    ("written", "zone", "told"),
    [
        ("2026-03-29T02:30", "Europe/Paris", "left out in Europe/Paris"),
        ("midnight", "UTC", "`midnight` is no time"),
        ("2026-12-01", "Paris", "`Paris` is no time zone"),
        ("2026-12-01", "../etc", "no time zone"),
        ("0001-01-01", "Asia/Tokyo", "too far away"),
    ],
)
def test_a_time_that_is_none_is_told(written, zone, told):
    with pytest.raises(InvalidInput, match=told):
        parse_moment(written, zone)


def test_a_draft_comes_true_once_though_one_of_two_workers_is_killed_in_the_middle(here):
    begun, again = survived(here, scheduled(here))
    assert (again.state, again.attempts, again.worker != begun.worker) == ("done", 2, True)
    assert (pages(here.database), done(here).count("applied")) == (2, 1)
