"""Where reports lie: folders, buckets and servers that the other side writes them into, and addresses that it answers
with them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import httpx

from pim.base.clock import Clock
from pim.base.errors import InvalidInput, PermanentFailure, TemporaryFailure, Violation
from pim.delivery.http_answers import checked_answer, http_errors, without_secrets
from pim.delivery.transports.http import http_client
from pim.exports.destinations import AnyDestination, FolderDestination, HttpDestination, S3Destination, SftpDestination
from pim.exports.feedback import Polled as Place

LARGEST = 256 * 2**20  # bytes

_NOTHING_YET = (204, 404)


class Waiting(NamedTuple):
    """A report that lies there, to be read before the next one is asked for. `version` is another one when its content
    is. Reading raises InvalidInput when it is larger than LARGEST."""

    name: str
    version: str
    read: Callable[[], bytes]


def waiting_reports(
    destination: AnyDestination, place: Place, environment: Mapping[str, str], clock: Clock
) -> Iterator[Waiting]:
    """In the order of their names."""
    match destination:
        case FolderDestination():
            return _in_folder(Path(destination.path), place.files)
        case S3Destination():
            return _in_bucket(destination, place.files, environment)
        case SftpDestination():
            return _on_server(destination, place.files, environment)
        case HttpDestination():
            return _at_address(destination, place.url, environment, clock)


def _in_folder(folder: Path, pattern: str) -> Iterator[Waiting]:
    if not folder.is_dir():
        raise TemporaryFailure(f"the folder {folder} is not there; make it, or mount what it is on")
    for path in sorted(folder.glob(pattern)):
        if path.is_file() and not path.name.startswith("."):
            with suppress(FileNotFoundError):  # taken away this moment
                stat = path.stat()
                version = f"{stat.st_mtime_ns}-{stat.st_size}"
                yield Waiting(
                    path.relative_to(folder).as_posix(), version, _bounded(stat.st_size, partial(_read, path))
                )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PermanentFailure(f"{path} cannot be read: {error.strerror}; let the workers' user read it") from error


def _in_bucket(destination: S3Destination, pattern: str, environment: Mapping[str, str]) -> Iterator[Waiting]:
    from pim.delivery.transports.s3 import bucket_client, bucket_errors

    bucket, prefix = destination.bucket, f"{destination.prefix}/" if destination.prefix else ""
    with closing(bucket_client(destination, environment)) as client:

        def read(key: str) -> bytes:
            with bucket_errors(destination, key):
                content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return content

        with bucket_errors(destination, prefix):
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            found = [one for page in pages for one in page.get("Contents", ())]
        for one in found:
            name = str(one["Key"])[len(prefix) :]
            if fnmatchcase(name, pattern):
                yield Waiting(name, str(one["ETag"]), _bounded(int(one["Size"]), partial(read, one["Key"])))


def _on_server(destination: SftpDestination, pattern: str, environment: Mapping[str, str]) -> Iterator[Waiting]:
    from pim.delivery.transports.sftp import open_sftp

    with open_sftp(destination, environment) as server:
        for one in server.found(pattern):
            yield Waiting(one.name, one.version, _bounded(one.bytes, partial(server.read, one.name)))


def _at_address(
    destination: HttpDestination, url: str, environment: Mapping[str, str], clock: Clock
) -> Iterator[Waiting]:
    """What the address answers with; its version is its ETag, else the digest of what it says."""
    parts = urlsplit(url)
    name, where = unquote(PurePosixPath(parts.path).name) or parts.netloc, f"GET {without_secrets(url)}"
    as_it_is = {"Accept-Encoding": "identity"}  # of several gzip members httpx would unpack the first
    with (
        http_client(destination, environment) as client,
        http_errors(where),
        client.stream("GET", url, headers=as_it_is) as answer,
    ):
        if answer.status_code in _NOTHING_YET:
            return
        if not answer.is_success:
            checked_answer(where, answer, clock())
        if etag := answer.headers.get("etag"):
            yield Waiting(name, etag, lambda: _body(where, answer))
        else:
            body = _body(where, answer)
            yield Waiting(name, hashlib.sha256(body).hexdigest(), lambda: body)


def _body(where: str, answer: httpx.Response) -> bytes:
    body = bytearray()
    with http_errors(where):
        for chunk in answer.iter_bytes():
            body += chunk
            _require_small(len(body))
    return bytes(body)


def _bounded(size: int, read: Callable[[], bytes]) -> Callable[[], bytes]:
    def read_what_is_small() -> bytes:
        _require_small(size)
        return read()

    return read_what_is_small


def _require_small(size: int) -> None:
    if size > LARGEST:
        message = f"the report has {size:,} bytes or more; at most {LARGEST:,} are taken in"
        raise InvalidInput([Violation("report", "too_large", message)])
