"""From a publication to its deliveries: planned once, sent once, in order, whatever dies between."""

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from pim.base.errors import Conflict, NotFound
from pim.base.jobs.model import HandedBack, JobStopped
from pim.delivery import store
from pim.delivery.circuit import pause, resume
from pim.delivery.deliver import deliver_now
from pim.delivery.follow import follow_events
from pim.delivery.jobs import rescue_deliveries
from pim.delivery.retry import retry_delivery
from pim.delivery.webhooks import store as webhooks
from pim.delivery.webhooks.subscribe import subscribe
from pim.syndication.approval import approve
from pim.syndication.rollback import roll_back
from tests.delivery.makers import a_folder, attempt, delivering, in_session, outcomes, publish, redefine, rows
from tests.makers import NOW, commit
from tests.syndication.runs import a_hat, run


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refused(there):
    """A destination that turns everything down."""
    return {"name": "hook", "transport": "s3", "bucket": "b", "access_key": "MISSING", "secret_key": "MISSING"}


def test_a_publication_is_delivered_byte_for_byte(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    (row,) = publish(here)
    assert attempt(here, row).state == "delivered"
    assert {"all.json", "en_GB.csv", "fr_FR.jsonl"} <= set(listed(there))
    assert json.loads((there / "fr_FR.jsonl").read_text().splitlines()[0])["name"] == "Chapeau A"


def test_names_are_made_of_what_the_publication_is_and_stay(settings, database, there):
    name = "{export}-{locale}-{number}-{date}-{time}.{extension}"
    mirror = a_folder(there, files=["{locale}.csv"], file_name=name)
    here = delivering(settings, database, mirror, timezone="Europe/Paris")
    (row,) = publish(here)
    redefine(here, {**mirror, "file_name": "other-{file}"})
    attempt(here, row, later=86400)
    assert listed(there) == ["shop-en_GB-1-20260301-130000.csv", "shop-fr_FR-1-20260301-130000.csv"]


def test_checksums_and_a_manifest_come_beside_the_files(settings, database, there):
    mirror = a_folder(there, files=["all.json"], checksum=True, manifest="{export}.manifest.json")
    here = delivering(settings, database, mirror)
    attempt(here, publish(here)[0])
    digest = hashlib.sha256((there / "all.json").read_bytes()).hexdigest()
    assert (there / "all.json.sha256").read_text() == f"{digest}  all.json\n"
    manifest = json.loads((there / "shop.manifest.json").read_text())
    (file,) = manifest["files"]
    assert (manifest["publication"], file["name"], file["sha256"]) == (1, "all.json", digest)


def test_files_are_packed_one_by_one_or_together(settings, database, there):
    one = a_folder(there, name="one", files=["*.csv"], pack="gzip")
    other = a_folder(there, name="other", pack="zip", archive="{export}_{number}.zip", manifest="m.json")
    here = delivering(settings, database, one, other)
    for row in publish(here):
        assert attempt(here, row).state == "delivered"
    plain = zipfile.ZipFile(there / "shop_1.zip").read("fr_FR.csv")
    assert plain == gzip.decompress((there / "fr_FR.csv.gz").read_bytes())
    digest = hashlib.sha256((there / "shop_1.zip").read_bytes()).hexdigest()
    assert json.loads((there / "m.json").read_text())["files"][0]["sha256"] == digest


def test_one_delivery_a_destination_and_publication_however_often_events_are_followed(settings, database, there):
    here = delivering(settings, database, a_folder(there), a_folder(there, name="other"))
    publish(here)
    assert follow_events(here) == 0
    deliver_now(here, by="camille", clock=lambda: NOW)
    assert [(row.destination, row.number, row.state) for row in rows(here)] == [
        ("mirror", 1, "delivered"),
        ("other", 1, "delivered"),
    ]


def test_an_event_outlives_the_process_that_published(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    run(database, here.settings, "shop")  # and nobody follows: the process died
    assert rows(here) == []
    assert follow_events(here) == 2
    assert [row.state for row in rows(here)] == ["waiting"]


def test_what_is_held_does_not_go_out_before_it_is_approved(settings, database, there):
    here = delivering(settings, database, a_folder(there), gate={"removed": 0.1, "changed": 0.1})
    publish(here)
    commit(database, a_hat("A", fr="Bonnet", en="Bonnet"))
    assert run(database, here.settings, "shop").exports[0].state == "held"
    follow_events(here)
    assert [row.number for row in rows(here)] == [1]
    approve(database, here.storage, "shop", by="camille")
    follow_events(here)
    assert [row.number for row in rows(here)] == [1, 2]


def test_a_rollback_is_delivered_as_a_publication_of_its_own(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    publish(here)
    publish(here, "C")
    roll_back(database, here.storage, "shop", by="camille")
    (row,) = deliver_now(here, by="camille")
    assert (row.number, row.state) == (3, "delivered")
    assert "Chapeau C" not in (there / "fr_FR.csv").read_text()


def test_a_newer_publication_supersedes_what_waits(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    publish(here)
    first, second = publish(here, "C")
    assert (first.state, second.state) == ("superseded", "waiting")
    assert attempt(here, first).state == "superseded"
    assert listed(there) == []
    with pytest.raises(Conflict, match="publication 1, but publication 2 is current"):
        in_session(here, lambda session: retry_delivery(session, first.id, by="camille", at=NOW))


def test_a_delivery_goes_on_behind_what_has_arrived(settings, database, there):
    here = delivering(settings, database, a_folder(there, files=["*.csv"]))
    (row,) = publish(here)

    def stop(done, total, what):
        if done == 1:
            raise HandedBack

    with pytest.raises(HandedBack):
        attempt(here, row, told=stop)
    (first,) = listed(there)
    (there / first).unlink()  # the other side has taken it in
    assert attempt(here, row).state == "delivered"
    assert listed(there) == ["fr_FR.csv"]
    assert outcomes(here, row) == ["interrupted", "delivered"]


def test_what_may_pass_is_tried_again_later_each_time_and_then_a_person_is_asked(settings, database, there):
    here = delivering(settings, database, a_folder(there / "unmounted", attempts=3))
    (row,) = publish(here)
    waits = []
    for _ in range(2):
        row = attempt(here, row)
        waits.append((row.next_at - NOW).total_seconds())
    assert 15 <= waits[0] <= 30 <= waits[1] <= 60
    row = attempt(here, row)
    assert row.state == "failed"
    assert "unmounted is not there; make it, or mount what it is on; tried 3 times" in row.error
    assert outcomes(here, row) == ["try_again", "try_again", "failed"]


def test_a_failure_pauses_the_destination_until_it_is_resumed(settings, database, there):
    here = delivering(settings, database, refused(there))
    (row,) = publish(here)
    assert attempt(here, row).error == "the variable MISSING is not set; set it where the workers run, then resume"
    _, second = publish(here, "C")
    assert (attempt(here, second).state, outcomes(here, second)) == ("waiting", [])
    redefine(here, a_folder(there, name="hook"))
    (due,) = in_session(here, lambda session: resume(session, "shop", "hook", by="camille", at=NOW))
    assert (due.id, attempt(here, due).state) == (second.id, "delivered")


def test_only_a_paused_destination_is_resumed(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    with pytest.raises(NotFound, match="destination `mirror` of export `shop` is not paused; known: none"):
        in_session(here, lambda session: resume(session, "shop", "mirror", by="camille", at=NOW))


def test_what_was_delivered_can_be_sent_again_under_the_same_names(settings, database, there):
    here = delivering(settings, database, a_folder(there, files=["all.json"], file_name="{number}.json"))
    attempt(here, publish(here)[0])
    (there / "1.json").unlink()
    assert [row.state for row in deliver_now(here, by="camille")] == ["delivered"]
    assert listed(there) == []
    deliver_now(here, by="camille", again=True)
    assert listed(there) == ["1.json"]


def test_what_was_planned_in_the_moment_of_a_resume_is_found(settings, database, there):
    """Who planned it saw the destination paused, who resumed it did not see the delivery."""
    here = delivering(settings, database, a_folder(there))
    in_session(here, lambda session: pause(session, "shop", "mirror", reason="moves", by="camille", at=NOW))
    (row,) = publish(here)
    in_session(here, rescue_deliveries)
    assert rows(here)[0].job_id is None
    in_session(here, lambda session: session.delete(store.paused(session, "shop", "mirror")))
    in_session(here, rescue_deliveries)
    assert rows(here)[0].job_id is not None
    assert attempt(here, row).state == "delivered"


def test_what_somebody_cancelled_is_told_and_delivered_when_a_person_asks(settings, database, there):
    def cancel(done, total, what):
        raise JobStopped

    here = delivering(settings, database, a_folder(there, files=["all.json"]))
    webhook = in_session(
        here, lambda session: subscribe(session, {"url": "http://partner.example"}, ["shop"], by="camille", at=NOW)
    )
    (row,) = publish(here)
    with pytest.raises(JobStopped):
        attempt(here, row, told=cancel)
    told = in_session(here, lambda session: session.scalars(webhooks.messages(webhook.id)).all())
    assert "delivery.failed" in {message.event for message in told}
    assert [row.state for row in deliver_now(here, by="camille")] == ["delivered"]


def test_a_destination_that_chooses_nothing_says_what_there_is(settings, database, there):
    here = delivering(settings, database, a_folder(there, files=["*.xml"]))
    (row,) = publish(here)
    assert row.state == "failed"
    assert "publication 1 of `shop` has no file like `*.xml`; known: all.json, en_GB.csv" in row.error
    redefine(here, a_folder(there, files=["all.*"]))
    row = in_session(here, lambda session: retry_delivery(session, row.id, by="camille", at=NOW))
    assert attempt(here, row).state == "delivered"
    assert listed(there) == ["all.json"]


def test_a_broken_definition_keeps_its_event_and_holds_up_no_other(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    run(database, here.settings, "shop")
    redefine(here, {"name": "x", "transport": "pigeon"})
    assert follow_events(here) == 1  # that the run has finished
    redefine(here, a_folder(there))
    assert follow_events(here) == 1
    assert len(rows(here)) == 1


def test_nobody_sends_to_a_destination_to_which_somebody_sends(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    (row,) = publish(here)
    found = []

    def meanwhile(done, total, what):
        if not found:
            with pytest.raises(Conflict, match="is being delivered to"):
                attempt(here, row)
            found.append(what)

    assert attempt(here, row, told=meanwhile).state == "delivered"
    assert found


def test_names_that_nobody_knows_are_refused(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    with pytest.raises(NotFound, match="export `shelf` does not exist"):
        deliver_now(here, ["shelf"], by="camille")
    with pytest.raises(NotFound, match="no destination `attic` of export `shop`; known: shop/mirror"):
        deliver_now(here, ["shop"], ["attic"], by="camille")
    with pytest.raises(NotFound, match="export `shop` has no publication"):
        deliver_now(here, ["shop"], by="camille")


def test_ctrl_c_leaves_a_delivery_to_the_workers(settings, database, there):
    here = delivering(settings, database, a_folder(there))
    (row,) = publish(here)

    def pressed(done, total, what):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(here, row, told=pressed)
    (left,) = rows(here)
    assert (left.state, left.sent, left.attempts) == ("waiting", 2, 0)
    assert in_session(here, store.all_paused) == []
    assert attempt(here, left).state == "delivered"


def test_a_publication_that_expires_while_it_is_sent_makes_way_for_the_newer(settings, database, there):
    here = delivering(settings, database, a_folder(there), keep=1)
    (row,) = publish(here)

    def meanwhile(done, total, what):
        if done == 1 and len(rows(here)) == 1:
            publish(here, "C")

    attempt(here, row, told=meanwhile)
    first, second = rows(here)
    assert (first.state, second.state) == ("superseded", "waiting")
    assert attempt(here, second).state == "delivered"
    assert "Chapeau C" in (there / "fr_FR.csv").read_text()
