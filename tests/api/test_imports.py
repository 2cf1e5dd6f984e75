"""Files handed in over HTTP: received, taken in by a job, told about, taken back."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.jobs.tables import JobRow
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.intake.sheets.model import mapping_of
from pim.intake.sheets.store import save_mapping
from tests.api.test_permissions import As, signed_in_as
from tests.base.jobs.workers import ended, working
from tests.makers import NOW, a_product, commit, values

__all__ = ["signed_in_as"]

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def worker(settings: Settings, database: Database) -> Iterator[None]:
    with working(Installation(settings, database, open_storage(settings)), JOBS):
        yield


def lines(*documents: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


HATS = lines(
    {"identifier": "HAT", "family": "shoes", "values": values(name={"fr_FR": "Chapeau"})},
    {"identifier": "CAP", "family": "=hats"},
)


def handed_in(client: httpx.Client, database: Database, **request: Any) -> JobRow:
    answer = client.post("/imports", **request)
    assert answer.status_code == 202, answer.text
    return ended(database, int(answer.json()["execution_id"]))


@pytest.mark.usefixtures("worker")
def test_a_body_is_taken_in_and_told_about(client: httpx.Client, database: Database) -> None:
    job = handed_in(client, database, content=HATS, headers=NDJSON, params={"name": "hats.ndjson"})
    assert (job.state, job.error) == ("done", None)
    (found,) = client.get("/imports").json()["_embedded"]["items"]
    assert found == client.get(found["_links"]["self"]["href"]).json()
    assert (found["id"], found["state"], found["source"]) == (job.result["import_id"], "done", "hats.ndjson")
    assert found["totals"] == {"created": 1, "rejected": 1}
    (changeset,) = client.get(found["_links"]["changesets"]["href"]).json()["_embedded"]["items"]
    assert (changeset["import"], changeset["author"]) == (found["id"], job.author)
    (rejected,) = client.get(found["_links"]["rejected"]["href"]).json()["_embedded"]["items"]
    assert (rejected["line"], rejected["subject"], rejected["value"]) == (2, "CAP", "=hats")
    assert "known: books, shoes" in rejected["reason"]["message"]


@pytest.mark.usefixtures("worker")
def test_rejected_lines_come_as_csv_that_executes_nothing(client: httpx.Client, database: Database) -> None:
    handed_in(client, database, content=HATS, headers=NDJSON)
    answer = client.get("/imports/1/rejected", headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["line"], row["subject"], row["value"]) == ("2", "CAP", "'=hats")


@pytest.mark.usefixtures("worker")
def test_a_form_may_bring_a_sheet_with_its_mapping_to_be_tried(client: httpx.Client, database: Database) -> None:
    with database.session() as session:
        columns = [{"header": "Référence", "target": "identifier"}, {"header": "Nom", "target": "name-fr_FR"}]
        save_mapping(session, mapping_of({"code": "prices", "columns": columns}), "camille", NOW)
    files = {"file": ("tarif.csv", "Référence;Nom\nHAT;Chapeau\n".encode())}
    job = handed_in(client, database, files=files, data={"dry_run": "true", "mapping": "prices"})
    assert (job.state, job.error, job.result["dry_run"]) == ("done", None, True)
    assert [change["code"] for change in job.result["first_changes"]] == ["HAT"]
    assert client.get("/products/HAT").status_code == 404
    assert client.get("/imports").json()["_embedded"]["items"] == []


def a_zip(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return packed.getvalue()


@pytest.mark.usefixtures("worker")
def test_an_archive_brings_a_folder_and_structure_takes_an_administrator(signed_in_as: As, database: Database) -> None:
    body = {"content": a_zip(categories="code;parent\nhats;master\n"), "headers": {"Content-Type": "application/zip"}}
    refused = handed_in(signed_in_as("editor"), database, **body)
    assert (refused.state, "may not edit the catalogue's structure" in (refused.error or "")) == ("failed", True)
    administrator = signed_in_as("administrator")
    assert handed_in(administrator, database, **body).state == "done"
    assert administrator.get("/categories/hats").status_code == 200
    products = {"content": lines({"identifier": "HAT"}), "headers": NDJSON}
    assert handed_in(signed_in_as("editor"), database, **products).state == "done"


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"content": b"x", "headers": {"Content-Type": "image/png"}}, 415, "`image/png` is no type of a file we read"),
    ({"content": b"", "headers": NDJSON}, 422, "The body is empty"),
    ({"content": b"<html>", "headers": {"Content-Type": "application/octet-stream"}}, 422, "cannot be imported"),
    ({"files": {"sheet": ("a.csv", b"sku\n")}}, 422, "The part `file` is missing"),
    ({"files": {"file": ("a.csv", b"sku\n")}, "data": {"dryrun": "1"}}, 422, "The part `dryrun` is not known"),
    ({"content": HATS, "headers": NDJSON, "params": {"dryrun": "1"}}, 422, "The parameter `dryrun` is not known"),
    ({"content": HATS, "headers": NDJSON, "params": {"dry_run": "perhaps"}}, 422, "write true or false"),
    ({"files": {"file": ("a.csv", b"sku\n")}, "data": {"mapping": "x"}}, 404, "column mapping `x` does not exist"),
]


def test_what_cannot_be_imported_is_refused_at_once(client: httpx.Client) -> None:
    for request, status, message in WRONG:
        answer = client.post("/imports", **request)
        assert (answer.status_code, message in answer.text) == (status, True), answer.text
    assert client.get("/jobs").json()["_embedded"]["items"] == []


def test_readers_and_users_with_limits_import_nothing(signed_in_as: As) -> None:
    limited = signed_in_as("editor", edit={"locales": ["fr_FR"]})
    for client, word in [(signed_in_as("reader"), "(reader)"), (limited, "has limits")]:
        answer = client.post("/imports", content=HATS, headers=NDJSON)
        assert (answer.status_code, word in answer.json()["message"]) == (403, True)


@pytest.mark.usefixtures("worker")
def test_an_import_is_taken_back_whole_or_not_at_all(client: httpx.Client, database: Database) -> None:
    handed_in(client, database, content=HATS, headers=NDJSON)
    commit(database, a_product("HAT", values=values(name={"fr_FR": "Béret"})))
    refused = client.post("/imports/1/revert")
    assert (refused.status_code, refused.json()["errors"][0]["subject"]) == (409, "product/HAT")
    commit(database, a_product("HAT", values=values(name={"fr_FR": "Chapeau"})))
    answer = client.post("/imports/1/revert", json={"reason": "wrong list"})
    assert (answer.status_code, client.get("/products/HAT").status_code) == (201, 404)
    assert client.get("/imports/1").json()["state"] == "reverted"
    assert client.get("/imports", params={"state": "done"}).json()["_embedded"]["items"] == []
    assert client.post("/imports/9/revert").status_code == 404


@pytest.mark.usefixtures("worker")
def test_imports_of_others_are_for_those_who_see_everything(signed_in_as: As, database: Database) -> None:
    editor = signed_in_as("editor")
    handed_in(editor, database, content=HATS, headers=NDJSON)
    limited = signed_in_as("reader", view={"locales": ["fr_FR"]})
    assert limited.get("/imports").json()["_embedded"]["items"] == []
    assert {limited.get(f"/imports/1{path}").status_code for path in ("", "/rejected")} == {404}
    assert signed_in_as("reader").get("/imports/1/rejected").status_code == 200
    assert signed_in_as("editor").post("/imports/1/revert").status_code == 403
    assert editor.post("/imports/1/revert").status_code == 201
