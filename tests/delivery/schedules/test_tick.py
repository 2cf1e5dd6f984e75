"""Automatic runs: none lost, none doubled, whoever dies; and what they wait for."""

from collections.abc import Callable
from typing import Any

import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.errors import Conflict, NotFound
from pim.base.jobs.recover import recover_jobs
from pim.base.settings import Settings
from pim.delivery.schedules.state import pause, resume
from pim.intake import store as intake
from pim.syndication.run_lock import RunLock
from tests.base.jobs.workers import attempt, fetched, silence_workers
from tests.delivery.schedules.makers import (
    FILES,
    MINUTE,
    an_open_import,
    due,
    here,
    jobs,
    runs,
    state,
    tick_at,
    work,
)
from tests.makers import NOW, commit
from tests.syndication.runs import a_hat, an_export
from tests.versioning.drafts.makers import applied, draft


class Killed(BaseException):
    """What a worker is by `kill -9`: it tells nobody anything any more."""


def test_two_workers_and_a_schedule_of_every_minute_of_which_one_is_killed(
    database: Database, settings: Settings
) -> None:
    place = here(database, settings)
    for minute in range(1, 11):
        commit(database, a_hat("A", price=f"{minute}.00"))
        for _ in ("one worker", "the other"):
            tick_at(place, minute)
        if minute == 5:
            _killed_in_the_middle(place)
            continue
        work(place)
    work(place)
    assert [row.subject for row in due(database)] == [(NOW + n * MINUTE).isoformat() for n in range(1, 11)]
    assert [job.state for job in jobs(database)] == ["done"] * 10
    assert len({row.job_id for row in due(database)}) == len(runs(database)) == 10
    assert jobs(database)[4].attempts == 2


def _killed_in_the_middle(place: Any) -> None:
    job_id = jobs(place.database)[-1].id
    while fetched(place.database) != job_id:
        pass

    def dies() -> str | None:
        raise Killed

    with pytest.raises(Killed):
        attempt(place, JOBS, job_id, should_stop=dies)
    silence_workers(place.database)
    recover_jobs(place.database, 15, lambda: NOW)
    assert jobs(place.database)[-1].state == "queued"


