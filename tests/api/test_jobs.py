"""Background work over HTTP, with a real worker where it has to happen."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from pim.background import JOBS
from pim.base.database import Database
from pim.base.installation import Installation
from pim.base.jobs import defer_job
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.intake.sheets.model import mapping_of
from pim.intake.sheets.store import save_mapping
from tests.api.test_permissions import As, signed_in_as
from tests.base.jobs.workers import ended, fetched, working
from tests.makers import NOW, an_attribute

__all__ = ["signed_in_as"]


@pytest.fixture
def worker(settings: Settings, database: Database) -> Iterator[None]:
    with working(Installation(settings, database, open_storage(settings)), JOBS):
        yield


def in_the_inbox(settings: Settings, name: str, *products: dict[str, Any]) -> None:
    inbox = settings.home / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_text("".join(json.dumps(product) + "\n" for product in products))


def events(answer: httpx.Response) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(event, id, data) of a stream until it ends."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, text = line.partition(": ")
        fields[name] = text
        if not line and "data" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])
            fields = {}


def deferred(database: Database, kind: str, by: str, **arguments: Any) -> int:
    with database.session() as session:
        return defer_job(session, kind, arguments, by=by)


@pytest.mark.usefixtures("worker")
def test_what_lies_in_the_inbox_is_imported_by_its_name(client: httpx.Client, settings: Settings) -> None:
    in_the_inbox(
        settings, "nightly.ndjson", {"identifier": "HAT", "family": "shoes"}, {"identifier": "CAP", "family": "x"}
    )
    answer = client.post("/jobs/import/nightly")
    assert (answer.status_code, list(answer.json())) == (200, ["execution_id"])
    with client.stream("GET", f"/jobs/{answer.json()['execution_id']}/events") as stream:
        *_, (event, _, job) = events(stream)
    assert (event, job["state"], job["kind"]) == ("done", "done", "import")
    assert job["result"]["path"] == "nightly.ndjson"
    assert job["result"]["counts"]["products"] == {"created": 1, "rejected": 1}
    assert "`x`" in job["result"]["first_rejections"][0]["message"]
    assert client.get("/products/HAT").status_code == 200


@pytest.mark.usefixtures("worker")
def test_a_dry_run_lists_what_would_change_and_changes_nothing(client: httpx.Client, settings: Settings) -> None:
    in_the_inbox(settings, "nightly.ndjson", {"identifier": "HAT", "family": "shoes"})
    job_id = client.post("/jobs/import/nightly", json={"dry_run": True}).json()["execution_id"]
    with client.stream("GET", f"/jobs/{job_id}/events") as stream:
        *_, (_, _, job) = events(stream)
    assert [change["code"] for change in job["result"]["first_changes"]] == ["HAT"]
    assert client.get("/products/HAT").status_code == 404


@pytest.mark.usefixtures("worker")
def test_a_sheet_in_the_inbox_is_read_by_the_column_mapping_of_its_name(
    client: httpx.Client, settings: Settings, database: Database
) -> None:
    columns = [{"header": "Code", "target": "identifier"}, {"header": "Famille", "target": "family"}]
    with database.session() as session:
        save_mapping(session, mapping_of({"code": "nightly", "columns": columns}), "camille", NOW)
    (settings.home / "inbox").mkdir()
    (settings.home / "inbox" / "nightly.csv").write_text("Code;Famille\nHAT;shoes\n")
    job_id = client.post("/jobs/import/nightly").json()["execution_id"]
    row = ended(database, int(job_id))
    assert row.state == "done", row.error
    assert client.get("/products/HAT").json()["family"] == "shoes"


@pytest.mark.usefixtures("worker")
def test_an_export_is_run_by_its_name(client: httpx.Client, database: Database) -> None:
    job_id = client.post("/jobs/export/website").json()["execution_id"]
    row = ended(database, int(job_id))
    assert (row.kind, row.arguments, [one["name"] for one in row.result["exports"]]) == (
        "run_exports", {"names": ["website"], "full": False}, ["website"],
    )  # fmt: skip
    assert row.state == "failed"  # the small catalogue has no channel for it, and the job says so
    assert row.error.startswith("1 of 1 exports failed: website: ")


@pytest.mark.usefixtures("worker")
def test_filters_know_of_structure_that_was_written_before(client: httpx.Client, database: Database) -> None:
    client.patch("/products/HAT", json={"values": {"ean": [{"locale": None, "scope": None, "data": "hat"}]}})
    answer = client.patch("/attributes/ean", json={"useable_as_grid_filter": True})
    assert answer.status_code == 204
    (job,) = client.get("/jobs", params={"kind": "catch_up"}).json()["_embedded"]["items"]
    assert ended(database, job["id"]).result == {"seen": 1}
    search = json.dumps({"ean": [{"operator": "=", "value": "hat"}]})
    assert len(client.get("/products", params={"search": search}).json()["_embedded"]["items"]) == 1


def test_jobs_are_listed_newest_first_to_the_end(client: httpx.Client, database: Database) -> None:
    made = [deferred(database, "import" if n % 2 else "run_exports", "camille") for n in range(5)]
    page = client.get(
        "/jobs", params={"pagination_type": "search_after", "limit": 2, "kind": "import,run_exports"}
    ).json()
    met = [job["id"] for job in page["_embedded"]["items"]]
    while next_page := page["_links"].get("next"):
        page = client.get(next_page["href"]).json()
        met += [job["id"] for job in page["_embedded"]["items"]]
    assert met == made[::-1]
    counted = client.get(
        "/jobs", params={"kind": "import", "state": "queued", "author": "camille", "with_count": "true"}
    )
    assert counted.json()["items_count"] == 2
    assert client.get("/jobs", params={"state": "asleep"}).json()["errors"][0]["message"].startswith("State `asleep`")


def test_everyone_sees_their_own_jobs_and_administrators_all(signed_in_as: As, database: Database) -> None:
    publisher, reader, administrator = (signed_in_as(role) for role in ("publisher", "reader", "administrator"))
    job_id = publisher.post("/jobs/export/website").json()["execution_id"]
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/events"):
        assert reader.get(path).status_code == 404
    assert reader.post(f"/jobs/{job_id}/cancel").status_code == 404
    assert reader.get("/jobs").json()["_embedded"]["items"] == []
    assert [job["state"] for job in publisher.get("/jobs").json()["_embedded"]["items"]] == ["queued"]
    assert administrator.post(f"/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert administrator.post(f"/jobs/{job_id}/cancel").status_code == 409
    assert publisher.get(f"/jobs/{job_id}").json()["state"] == "cancelled"


def test_launching_needs_the_permission_for_what_it_does(signed_in_as: As, settings: Settings) -> None:
    in_the_inbox(settings, "nightly.ndjson", {"identifier": "HAT"})
    paths = ["/jobs/import/nightly", "/jobs/export/website"]
    statuses = {
        role: [signed_in_as(role).post(path).status_code for path in paths]
        for role in ("reader", "editor", "publisher")
    }
    assert statuses == {"reader": [403, 403], "editor": [200, 403], "publisher": [200, 200]}


WRONG = [
    ("/jobs/export/nothing", None, 404, "Export `nothing` does not exist; known: "),
    ("/jobs/import/nothing", None, 404, "There is nothing to import as `nothing`"),
    ("/jobs/import/twice", None, 422, "`twice` is ambiguous"),
    ("/jobs/import/once", {"dry_run": "perhaps"}, 422, "write true or false"),
    ("/jobs/export/website", {"fast": True}, 422, "fast"),
    ("/jobs/404/cancel", None, 404, "job 404 does not exist"),
]


def test_what_cannot_be_is_told_with_the_way_out(client: httpx.Client, settings: Settings) -> None:
    for name in ("once.ndjson", "twice.ndjson", "twice.csv"):
        in_the_inbox(settings, name)
    for path, body, status, message in WRONG:
        answer = client.post(path, json=body) if body else client.post(path)
        assert (answer.status_code, message in answer.text) == (status, True), answer.text


def test_a_watcher_that_comes_again_is_told_only_what_is_newer(client: httpx.Client, database: Database) -> None:
    job_id = deferred(database, "import", "camille")
    client.post(f"/jobs/{job_id}/cancel")
    with client.stream("GET", f"/jobs/{job_id}/events") as stream:
        ((event, version, job),) = events(stream)
    assert (event, job["id"], stream.headers["content-type"].partition(";")[0]) == (
        "cancelled",
        job_id,
        "text/event-stream",
    )
    assert client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": version}).status_code == 204


def test_a_change_of_structure_that_is_refused_leaves_no_job(client: httpx.Client, database: Database) -> None:
    assert client.patch("/attributes/new", json=an_attribute("new", "no_such_type").patch).status_code == 422
    assert fetched(database) is None


@pytest.mark.parametrize("path", ["/jobs", "/imports", "/changesets"])
def test_a_cursor_that_was_never_ours_is_refused(client: httpx.Client, path: str) -> None:
    cursor = urlsafe_b64encode(b"newest").decode()
    answer = client.get(path, params={"pagination_type": "search_after", "search_after": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["property"]) == (422, "search_after")
