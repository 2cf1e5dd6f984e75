"""Other hosts render ranges of a run: whoever they are and whatever becomes of them, the bytes are the same."""

import logging
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from pim.base.installation import Installation
from pim.base.jobs import living_workers
from pim.base.jobs.store import jobs_of
from pim.base.object_storage import open_storage
from pim.exports.load import definition_digest
from pim.syndication import building, help_wanted, parallel, store
from pim.syndication.help_job import render_ranges_job
from pim.syndication.help_wanted import RENDER_RANGES, HelpWanted, helped
from pim.syndication.local_ranges import LocalRanges
from pim.syndication.program import program_digest
from pim.syndication.range_board import RangeBoard
from pim.syndication.ranges import Range
from pim.syndication.run_lock import RunLock, place_of
from pim.syndication.tables import RangeRow
from tests.base.jobs.workers import ended
from tests.buckets import SECRETS, a_bucket, storage_url
from tests.makers import NOW, commit, given
from tests.syndication.incremental import both_grains, codes_and_beginnings
from tests.syndication.runs import a_hat, an_export, run
from tests.syndication.stopping import ROOT, WORKER, beginning, environment_of, said_by
from tests.syndication.test_run_export import states

CODES = codes_and_beginnings("P", 12, 8)


@pytest.fixture
def here(database, settings, monkeypatch):
    """An installation whose runs are divided into small ranges, with its files in S3."""
    monkeypatch.setattr(building, "WORTH_WORKERS", 1)
    monkeypatch.setattr(building, "LEAST_IN_A_RANGE", 3)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    given(database, *(a_hat(code) for code in CODES), a_hat("Z", price=None))
    with a_bucket("feeds") as bucket:
        settings = replace(both_grains(settings), storage_url=storage_url(bucket, "shop"), render_workers=1)
        yield Installation(settings, database, open_storage(settings))


def elsewhere(settings, name):
    """The same installation on another host."""
    home = settings.home / name
    home.mkdir()
    return replace(settings, home=home)


