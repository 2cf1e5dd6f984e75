"""A server that speaks S3, and a bucket, which live as long as the test that asks for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

SECRETS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
"""Of whoever uses it; they have to stand in the environment."""


@contextmanager
def an_s3_server() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def a_bucket(name: str) -> Iterator[Any]:
    with an_s3_server() as address:
        yield boto3.resource("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket=name)


def address_of(bucket: Any) -> str:
    return str(bucket.meta.client.meta.endpoint_url)


def storage_url(bucket: Any, prefix: str) -> str:
    return f"s3://{bucket.name}/{prefix}?endpoint={address_of(bucket)}"
