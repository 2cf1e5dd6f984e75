"""However many processes render, and whichever of them dies, the bytes are the same."""

import os
import signal
import time
from dataclasses import replace

import psutil
import pytest

from pim.syndication import building
from pim.syndication.local_ranges import LocalRanges
from pim.syndication.ranges import ranges_of
from pim.syndication.segments import begins_segment
from pim.versioning.snapshot import open_snapshot
from tests.makers import a_product_model, commit, given, values
from tests.syndication.incremental import both_grains, codes_and_beginnings
from tests.syndication.runs import a_hat, run
from tests.syndication.stopping import stopped
from tests.syndication.test_run_export import once_the_lock_is_free, states

CODES = codes_and_beginnings("P", 12, 6)


@pytest.fixture
def exports(database, settings, monkeypatch):
    """Small ranges for two processes."""
    monkeypatch.setattr(building, "WORTH_WORKERS", 1)
    monkeypatch.setattr(building, "LEAST_IN_A_RANGE", 3)
    price = [{"amount": "90.00", "currency": "EUR"}]
    boot = a_product_model("boot", family="shoes", family_variant="shoes_color", values=values(price=price))
    given(database, *(a_hat(code) for code in CODES), a_hat("Z", price=None), boot)
    return replace(both_grains(settings), render_workers=2)


def test_ranges_cover_the_catalogue_and_begin_where_segments_do(database, exports):
    with database.snapshot_session() as session:
        snapshot = open_snapshot(session)
        ranges = ranges_of(snapshot, 3)
        parts = [[root.key for root in snapshot.roots(one.start, one.until)] for one in ranges]
        assert len(ranges) > 2
        assert [key for part in parts for key in part] == [root.key for root in snapshot.roots()]
    assert all(
        begins_segment(part[0]) and part[0] == one.start for part, one in zip(parts[1:], ranges[1:], strict=True)
    )


def test_two_processes_write_what_one_writes_also_when_one_is_killed(database, exports, monkeypatch):
    """Nor does it matter what is written meanwhile."""
    assert states(run(database, replace(exports, render_workers=1))) == {"products": "published", "roots": "published"}
    begin, killed = LocalRanges.fill, []

    def fill_and_kill(self):
        begin(self)
        if not killed:
            victim = next(iter(self._pool._processes.values()))
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim.pid)
            commit(database, a_hat(CODES[0], "11.00"), a_hat("new"))

    monkeypatch.setattr(LocalRanges, "fill", fill_and_kill)
    assert states(run(database, exports, full=True)) == {"products": "unchanged", "roots": "unchanged"}
    assert killed


def test_a_process_that_dies_while_nobody_waits_for_it_is_replaced(database, exports, monkeypatch):
    """While the run copies, or a helper sends: the pool tells it to the next who hands it something."""
    run(database, replace(exports, render_workers=1))
    wait, killed = LocalRanges.wait, []

    def wait_and_kill(self, seconds):
        ended = wait(self, seconds)
        if ended and not killed:
            killed.append(next(iter(self._pool._processes.values())))
            os.kill(killed[0].pid, signal.SIGKILL)
            while not self._pool._broken:
                time.sleep(0.01)
        return ended

    monkeypatch.setattr(LocalRanges, "wait", wait_and_kill)
    assert states(run(database, exports, full=True)) == {"products": "unchanged", "roots": "unchanged"}
    assert killed


def test_workers_end_with_a_run_that_is_killed_and_the_next_run_puts_it_right(database, exports):
    with stopped(exports, "range copied", 1, "products") as (process, _):
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert len(workers) >= 2
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    by_itself = replace(exports, render_workers=1)
    assert once_the_lock_is_free(database, by_itself).exports[0].state == "published"
