"""Health, readiness, metrics, request ids and log lines, at a real server."""

import io
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import get
from sqlalchemy import text

from pim import app
from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from tests.api.clients import a_token
from tests.api.servers import serving
from tests.makers import given

SECRET = "s3cret-of-metrics"


@get("/broken", sync_to_thread=True, include_in_schema=False)
def broken() -> None:
    raise ZeroDivisionError("a mistake")


@pytest.fixture
def site(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    given(database)
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, broken])
    with serving(settings, database, open_storage(settings), {}) as base, httpx.Client(base_url=base) as client:
        yield client


def events(lines: io.StringIO, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    return [one for one in found if one["event"] == event]


def test_a_process_that_answers_is_up_and_one_that_can_work_is_ready(site):
    assert site.get("/health").json()["status"] == "up"
    answer = site.get("/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def test_readiness_names_a_migration_that_is_missing(site, database):
    with database.session() as session:
        (version,) = session.execute(text("DELETE FROM alembic_version RETURNING version_num")).scalars()
    answer = site.get("/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    checks = answer.json()["checks"]
    assert version in checks["migrations"]["detail"]
    assert checks["database"]["ok"]
    with database.session() as session:
        session.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})


def test_readiness_names_a_storage_that_cannot_be_written(site, settings):
    folder = settings.home / "storage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where the folder should be")
    answer = site.get("/ready")
    assert (answer.status_code, answer.json()["checks"]["storage"]["ok"]) == (503, False)


def test_metrics_count_requests_by_route_and_tell_the_revision(site):
    for path in ("/feeds", "/feeds", "/no/such/address"):
        site.get(path)
    shown = site.get("/metrics").text
    assert 'pim_http_requests_total{method="GET",route="/feeds",status="200"} 2.0' in shown
    assert 'route="(none)",status="404"} 1.0' in shown
    assert "pim_revision 1.0" in shown
    assert 'pim_jobs{state="failed"} 0.0' in shown


def test_metrics_are_for_this_host_or_for_the_bearer_of_their_token(settings, database):
    with serving(settings, database, open_storage(settings), {}) as base:
        assert httpx.get(f"{base}/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
    settings = replace(settings, metrics_token=SECRET)
    with serving(settings, database, open_storage(settings), {}) as base:
        assert httpx.get(f"{base}/metrics").status_code == 401
        assert httpx.get(f"{base}/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert httpx.get(f"{base}/metrics", headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200


@pytest.mark.parametrize("given", ["req-42", "a.b:c_d"])
def test_the_id_of_a_request_is_kept_where_it_is_sane(site, given):
    assert site.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "{injected}", "é"])
def test_the_id_of_a_request_is_made_anew_where_it_is_not(site, given):
    answered = site.get("/health", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert answered != given
    assert len(answered) == 32


def test_every_request_has_one_line_in_the_log(site, lines, database):
    token = a_token(database)
    site.get("/api/rest/v1/families/shoes", headers={"Authorization": f"Bearer {token}", "X-Request-ID": "me-1"})
    (line,) = events(lines, "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/rest/v1/families/{code}", 200)
    assert (line["request_id"], line["level"]) == ("me-1", "info")
    assert line["user"]
    assert line["ms"] > 0


def test_a_mistake_of_the_program_is_found_in_the_log_by_the_id_in_the_answer(site, lines):
    answer = site.get("/broken")
    assert (answer.status_code, answer.json()["status"]) == (500, 500)
    (line,) = events(lines, "GET /broken failed")
    assert line["request_id"] == answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "ZeroDivisionError: a mistake" in line["exception"]
    assert "ZeroDivisionError" not in answer.text


def test_no_secret_reaches_the_log(site, lines, database):
    token = a_token(database)
    site.get("/api/rest/v1/families", params={"token": SECRET}, headers={"Authorization": f"Bearer {token}"})
    log = logging.getLogger("some.library")
    log.warning("sent Authorization: Bearer %s to postgresql://pim:%s@db/pim", SECRET, SECRET)
    log.warning('{"password": "%s", "refresh_token":"%s"} /feeds/x?token=%s', SECRET, SECRET, SECRET)
    log.error("failed", exc_info=ValueError(f"client_secret={SECRET}"))
    assert len(events(lines, "request")) == 1
    assert SECRET not in lines.getvalue()
    assert token not in lines.getvalue()


def test_every_answer_forbids_to_guess_its_type_and_to_run_scripts(site):
    for path in ("/health", "/feeds", "/no/such/address", "/api/rest/v1/products"):
        answer = site.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        if path != "/feeds":
            assert "default-src 'none'" in answer.headers["content-security-policy"]
