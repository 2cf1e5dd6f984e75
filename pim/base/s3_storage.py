"""Object storage in a bucket of Amazon S3 or of anything that speaks like it (MinIO, Ceph, R2)."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from pim.base.errors import NotFound
from pim.base.object_storage import CHUNK, Stored, as_stream, checked
from pim.base.s3_client import LeftOpen, NothingThere, connect, s3_errors

_IN_MEMORY = 8 * 2**20


class S3Bucket:
    """Keys live under `prefix`. boto3 (0.6 s to import) and the connection come with the first use."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.endpoint = endpoint
        self.region = region
        self._connecting = threading.Lock()
        self._connected: Any = None

    def put(self, key: str, source: bytes | Path | BinaryIO, media_type: str) -> None:
        """A large object goes in parts and appears when the last has arrived."""
        name = self._name(key)
        with as_stream(source) as stream, self._errors(key):
            extra = {"ContentType": media_type}
            self._client.upload_fileobj(LeftOpen(stream), self.bucket, name, ExtraArgs=extra)

    def adopt(self, key: str, path: Path, media_type: str) -> None:
        self.put(key, path, media_type)

    def copy(self, key: str, to: str) -> None:
        with self._errors(key):
            source = {"Bucket": self.bucket, "Key": self._name(key)}
            self._client.copy(source, self.bucket, self._name(to))

    def open(self, key: str) -> BinaryIO:
        spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - handed to the caller
        try:
            for chunk in self.read_range(key):
                spool.write(chunk)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return cast(BinaryIO, spool)

    def read_range(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        if end is not None and end <= start:
            self.stat(key)
            return iter(())
        wanted = f"bytes={start}-{'' if end is None else end - 1}"
        whole = start == 0 and end is None
        try:
            with self._errors(key):
                extra = {} if whole else {"Range": wanted}
                body = self._client.get_object(Bucket=self.bucket, Key=self._name(key), **extra)["Body"]
        except NothingThere:
            return iter(())
        return self._chunks(key, body)

    def stat(self, key: str) -> Stored:
        with self._errors(key):
            found = self._client.head_object(Bucket=self.bucket, Key=self._name(key))
        return Stored(found["ContentLength"], found["ETag"].strip('"'), found["LastModified"])

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        with suppress(NotFound), self._errors(key):
            self._client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def list(self, prefix: str = "") -> Iterator[str]:
        with self._errors(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(self.prefix)

    def local_path(self, key: str) -> Path | None:
        return None

    @property
    def where(self) -> str:
        return f"the bucket `{self.bucket}` at {self.endpoint or 'Amazon S3'}"

    @property
    def _client(self) -> Any:
        with self._connecting:
            self._connected = self._connected or connect(self.endpoint, self.region)
            return self._connected

    def _name(self, key: str) -> str:
        return self.prefix + checked(key)

    def _chunks(self, key: str, body: Any) -> Iterator[bytes]:
        with self._errors(key):
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    def _errors(self, key: str) -> AbstractContextManager[None]:
        keys = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
        return s3_errors(self.where, key, "PIM_STORAGE_URL", keys)
