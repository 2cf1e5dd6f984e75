"""Object storage in a bucket of Amazon S3 or of anything that speaks like it (MinIO, Ceph, R2)."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from pim.base.errors import ConfigurationError, NotFound, PermanentFailure, TemporaryFailure
from pim.base.object_storage import CHUNK, Stored, as_stream, checked

_IN_MEMORY = 8 * 2**20
_MISSING = {"NoSuchKey", "404", "NotFound"}
_PASSING = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling", "ThrottlingException"}


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
            self._client.upload_fileobj(_LeftOpen(stream), self.bucket, name, ExtraArgs=extra)

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
        except _NothingThere:
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
            self._connected = self._connected or self._connect()
            return self._connected

    def _connect(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if self.endpoint else "auto"},
            request_checksum_calculation="when_required",  # clones know no newer checksums
            response_checksum_validation="when_required",
            retries={"mode": "standard", "max_attempts": 3},
            connect_timeout=10,
            read_timeout=60,
        )
        session = boto3.Session()  # of our own: the module's default one is not safe between threads
        region = self.region or session.region_name or "us-east-1"
        return session.client("s3", endpoint_url=self.endpoint, region_name=region, config=config)

    def _name(self, key: str) -> str:
        return self.prefix + checked(key)

    def _chunks(self, key: str, body: Any) -> Iterator[bytes]:
        with self._errors(key):
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

        try:
            yield
        except ClientError as error:
            raise self._explained(key, error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ConfigurationError(
                f"{self.where} wants credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
            ) from error
        except (BotoCoreError, Boto3Error) as error:
            raise TemporaryFailure(f"{self.where} cannot be reached: {error}") from error

    def _explained(self, key: str, error: Any) -> Exception:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code == "NoSuchBucket":
            return PermanentFailure(f"{self.where} does not exist; make it, or correct PIM_STORAGE_URL")
        if code in _MISSING:
            return NotFound(f"there is no `{key}` in {self.where}")
        if code == "InvalidRange":
            return _NothingThere()
        if code in _PASSING or status >= 500 or status == 429:
            return TemporaryFailure(f"{self.where} cannot serve `{key}` now ({code or status}); try again")
        return PermanentFailure(f"{self.where} refuses `{key}`: {error}; check its rights and the AWS secrets")


class _NothingThere(Exception):
    """The range lies behind the end."""


class _LeftOpen:
    """What boto3 may not close: the stream is the caller's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)
