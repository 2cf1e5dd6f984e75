"""The contract of object storage, kept by both stores: a folder, and a bucket spoken to through the real boto3."""

import errno
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.base.errors import ConfigurationError, Conflict, InvalidInput, NotFound, PermanentFailure, TemporaryFailure
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import read_settings
from tests.buckets import an_s3_server


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def storage_at(url: str, home: Path) -> ObjectStorage:
    return open_storage(read_settings({"PIM_HOME": str(home), "PIM_STORAGE_URL": url}))


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    if request.param == "folder":
        return storage_at("", tmp_path)
    request.getfixturevalue("aws")
    url = request.getfixturevalue("s3_server")
    bucket = f"b{time.monotonic_ns()}"
    make_bucket(url, bucket)
    return storage_at(f"s3://{bucket}/some/prefix?endpoint={url}", tmp_path)


def make_bucket(url: str, bucket: str) -> None:
    import boto3

    boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket=bucket)


def read(storage: ObjectStorage, key: str) -> bytes:
    with storage.open(key) as stream:
        return stream.read()


def test_bytes_a_file_and_a_stream_come_back_as_they_were(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"from a file")
    stream = io.BytesIO(b"skip me: from a stream")
    stream.seek(9)
    storage.put("a/bytes é.bin", b"\x00\xff", "application/octet-stream")
    storage.put("a/file.jpg", tmp_path / "photo.jpg", "image/jpeg")
    storage.put("a/stream.txt", stream, "text/plain")
    assert [read(storage, key) for key in storage.list("a/")] == [b"\x00\xff", b"from a file", b"from a stream"]
    assert not stream.closed


def test_a_copy_is_an_object_of_its_own(storage: ObjectStorage) -> None:
    storage.put("first/key", b"content", "text/plain")
    storage.copy("first/key", "second/key")
    storage.put("first/key", b"other", "text/plain")
    storage.delete("first/key")
    assert read(storage, "second/key") == b"content"
    with pytest.raises(NotFound, match="first/key"):
        storage.copy("first/key", "third/key")


def test_a_file_that_is_given_up_is_an_object_of_its_own(storage: ObjectStorage, tmp_path: Path) -> None:
    (feed := tmp_path / "feed.xml").write_bytes(b"new")
    storage.put("feeds/feed.xml", b"old", "application/xml")
    storage.adopt("feeds/feed.xml", feed, "application/xml")
    feed.unlink()
    assert read(storage, "feeds/feed.xml") == b"new"


def test_a_folder_copies_what_is_given_up_only_from_another_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def across_disks(*places: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    (feed := tmp_path / "feed.xml").write_bytes(b"<rss/>")
    storage = storage_at("", tmp_path)
    storage.adopt("near.xml", feed, "application/xml")
    monkeypatch.setattr(os, "link", across_disks)
    storage.adopt("far.xml", feed, "application/xml")
    near, far = (storage.local_path(key) for key in ("near.xml", "far.xml"))
    assert near is not None
    assert far is not None
    assert (near.samefile(feed), far.samefile(feed), far.read_bytes()) == (True, False, b"<rss/>")


def test_a_large_object_survives_whole(storage: ObjectStorage) -> None:
    content = os.urandom(1024) * (9 * 1024)  # above the size at which S3 uploads in parts
    storage.put("large", io.BytesIO(content), "application/octet-stream")
    assert b"".join(storage.read_range("large")) == content
    assert storage.stat("large").size == len(content)


def test_an_opened_object_can_be_read_again_from_its_start(storage: ObjectStorage) -> None:
    storage.put("key", b"content", "text/plain")
    with storage.open("key") as stream:
        assert stream.read(3) == b"con"
        stream.seek(0)
        assert stream.read() == b"content"


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (3, None), (0, 4), (3, 7), (5, 5), (8, 100), (10, None), (50, 60), (0, 0), (9, 10)]
)
def test_a_range_is_the_slice_of_the_bytes(storage: ObjectStorage, start: int, end: int | None) -> None:
    storage.put("digits", b"0123456789", "text/plain")
    assert b"".join(storage.read_range("digits", start, end)) == b"0123456789"[start:end]


def test_a_range_of_an_empty_object_is_empty(storage: ObjectStorage) -> None:
    storage.put("empty", b"", "text/plain")
    assert list(storage.read_range("empty")) == list(storage.read_range("empty", 0, 5)) == []


def test_replaced_bytes_have_another_etag_and_a_later_time(storage: ObjectStorage) -> None:
    storage.put("key", b"old", "text/plain")
    old = storage.stat("key")
    storage.put("key", b"new", "text/plain")
    new = storage.stat("key")
    assert read(storage, "key") == b"new"
    assert new.etag != old.etag
    assert new.modified >= old.modified
    assert new.modified.tzinfo is not None


@pytest.mark.parametrize("reading", ["open", "read_range", "stat"])
def test_a_missing_key_is_named(storage: ObjectStorage, reading: str) -> None:
    storage.put("dir/other", b"", "text/plain")
    for key in ("gone", "dir", "dir/other/below"):
        with pytest.raises(NotFound, match=key):
            getattr(storage, reading)(key)
        assert not storage.exists(key)


