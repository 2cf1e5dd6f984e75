"""Reports fetched from where feeds are delivered: each once, and none in the way of another."""

import errno
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.jobs.tables import JobRow
from pim.base.settings import Settings
from pim.delivery.feedback import places
from pim.delivery.feedback.poll import Polled, poll_reports
from pim.delivery.feedback.poll_job import POLL_FEEDBACK, ask_for_polling
from tests.base.jobs.workers import attempt as perform
from tests.base.jobs.workers import fetched, job
from tests.buckets import SECRETS, a_bucket, address_of
from tests.delivery.feedback.makers import SHEET, a_sheet, states
from tests.delivery.makers import a_folder, attempt, delivering, publish, redefine
from tests.delivery.receiver import Receiver, receiving
from tests.delivery.transports.ssh_servers import SERVER, running
from tests.makers import NOW

POLLED = {**SHEET, "poll": {"destination": "mirror", "files": "reports/*.csv"}}


@pytest.fixture
def shop(settings: Settings, database: Database, there: Path) -> Any:
    here = delivering(settings, database, a_folder(there, files=["*.csv"]), feedback=POLLED)
    attempt(here, publish(here)[0])
    (there / "reports").mkdir()
    return here


def polled(here: Any, environment: Mapping[str, str] = MappingProxyType({})) -> list[Polled]:
    return poll_reports(here, environment=environment, clock=lambda: NOW)


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


def test_a_bad_report_is_read_again_when_the_definition_was_mended(shop: Any, there: Path) -> None:
    (there / "reports" / "a.csv").write_text("Ref;Reason\nA;too dear\n")
    assert "no column for the item: SKU" in str(polled(shop)[0].problem)
    columns = {"item": "Ref", "message": "Reason"}
    redefine(shop, a_folder(there, files=["*.csv"]), feedback={**POLLED, "columns": columns})
    assert [one.counts for one in polled(shop)] == [{"error": 1}]
    assert polled(shop) == []


def test_a_report_that_cannot_be_read_is_told_each_time_and_stops_no_other(
    shop: Any, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be allowed to read everything."""
    read = Path.read_bytes

    def guarded(path: Path) -> bytes:
        if path.name == "a.csv":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    for name in "ab":
        (there / "reports" / f"{name}.csv").write_bytes(a_sheet((name.upper(), "price", "too dear")))
    shut, good = polled(shop)
    assert "a.csv cannot be read: Permission denied; let the workers' user read it" in str(shut.problem)
    assert good.problem is None
    assert [one.name for one in polled(shop)] == ["reports/a.csv"]


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
        found = [polled(shop, environment) for _ in range(2)]
    assert [[(one.name, one.problem) for one in each] for each in found] == [[("reports/errors.csv", None)], []]
    assert states(shop) == {"A": "rejected"}


def test_reports_are_fetched_from_a_bucket(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with a_bucket("partner") as bucket:
        bucket.put_object(Key="in/reports/errors.csv", Body=a_sheet(("A", "price", "too dear")))
        bucket.put_object(Key="in/other.csv", Body=b"for somebody else")
        there = {"transport": "s3", "bucket": bucket.name, "prefix": "in", "endpoint": address_of(bucket)}
        keys = {"access_key": "KEY", "secret_key": "SECRET"}
        redefine(shop, {"name": "mirror", **there, **keys}, feedback=POLLED)
        environment = {"KEY": "testing", "SECRET": "testing"}
        assert [one.name for one in polled(shop, environment)] == ["reports/errors.csv"]
        assert polled(shop, environment) == []
        bucket.put_object(Key="in/reports/errors.csv", Body=a_sheet(("B", "price", "much too dear")))
        assert [one.counts for one in polled(shop, environment)] == [{"error": 1, "cleared": 1}]
    assert states(shop) == {"B": "rejected"}


@pytest.fixture
def partner(shop: Any) -> Iterator[Receiver]:
    """A server that is asked for its report with a token."""
    with receiving() as receiver:
        there = {"name": "mirror", "transport": "http", "url": receiver.url + "/in/{file}", "bearer": "TOKEN"}
        at = {"destination": "mirror", "url": receiver.url + "/reports/errors.csv?of=shop"}
        redefine(shop, there, feedback={**SHEET, "poll": at})
        yield receiver


TOKEN = {"TOKEN": "sesame"}


@pytest.mark.parametrize("versions", [({"ETag": '"1"'}, {"ETag": '"2"'}), ({}, {})], ids=["by ETag", "by content"])
def test_an_address_is_asked_for_its_report_until_it_has_another(shop: Any, partner: Receiver, versions: Any) -> None:
    assert polled(shop, TOKEN) == []
    partner.shown = (200, versions[0], a_sheet(("A", "price", "too dear")))
    assert [(one.name, one.counts) for one in polled(shop, TOKEN)] == [("errors.csv", {"error": 1})]
    assert polled(shop, TOKEN) == []
    partner.shown = (200, versions[1], a_sheet(("B", "price", "much too dear")))
    assert [one.counts for one in polled(shop, TOKEN)] == [{"error": 1, "cleared": 1}]
    attempt(shop, publish(shop, "C")[-1], environment=TOKEN)
    partner.shown = (200, versions[0], a_sheet(("A", "price", "too dear")))
    assert [one.counts for one in polled(shop, TOKEN)] == [{"error": 1, "cleared": 1}]
    asked = partner.received[-1]
    assert (asked.path, asked.headers["authorization"]) == ("/reports/errors.csv?of=shop", "Bearer sesame")


def test_an_address_that_answers_otherwise_is_told_and_asked_again(shop: Any, partner: Receiver) -> None:
    for answer, said in [
        ((503, {}, b"closed"), r"GET http://.*/reports/errors.csv answers 503 .*: closed"),
        ((403, {}, b""), "answers 403"),
        ((302, {"Location": "/new"}, b""), "has moved to /new; write the new address"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "cannot be unpacked"),
    ]:
        partner.shown = answer
        (one,) = polled(shop, TOKEN)
        assert re.search(said, str(one.problem)), one.problem
    partner.shown = (200, {}, a_sheet(("A", "price", "too dear")))
    assert [one.problem for one in polled(shop, TOKEN)] == [None]


def test_a_report_that_is_too_large_is_told_once(shop: Any, partner: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(places, "LARGEST", 20)
    partner.shown = (200, {"ETag": '"1"'}, a_sheet(("A", "price", "too dear")))
    assert "at most 20 are taken in" in str(polled(shop, TOKEN)[0].problem)
    assert polled(shop, TOKEN) == []


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
