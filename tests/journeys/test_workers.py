"""A worker process, killed in the middle of an import."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pim.background import JOBS
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.object_storage import open_storage
from pim.catalog.store import count_products
from pim.intake.import_job import defer_import
from pim.intake.uploads import keep_upload
from tests.base.jobs.workers import ended, silence_workers, when, working
from tests.makers import given

ROOT = Path(__file__).parents[2]
PRODUCTS = 5000


def test_an_import_goes_on_in_another_worker_when_its_own_is_killed(settings, database, tmp_path):
    given(database)
    upload = tmp_path / "many.ndjson"
    upload.write_text("".join(json.dumps({"identifier": f"P{n}", "family": "books"}) + "\n" for n in range(PRODUCTS)))
    storage = open_storage(settings)
    with database.session() as session:
        job_id = defer_import(session, keep_upload(storage, upload.name, upload), by="camille")
    environment = {**os.environ, "PIM_HOME": str(settings.home), "PIM_DATABASE_URL": settings.database_url}
    with subprocess.Popen([sys.executable, "-m", "pim.cli", "worker"], cwd=ROOT, env=environment) as first:
        when(database, job_id, lambda row: _taken_in(database) > 0, patience=60)
        first.kill()
    silence_workers(database)
    with working(Installation(settings, database, storage), JOBS):
        row = ended(database, job_id, patience=60)
    assert (row.state, row.attempts, row.result["resumed"]) == ("done", 2, True)
    assert _taken_in(database) == row.result["counts"]["products"]["created"] == PRODUCTS


def _taken_in(database: Database) -> int:
    with database.session() as session:
        return count_products(session)