def test_a_missing_source_is_not_a_missing_key(storage: ObjectStorage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        storage.put("key", tmp_path / "nowhere", "text/plain")


def test_deleting_removes_and_may_be_repeated(storage: ObjectStorage) -> None:
    storage.put("a/b/c", b"", "text/plain")
    storage.put("a/d", b"", "text/plain")
    storage.delete("a/b/c")
    storage.delete("a/b/c")
    assert list(storage.list()) == ["a/d"]


def test_keys_are_listed_by_prefix_in_byte_order(storage: ObjectStorage) -> None:
    for key in ("é", "a/b", "a-b", "a/ba/c", "b", "a/B"):
        storage.put(key, b"", "text/plain")
    assert list(storage.list()) == ["a-b", "a/B", "a/b", "a/ba/c", "b", "é"]
    assert list(storage.list("a/b")) == ["a/b", "a/ba/c"]
    assert list(storage.list("nothing/")) == []


@pytest.mark.parametrize(
    "key", ["", "/abs", "a//b", "../up", "a/../b", "a/.", "a\\b", "a\nb", "a/", ".incoming/x", "x" * 256]
)
def test_a_key_that_could_leave_its_store_is_refused(storage: ObjectStorage, key: str) -> None:
    for use in (lambda: storage.put(key, b"", "text/plain"), lambda: storage.open(key), lambda: storage.delete(key)):
        with pytest.raises(InvalidInput, match="storage key"):
            use()


def test_a_failed_put_leaves_the_old_bytes_and_no_rubbish(storage: ObjectStorage) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise RuntimeError("the source broke")

    storage.put("key", b"old", "text/plain")
    with pytest.raises(RuntimeError):
        storage.put("key", Breaking(), "text/plain")
    assert read(storage, "key") == b"old"
    assert list(storage.list()) == ["key"]


def test_a_folder_shows_its_files_and_leaves_nothing_unfinished(tmp_path: Path) -> None:
    storage = storage_at(f"file://{tmp_path}/my%20files", tmp_path)
    storage.put("a/b.txt", b"content", "text/plain")
    path = storage.local_path("a/b.txt")
    assert path == tmp_path / "my files/a/b.txt"
    assert path.read_bytes() == b"content"
    assert list((tmp_path / "my files/.incoming").iterdir()) == []


def test_a_folder_cannot_hold_a_name_as_file_and_as_folder(tmp_path: Path) -> None:
    storage = storage_at(str(tmp_path / "files"), tmp_path)
    storage.put("a", b"", "text/plain")
    storage.put("b/c", b"", "text/plain")
    for key in ("a/b", "a/b/c", "b"):
        with pytest.raises(Conflict, match="in the way"):
            storage.put(key, b"", "text/plain")


def test_the_unfinished_files_of_the_dead_are_swept_after_a_day(tmp_path: Path) -> None:
    incoming = tmp_path / "storage/.incoming"
    incoming.mkdir(parents=True)
    for name, age in (("old", 2 * 86400), ("young", 60)):
        (incoming / name).touch()
        os.utime(incoming / name, (time.time() - age,) * 2)
    storage_at("", tmp_path)
    assert [path.name for path in incoming.iterdir()] == ["young"]


def test_a_full_disk_is_worth_another_try(tmp_path: Path) -> None:
    storage = storage_at("", tmp_path)
    (tmp_path / "storage/.incoming").mkdir(parents=True)
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")

    class Filling(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with full.open("wb", buffering=0) as device:
                device.write(b"x")
            return b""

    with pytest.raises(TemporaryFailure, match="full"):
        storage.put("key", Filling(), "text/plain")


@pytest.mark.usefixtures("aws")
def test_a_store_that_is_away_is_named_and_worth_another_try(tmp_path: Path) -> None:
    storage = storage_at("s3://shop?endpoint=http://127.0.0.1:9", tmp_path)
    with pytest.raises(TemporaryFailure, match=r"bucket `shop` at http://127\.0\.0\.1:9"):
        storage.put("key", b"", "text/plain")


@pytest.mark.usefixtures("aws")
def test_a_bucket_that_does_not_exist_is_named(s3_server: str, tmp_path: Path) -> None:
    storage = storage_at(f"s3://nobody?endpoint={s3_server}", tmp_path)
    with pytest.raises(PermanentFailure, match=r"bucket `nobody` at http.* does not exist"):
        storage.put("key", b"", "text/plain")


def test_missing_secrets_are_asked_for(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    storage = storage_at(f"s3://shop?endpoint={s3_server}", tmp_path)
    with pytest.raises(ConfigurationError, match="AWS_ACCESS_KEY_ID"):
        storage.put("key", b"", "text/plain")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host/path", "write file:///folder or s3://"),
        ("s3:///prefix", "write file:///folder or s3://"),
        ("file://host/path", "write file:///folder or s3://"),
        ("s3://bucket?endpiont=http://x", "endpiont.*known: endpoint, region"),
        ("s3://bucket?endpoint=minio:9000", "must begin with https://"),
    ],
)
def test_a_wrong_address_says_what_would_be_right(url: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        storage_at(url, tmp_path)
