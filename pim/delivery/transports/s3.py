"""Delivery into a bucket of Amazon S3, or of anything that speaks like it. A large file goes in parts and appears when
the last has arrived."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pim.base.errors import TemporaryFailure
from pim.base.s3_client import LeftOpen, connect, s3_errors
from pim.delivery.parcel import Parcel
from pim.delivery.transports.contract import Environment, Told, secret
from pim.exports.destinations import S3Destination


@contextmanager
def open_bucket(destination: S3Destination, environment: Environment) -> Iterator["S3Transport"]:
    client = bucket_client(destination, environment)
    try:
        yield S3Transport(destination, client)
    finally:
        client.close()


def bucket_client(destination: S3Destination, environment: Environment) -> Any:
    """A boto3 client with the destination's keys."""
    keys = [secret(environment, name) for name in (destination.access_key, destination.secret_key) if name]
    return connect(destination.endpoint, destination.region, *keys)


def bucket_errors(destination: S3Destination, key: str) -> AbstractContextManager[None]:
    """Foreign errors about `key` as ours."""
    where = f"the bucket `{destination.bucket}` at {destination.endpoint or 'Amazon S3'}"
    return s3_errors(where, key, "`bucket`", "name `access_key` and `secret_key`, or give the workers a profile")


class S3Transport:
    def __init__(self, destination: S3Destination, client: Any) -> None:
        self._destination, self._client = destination, client

    def put(self, parcel: Parcel, told: Told) -> str:
        """The server checks the SHA-256 of every part, unless it knows none; then its size is compared."""
        from boto3.s3.transfer import TransferConfig

        there, bucket = self._destination, self._destination.bucket
        key = f"{there.prefix}/{parcel.name}" if there.prefix else parcel.name
        where = f"the bucket `{bucket}` at {there.endpoint or 'Amazon S3'}"
        gone = 0

        def count(more: int) -> None:
            nonlocal gone
            gone += more
            told(gone)

        with bucket_errors(there, key):
            self._client.upload_fileobj(
                LeftOpen(parcel.stream), bucket, key, ExtraArgs=self._extra(parcel), Callback=count,
                Config=TransferConfig(use_threads=False),
            )  # fmt: skip
            found = self._client.head_object(Bucket=bucket, Key=key)
        if found["ContentLength"] != parcel.bytes:
            raise TemporaryFailure(f"{where} has {found['ContentLength']} bytes of `{key}`, not {parcel.bytes}")
        return f"stored as s3://{bucket}/{key}, ETag {found['ETag']}"

    def _extra(self, parcel: Parcel) -> dict[str, Any]:
        extra: dict[str, Any] = {"ContentType": parcel.media_type, "Metadata": {"sha256": parcel.sha256}}
        if self._destination.checksums:
            extra["ChecksumAlgorithm"] = "SHA256"
        if self._destination.encryption:
            extra["ServerSideEncryption"] = self._destination.encryption
        if self._destination.kms_key:
            extra["SSEKMSKeyId"] = self._destination.kms_key
        return extra
