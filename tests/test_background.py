"""The kinds of jobs, each attempted as a worker does it."""

import io
import json

import pytest
from sqlalchemy import select
from sqlmodel import col

from pim.background import JOBS, sweep
from pim.base.installation import Installation
from pim.base.jobs import cancel_job
from pim.base.jobs.perform import TryAgain
from pim.catalog.store import count_products
from pim.intake.import_job import defer_import
from pim.intake.tables import ImportRow
from pim.intake.uploads import keep_upload
from pim.syndication.export_job import defer_export_run
from pim.versioning.catch_up_job import defer_catch_up
from tests.base.jobs.workers import attempt, fetched, job
from tests.delivery.makers import a_folder, delivering, publish, rows
from tests.makers import an_attribute, commit, given
from tests.syndication.runs import a_hat, an_export, run, storage_of


@pytest.fixture
def here(settings, database):
    settings = an_export(settings)
    return Installation(settings, database, storage_of(settings))


def attempted(here, job_id, should_stop=lambda: None):
    assert fetched(here.database) == job_id
    attempt(here, JOBS, job_id, should_stop)
    return job(here.database, job_id)


def a_large_upload(here):
    lines = "".join(json.dumps({"identifier": f"P{n}", "family": "books"}) + "\n" for n in range(600))
    with here.database.session() as session:
        return defer_import(session, keep_upload(here.storage, "p.ndjson", io.BytesIO(lines.encode())), by="camille")


def products(here):
    with here.database.session() as session:
        return count_products(session)


def test_an_export_run_publishes_and_tells_what(here):
    given(here.database, a_hat("A"), a_hat("B"))
    with here.database.session() as session:
        job_id = defer_export_run(session, ["shop"], by="camille")
        assert defer_export_run(session, ["shop", "shop"], by="robin") == job_id
        assert defer_export_run(session, ["shop"], by="robin", full=True) != job_id
    row = attempted(here, job_id)
    (shop,) = row.result["exports"]
    assert (row.state, shop["state"], shop["items"], row.what) == ("done", "published", 2, "publishing shop")


def test_an_import_goes_on_where_its_worker_left_it(here):
    given(here.database)
    job_id = a_large_upload(here)
    with pytest.raises(TryAgain):
        attempted(here, job_id, lambda: "ending" if products(here) else None)
    assert 0 < products(here) < 600
    attempt(here, JOBS, job_id)
    row = job(here.database, job_id)
    assert (row.state, row.result["resumed"], products(here)) == ("done", True, 600)


def test_a_cancelled_import_keeps_what_has_come_in_and_is_over(here):
    given(here.database)
    row = attempted(here, a_large_upload(here), lambda: "cancelled" if products(here) else None)
    assert row.state == "cancelled"
    assert 0 < products(here) < 600
    with here.database.session() as session:
        state = session.execute(select(col(ImportRow.state)).where(col(ImportRow.id) == row.result["import_id"]))
        assert state.scalar_one() == "abandoned"
    assert not list((here.settings.home / "tmp").glob("import-job-*"))


def test_catching_up_is_done_in_the_background(here):
    given(here.database, a_hat("A"))
    commit(here.database, an_attribute("name", localizable=True, useable_as_grid_filter=False))
    with here.database.session() as session:
        job_id = defer_catch_up(session, by="camille")
    assert attempted(here, job_id).result == {"seen": 1}


def test_what_cannot_be_imported_fails_with_the_reason(here):
    given(here.database)
    with here.database.session() as session:
        job_id = defer_import(session, keep_upload(here.storage, "x.ndjson", io.BytesIO(b"no json")), by="camille")
    row = attempted(here, job_id)
    assert row.state == "failed"
    assert "x.ndjson` cannot be imported: the file does not begin with a JSON object" in row.error


def test_a_publication_is_followed_and_delivered(settings, database, tmp_path):
    (there := tmp_path / "there").mkdir()
    here = delivering(settings, database, a_folder(there))
    run(database, here.settings, "shop")
    follows = fetched(database)
    attempt(here, JOBS, follows)
    assert job(database, follows).result == {"followed": 2}
    row = attempted(here, rows(here)[0].job_id)
    assert (row.queue, row.result["state"], (there / "all.json").is_file()) == ("outgoing", "delivered", True)


def test_a_delivery_that_its_workers_gave_up_is_taken_up_again(settings, database, tmp_path):
    here = delivering(settings, database, a_folder(tmp_path))
    (delivery,) = publish(here)
    with database.session() as session:
        cancel_job(session, delivery.job_id)
    sweep(here)
    (again,) = rows(here)
    assert again.job_id != delivery.job_id