@contextmanager
def worker(settings):
    command = [sys.executable, "-m", "pim.cli", "worker"]
    environment = {**environment_of(settings), "PIM_RENDER_WORKERS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for_a_worker(database):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with database.session() as session:
            if living_workers(session):
                return
        time.sleep(0.05)
    raise AssertionError("no worker began")


class WaitsForHelpers(LocalRanges):
    """A host that has nothing to spare for its own run."""

    def fill(self):
        time.sleep(0.05)


def test_hosts_render_what_a_run_does_not_and_take_over_from_one_that_is_killed(here, monkeypatch):
    """The run itself renders nothing here; what is written meanwhile is not shown."""
    assert states(run(here.database, here.settings)) == {"products": "published", "roots": "published"}
    monkeypatch.setattr(parallel, "LocalRanges", WaitsForHelpers)
    monkeypatch.setattr(help_wanted, "living_workers", lambda session: 2)  # the other comes when the first has stopped
    doomed, lasting = elsewhere(here.settings, "doomed"), elsewhere(here.settings, "lasting")
    with (
        beginning(doomed, "range rendered", 1, WORKER) as victim,
        ThreadPoolExecutor(1) as thread,
    ):
        wait_for_a_worker(here.database)
        helped_by_two = replace(here.settings, render_helpers=2)
        result = thread.submit(run, here.database, helped_by_two, full=True)
        said_by(victim)
        victim.kill()
        commit(here.database, a_hat(CODES[0], "11.00"), a_hat("new"))
        with worker(lasting) as helper:
            assert states(result.result(timeout=60)) == {"products": "unchanged", "roots": "unchanged"}
            last = next(row for row in help_jobs(here.database) if (row.worker or "").endswith(f":{helper.pid}"))
            assert ended(here.database, last.id).result["ranges"] > 2
    assert list(here.storage.list("ranges/")) == []
    assert posted(here.database) == []


def help_jobs(database):
    with database.session() as session:
        return session.scalars(jobs_of(kinds=[RENDER_RANGES])).all()


def posted(database):
    with database.session() as session:
        return session.scalars(select(RangeRow)).all()


def test_what_died_before_is_swept_by_the_next_run(here):
    here.storage.put("ranges/77/3-0.tar", b"", "application/x-tar")
    with here.database.session() as session:
        lost = store.start_run(session, ["products"], False, NOW).id
        session.flush()
        session.add(RangeRow(run_id=lost, number=0, start="", until=None))
    run(here.database, here.settings)
    assert list(here.storage.list("ranges/")) == []
    assert posted(here.database) == []


def test_a_run_renders_what_nobody_helps_it_with_and_what_helpers_have_lost(here, monkeypatch):
    """Nobody lives who could be asked, and somebody empties the bucket."""
    run(here.database, here.settings)
    post = RangeBoard.post

    def post_and_lose(board, ranges):
        post(board, ranges)
        board.finish(1, 5, "ranges/1/1-gone.tar")

    monkeypatch.setattr(RangeBoard, "post", post_and_lose)
    hopeful = replace(here.settings, render_helpers=16)
    assert states(run(here.database, hopeful, full=True)) == {"products": "unchanged", "roots": "unchanged"}
    assert help_jobs(here.database) == posted(here.database) == []


class Quiet:
    def __call__(self, done, total=None, what=""):
        pass


def a_run_that_wants_help(here, lock, **other):
    """The id of a run that lives as long as `lock` does, and what it wants, but for what is `other`."""
    with here.database.session() as session:
        run_id = store.start_run(session, ["shop"], False, NOW).id
        lock.take_run(run_id)
    wanted = {
        "run": run_id,
        "revision": 0,
        "definitions": {"shop": definition_digest(here.settings.exports_folder / "shop")},
        "program_digest": program_digest(here.settings.public_url),
    }
    return HelpWanted(**wanted | other)


@pytest.fixture
def shop(database, settings):
    settings = an_export(settings)
    return Installation(settings, database, open_storage(settings))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"program_digest": "0"}, "another version of the program"),
        ({"definitions": {"shop": "0"}}, "export `shop` in .* is another than that of the run"),
        ({"definitions": {"gone": "0"}}, "export `gone` cannot be read"),
    ],
)
def test_a_helper_that_would_render_otherwise_leaves_the_run_and_says_why(shop, caplog, other, reason):
    caplog.set_level(logging.INFO)
    with RunLock(shop.database) as lock:
        wanted = a_run_that_wants_help(shop, lock, **other)
        with helped(shop.database, shop.storage, wanted, hosts=1) as board:
            board.post([Range(0, "", None)])
            left = render_ranges_job(shop, {"run": wanted.run}, Quiet())
            assert board.take(()) == Range(0, "", None)
    assert re.search(reason, left["left"])
    assert left["left"] in caplog.text


def test_a_helper_needs_the_storage_of_the_run_and_a_run_that_lives(shop):
    with RunLock(shop.database) as lock:
        run_id = a_run_that_wants_help(shop, lock).run
        assert "names another storage" in render_ranges_job(shop, {"run": run_id}, Quiet())["left"]
    assert render_ranges_job(shop, {"run": run_id}, Quiet())["left"] == "it has ended"


def test_processes_of_a_place_render_one_run_at_a_time(shop):
    with RunLock(shop.database) as lock:
        assert lock.take_place(place_of(shop.settings))
        assert "is busy" in render_ranges_job(shop, {"run": 1}, Quiet())["left"]


def test_a_range_goes_to_one_and_then_to_others_and_counts_once(shop):
    """Whoever is first has rendered it; whoever takes a range has none that it took before."""
    with RunLock(shop.database) as lock:
        board = RangeBoard(shop.database, a_run_that_wants_help(shop, lock).run)
        board.post([Range(0, "", "p"), Range(1, "p", None)])
        assert [board.take(own).number for own in ((), (), (0,), (1,))] == [0, 1, 1, 0]
        assert board.take((), most=2) is None
        assert (board.finish(0, 7, "there"), board.finish(0, 7)) == (True, False)
        assert (board.stored(0).roots, board.stored(1), board.is_open()) == (7, None, True)
        assert board.finish(1, 2)
        assert not board.is_open()
