"""The main job with its files in S3."""

import socket

import httpx
import pytest

from tests.buckets import SECRETS, a_bucket, storage_url
from tests.journeys.installation import PimInstallation


@pytest.fixture
def bucket(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with a_bucket("feeds") as bucket:
        yield bucket


def test_feeds_and_media_live_in_s3_and_are_served_from_there(tmp_path, database_url, bucket):
    place = {
        "PIM_STORAGE_URL": storage_url(bucket, "shop"),
        "PIM_DATABASE_URL": database_url,
        "PIM_PORT": str(_free_port()),
    }
    shop = PimInstallation(tmp_path, {**SECRETS, **place})
    shop.ok("import", "fixtures")
    shop.ok("export", "google_merchant")

    (row,) = (row for row in shop.json("status")["exports"] if row["file"] == "fr_FR.xml")
    assert "path" not in row
    assert bucket.Object("shop/exports/google_merchant/1/fr_FR.xml").content_length == row["bytes"]
    assert any(entry.key.startswith("shop/media/") for entry in bucket.objects.all())
    with shop.serving():
        assert len(httpx.get(row["url"]).content) == row["bytes"]
        part = httpx.get(row["url"], headers={"Range": "bytes=0-4", "Accept-Encoding": "identity"})
        assert (part.status_code, part.content) == (206, b"<?xml")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