def test_missed_slots_are_caught_up_once(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    tick_at(place, 600)
    tick_at(place, 600.5)
    assert [row.subject for row in due(database)] == [(NOW + 600 * MINUTE).isoformat()]
    assert (work(place), len(runs(database))) == (1, 1)


def test_slots_that_no_worker_has_begun_become_one_run(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    for minute in (1, 2, 3):
        tick_at(place, minute)
    assert (len(due(database)), len(jobs(database)), work(place)) == (3, 1, 1)


def test_what_is_due_together_shows_one_revision(database: Database, settings: Settings) -> None:
    place = here(database, settings, "shop", "second", schedule={"cron": "0 * * * *"})
    tick_at(place, 61)
    work(place)
    (run,) = runs(database)
    assert (sorted(run.exports), run.outcomes["shop"]["state"]) == (["second", "shop"], "published")


def test_an_automatic_run_waits_for_an_open_import(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    with database.session() as session:
        opened = an_open_import(session)
    tick_at(place, 1)
    assert (work(place), runs(database)) == (0, [])
    told = state(place, NOW + MINUTE)
    assert told.due_since == NOW + MINUTE
    assert f"import {opened} of /in/hats.csv" in str(told.waits_for)
    with database.session() as session:
        intake.finish_import(session, opened, NOW)
    tick_at(place, 1.5)
    assert (work(place), len(runs(database))) == (1, 1)
    assert (state(place).due_since, state(place).waits_for) == (None, None)


def test_a_run_that_meets_an_import_just_begun_waits_again(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    tick_at(place, 1)
    with database.session() as session:
        opened = an_open_import(session)
    assert (work(place), runs(database), runs(database, "running")) == (1, [], [])
    assert f"import {opened}" in jobs(database)[0].result["waits"]
    assert [row.job_id for row in due(database)] == [None]


def test_an_export_that_somebody_builds_is_due_again(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    tick_at(place, 1)
    with RunLock(database) as lock:
        lock.take_export("shop")
        work(place)
    assert jobs(database)[0].state == "failed"
    tick_at(place, 1.5)
    work(place)
    assert [run.outcomes["shop"]["state"] for run in runs(database)] == ["failed", "published"]


def test_an_import_that_ends_brings_one_run(database: Database, settings: Settings) -> None:
    place = here(database, settings, schedule={"after": ["import"]})
    with database.session() as session:
        intake.finish_import(session, an_open_import(session), NOW + MINUTE)
    for minute in (2, 3):
        tick_at(place, minute)
        work(place)
    assert ([row.kind for row in due(database)], len(runs(database))) == (["import"], 1)


def test_a_draft_that_is_applied_brings_one_run(database: Database, settings: Settings) -> None:
    place = here(database, settings, schedule={"after": ["release"]})
    draft(database, "spring", a_hat("A", price="3.00"))
    tick_at(place, 1)
    revision = applied(database, "spring").revision
    for minute in (2, 3):
        tick_at(place, minute)
        work(place)
    assert [(row.kind, row.subject) for row in due(database)] == [("release", str(revision))]
    assert state(place).last_run is not None


def test_a_paused_export_passes_over_what_falls_due(database: Database, settings: Settings) -> None:
    place = here(database, settings, schedule={"cron": "* * * * *", "after": ["import"]})
    with database.session() as session:
        pause(session, place.settings, "shop", "ann", NOW, "the shop moves")
        intake.finish_import(session, an_open_import(session), NOW + MINUTE)
    tick_at(place, 2)
    told = state(place).paused
    assert told is not None
    assert (told.by, told.comment, state(place).next_run, due(database)) == ("ann", "the shop moves", None, [])
    with database.session() as session:
        resume(session, place.settings, "shop", NOW + 5 * MINUTE)
    tick_at(place, 5.5)
    assert due(database) == []
    tick_at(place, 6)
    assert len(due(database)) == 1


def test_what_was_asked_for_before_a_pause_does_not_run(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    tick_at(place, 1)
    assert len(jobs(database)) == 1
    with database.session() as session:
        pause(session, place.settings, "shop", "ann", NOW + MINUTE)
    work(place)
    tick_at(place, 2)
    assert (runs(database), due(database), len(jobs(database))) == ([], [], 1)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda *to: pause(*to, "plain", "ann", NOW), NotFound, "export `plain` has no schedule"),
        (lambda *to: pause(*to, "ship", "ann", NOW), NotFound, "known: plain, shop"),
        (lambda *to: resume(*to, "shop", NOW), Conflict, "export `shop` is not paused"),
        (lambda *to: [pause(*to, "shop", "ann", NOW) for _ in "12"], Conflict, "paused already, by ann since"),
    ],
)
def test_what_cannot_be_paused_or_resumed_says_why(
    database: Database, settings: Settings, act: Callable[..., Any], error: type[Exception], message: str
) -> None:
    place = here(database, settings)
    an_export(place.settings, "plain", files=FILES)
    with pytest.raises(error, match=message), database.session() as session:
        act(session, place.settings)


def test_a_definition_that_is_broken_is_due_when_it_is_mended(database: Database, settings: Settings) -> None:
    place = here(database, settings)
    an_export(place.settings, schedule="* * * * *", schema="nowhere/1")
    tick_at(place, 3)
    assert due(database) == []
    an_export(place.settings, schedule="* * * * *", files=FILES)
    tick_at(place, 4)
    assert len(due(database)) == 1


def test_state_tells_the_next_run_and_the_last(database: Database, settings: Settings) -> None:
    place = here(database, settings, schedule={"cron": "30 3 * * *", "timezone": "Europe/Paris"})
    tick_at(place, 60 * 24)
    work(place)
    told = state(place, NOW + 60 * 24 * MINUTE)
    assert told.next_run is not None
    assert told.last_run is not None
    assert (told.next_run - told.last_run.due).days == 1
    assert (told.last_run.because, told.last_run.state, told.timezone) == ("slot", "done", "Europe/Paris")
