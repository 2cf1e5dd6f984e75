"""The page that shows the OpenAPI document: it is whole, and asks nobody else."""

import re
from collections.abc import Iterator

import httpx
import pytest

from pim.base.object_storage import open_storage
from tests.api.servers import serving
from tests.browser import chromium, in_a_browser


@pytest.fixture
def site(settings, database) -> Iterator[httpx.Client]:
    with serving(settings, database, open_storage(settings), {}) as base, httpx.Client(base_url=base) as client:
        yield client


def test_all_that_the_page_names_is_served_here_and_nothing_stands_inline(site):
    page = site.get("/api/docs")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) > 5
    for path in named:
        assert "//" not in path
        assert site.get(f"/api/{path}").status_code == 200
    assert not re.search(r"<script>|<style|style=|onload", page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_what_the_browser_has_already_is_not_sent_again(site):
    for path in ("/api/docs", "/api/docs/swagger-ui-bundle.js", "/api/openapi.json"):
        tag = site.get(path).headers["etag"]
        assert site.get(path, headers={"If-None-Match": tag}).status_code == 304


@in_a_browser
def test_a_browser_shows_every_chapter_and_its_policy_is_never_broken(site, tmp_path):
    page = f"{site.base_url}/api/docs".replace("//api", "/api")
    shown = chromium(
        "--virtual-time-budget=10000", "--dump-dom", "--enable-logging=stderr", page, profile=tmp_path / "profile"
    )
    chapters = [tag["name"] for tag in site.get("/api/openapi.json").json()["tags"]]
    assert [name for name in chapters if f"<span>{name}</span>" not in shown.stdout] == []
    assert "Content Security Policy" not in shown.stderr
