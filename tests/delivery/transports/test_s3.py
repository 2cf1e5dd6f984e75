"""Delivery into a bucket, against a real server that speaks S3."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest

from pim.base.errors import PermanentFailure, TemporaryFailure
from pim.delivery.transports import open_transport
from pim.exports.destinations import S3Destination
from tests.buckets import an_s3_server
from tests.delivery.transports.parcels import a_parcel, cutting, quiet

KEYS = {"access_key": "FEED_KEY", "secret_key": "FEED_SECRET"}
ENVIRONMENT = {"FEED_KEY": "testing", "FEED_SECRET": "testing"}
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture
def client(server: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("s3", endpoint_url=server, region_name="us-east-1", **keys)


@pytest.fixture
def bucket(client: Any) -> S3Destination:
    name = f"feeds-{next(_numbers)}"
    client.create_bucket(Bucket=name)
    return a_bucket(client.meta.endpoint_url, bucket=name)


def a_bucket(endpoint: str, **fields: Any) -> S3Destination:
    return S3Destination(**({"name": "s3", "endpoint": endpoint, "prefix": "in", "bucket": "b"} | KEYS | fields))


def put(destination: S3Destination, content: bytes, told: Any = quiet, environment: Any = ENVIRONMENT) -> str:
    with open_transport(destination, environment) as transport:
        return transport.put(a_parcel("shop/fr.csv", content), told)


def test_a_file_arrives_with_its_type_checksum_and_encryption(client, bucket):
    destination = a_bucket(bucket.endpoint, bucket=bucket.bucket, encryption="AES256")
    assert put(destination, b"sku\nA\n").startswith(f"stored as s3://{bucket.bucket}/in/shop/fr.csv")
    found = client.get_object(Bucket=bucket.bucket, Key="in/shop/fr.csv", ChecksumMode="ENABLED")
    assert found["Body"].read() == b"sku\nA\n"
    assert (found["ContentType"], found["ServerSideEncryption"]) == ("text/csv", "AES256")
    assert found["ChecksumSHA256"]


def test_a_large_file_goes_in_parts_and_tells_how_far_it_is(client, bucket):
    content, told = os.urandom(1024) * (17 * 1024), []
    put(bucket, content, told.append)
    found = client.get_object(Bucket=bucket.bucket, Key="in/shop/fr.csv")
    assert found["Body"].read() == content
    assert found["ETag"].strip('"').endswith("-3")
    assert told == sorted(told)
    assert told[-1] == len(content)


def test_what_stops_halfway_is_never_there(client, bucket):
    put(bucket, b"before")

    def stop(gone: int) -> None:
        if gone > 2**20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(bucket, bytes(20 * 2**20), stop)
    assert client.get_object(Bucket=bucket.bucket, Key="in/shop/fr.csv")["Body"].read() == b"before"


def test_a_cut_connection_may_be_tried_again_and_leaves_what_was_there(client, bucket, server):
    put(bucket, b"before")
    with cutting(urlsplit(server).port, after=3 * 2**20) as port:
        destination = a_bucket(f"http://127.0.0.1:{port}", bucket=bucket.bucket)
        with pytest.raises(TemporaryFailure, match="cannot be reached"):
            put(destination, bytes(12 * 2**20))
    assert client.get_object(Bucket=bucket.bucket, Key="in/shop/fr.csv")["Body"].read() == b"before"


def test_a_bucket_that_is_not_there_needs_a_person(server):
    with pytest.raises(
        PermanentFailure, match=r"the bucket `attic` at http.* does not exist; make it, or correct `buc"
    ):
        put(a_bucket(server, bucket="attic"), b"x")


def test_wrong_credentials_need_a_person(bucket):
    def checking_keys(after: int) -> None:
        httpx.post(f"{bucket.endpoint}/moto-api/reset-auth", content=str(after).encode()).raise_for_status()

    checking_keys(0)
    try:
        with pytest.raises(PermanentFailure, match=r"refuses `in/shop/fr.csv`.*check its rights"):
            put(bucket, b"x", environment={"FEED_KEY": "AKIAWRONG", "FEED_SECRET": "wrong"})
    finally:
        checking_keys(2**31)


def test_a_variable_that_is_not_set_is_named(bucket):
    with pytest.raises(PermanentFailure, match="the variable FEED_KEY is not set"):
        put(bucket, b"x", environment={})
