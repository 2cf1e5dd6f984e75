"""A bucket of S3 that lives as long as the test that asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

SECRETS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
"""Of whoever uses it; they have to stand in the environment."""


@contextmanager
def a_bucket(name: str) -> Iterator[Any]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        s3 = boto3.resource("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
        yield s3.create_bucket(Bucket=name)
    finally:
        server.stop()


def storage_url(bucket: Any, prefix: str) -> str:
    return f"s3://{bucket.name}/{prefix}?endpoint={bucket.meta.client.meta.endpoint_url}"
