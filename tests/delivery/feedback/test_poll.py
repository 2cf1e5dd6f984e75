"""Reports fetched from where feeds are delivered: each once, and none in the way of another."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.jobs.tables import JobRow
from pim.base.settings import Settings
from pim.delivery.feedback.poll import Polled, poll_reports
from pim.delivery.feedback.poll_job import POLL_FEEDBACK, ask_for_polling
from tests.base.jobs.workers import attempt as perform
from tests.base.jobs.workers import fetched, job
from tests.delivery.feedback.makers import SHEET, a_sheet, states
from tests.delivery.makers import a_folder, attempt, delivering, publish, redefine
from tests.delivery.transports.openssh import SERVER, running
from tests.makers import NOW

POLLED = {**SHEET, "poll": {"destination": "mirror", "files": "reports/*.csv"}}


@pytest.fixture
def shop(settings: Settings, database: Database, there: Path) -> Any:
    here = delivering(settings, database, a_folder(there, files=["*.csv"]), feedback=POLLED)
    attempt(here, publish(here)[0])
    (there / "reports").mkdir()
    return here


def polled(here: Any) -> list[Polled]:
    return poll_reports(here, environment={}, clock=lambda: NOW)


def test_each_report_is_taken_in_once_and_a_new_one_under_its_name_again(shop: Any, there: Path) -> None:
    report = there / "reports" / "errors.csv"
    report.write_bytes(a_sheet(("A", "price", "too dear")))
    assert [(one.name, one.counts) for one in polled(shop)] == [("reports/errors.csv", {"error": 1})]
    assert polled(shop) == []
    report.write_bytes(a_sheet(("B", "price", "much too dear")))
    assert [one.counts for one in polled(shop)] == [{"error": 1, "cleared": 1}]
    assert states(shop) == {"B": "rejected"}


def test_a_bad_report_is_told_once_and_stops_no_other(shop: Any, there: Path) -> None:
    (there / "reports" / "a.csv").write_text("nothing of the kind")
    (there / "reports" / "b.csv").write_bytes(a_sheet(("A", "price", "too dear")))
    bad, good = polled(shop)
    assert "no column for the item: SKU" in str(bad.problem)
    assert (good.problem, polled(shop)) == (None, [])


def test_a_destination_that_is_away_is_asked_again(shop: Any, there: Path) -> None:
    there.rename(there.with_name("away"))
    assert "is not there" in str(polled(shop)[0].problem)
    there.with_name("away").rename(there)
    (there / "reports" / "b.csv").write_bytes(a_sheet(("A", "price", "too dear")))
    assert [one.problem for one in polled(shop)] == [None]


def test_reports_are_fetched_from_a_server(shop: Any, there: Path) -> None:
    (there / "reports" / "errors.csv").write_bytes(a_sheet(("A", "price", "too dear")))
    with running(SERVER) as server:
        told = msgspec.to_builtins(server.destination(there, name="mirror"))
        redefine(shop, {key: value for key, value in told.items() if value is not None}, feedback=POLLED)
        environment = {"FEED_KEY": server.client_key}
        found = [poll_reports(shop, environment=environment, clock=lambda: NOW) for _ in range(2)]
    assert [[(one.name, one.problem) for one in each] for each in found] == [[("reports/errors.csv", None)], []]
    assert states(shop) == {"A": "rejected"}


def test_workers_poll_every_few_minutes(shop: Any, there: Path) -> None:
    (there / "reports" / "b.csv").write_bytes(a_sheet(("A", "price", "too dear")))
    for minute in (0, 1, 4):
        ask_for_polling(shop, lambda minute=minute: NOW + timedelta(minutes=minute))  # type: ignore[misc]
    asked = [job_id for job_id in iter(lambda: fetched(shop.database), None) if _is_polling(shop, job_id)]
    assert len(asked) == 1
    perform(shop, JOBS, asked[0])
    assert job(shop.database, asked[0]).result == {"reports": ["reports/b.csv"]}


def _is_polling(here: Any, job_id: int) -> bool:
    with here.database.session() as session:
        row = session.get(JobRow, job_id)
        return row is not None and row.kind == POLL_FEEDBACK
