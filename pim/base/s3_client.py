"""Speaking S3: a client for Amazon or for anything that speaks like it, and what its refusals mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from pim.base.errors import ConfigurationError, NotFound, PermanentFailure, TemporaryFailure

_MISSING = {"NoSuchKey", "404", "NotFound"}
_PASSING = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling", "ThrottlingException"}


class NothingThere(Exception):
    """The range lies behind the end."""


def connect(endpoint: str | None, region: str | None, *keys: str) -> Any:
    """A boto3 client (0.6 s to import). `keys` are an access key and its
    secret; without them the usual AWS environment holds."""
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",  # clones know no newer checksums
        response_checksum_validation="when_required",
        retries={"mode": "standard", "max_attempts": 3},
        connect_timeout=10,
        read_timeout=60,
    )
    session = boto3.Session(*keys)  # of our own: the module's default one is not safe between threads
    region = region or session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=endpoint, region_name=region, config=config)


class LeftOpen:
    """What boto3 may not close: the stream is the caller's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


@contextmanager
def s3_errors(where: str, key: str, setting: str, credentials: str) -> Iterator[None]:
    """Foreign errors about `key` in `where` as ours. `setting` says where the bucket is named, `credentials` what to
    set."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    try:
        yield
    except ClientError as error:
        raise _explained(where, key, setting, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ConfigurationError(f"{where} wants credentials: {credentials}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise TemporaryFailure(f"{where} cannot be reached: {error}") from error


def _explained(where: str, key: str, setting: str, error: Any) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "NoSuchBucket":
        return PermanentFailure(f"{where} does not exist; make it, or correct {setting}")
    if code in _MISSING:
        return NotFound(f"there is no `{key}` in {where}")
    if code == "InvalidRange":
        return NothingThere()
    if code in _PASSING or status >= 500 or status == 429:
        return TemporaryFailure(f"{where} cannot serve `{key}` now ({code or status}); try again")
    return PermanentFailure(f"{where} refuses `{key}`: {error}; check its rights and the AWS secrets")
