"""Reports fetched from where feeds are delivered: folders, buckets and servers that the other side writes them
into."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from pim.base.clock import Clock, now
from pim.base.errors import PermanentFailure, PimError, TemporaryFailure
from pim.base.installation import Installation
from pim.delivery.destinations import destination_called
from pim.delivery.feedback import store
from pim.delivery.feedback.take_report import take_report
from pim.delivery.transports.contract import secret
from pim.exports.destinations import AnyDestination, FolderDestination, S3Destination, SftpDestination
from pim.exports.feedback import Polled as Place
from pim.exports.load import load_definition
from pim.syndication.run_export import export_names

LARGEST = 256 * 2**20  # bytes

_CREDENTIALS = "name `access_key` and `secret_key`, or give the workers a profile"


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one report; `problem` says why it was not taken in."""

    export: str
    name: str
    counts: dict[str, int] = {}
    problem: str | None = None


class Waiting(NamedTuple):
    """A report that lies there. `version` is another one when its content is."""

    name: str
    version: str
    size: int
    read: Callable[[], bytes]


def poll_reports(
    here: Installation, *, environment: Mapping[str, str] = os.environ, clock: Clock = now
) -> list[Polled]:
    """Takes in what is new, of every export that says where its reports lie. A bad report, or a destination that is
    away, stops no other; a bad report is told once."""
    polled: list[Polled] = []
    for export in export_names(here.settings):
        try:
            definition = load_definition(here.settings.exports_folder / export)
            place = definition.feedback.poll if definition.feedback else None
            if place is not None:
                destination = destination_called(definition, place.destination)
                reports = _lying_there(destination, place, environment)
                polled += _taken(here, export, destination.name, reports, clock)
        except PimError as error:
            polled.append(Polled(export=export, name="", problem=str(error)))
    return polled


def _taken(
    here: Installation, export: str, destination: str, reports: Iterator[Waiting], clock: Clock
) -> Iterator[Polled]:
    for report in reports:
        with here.database.session() as session:
            if store.was_polled(session, export, report.name, report.version):
                continue
        problem = None
        try:
            if report.size > LARGEST:
                raise PermanentFailure(f"it has {report.size:,} bytes; at most {LARGEST:,} are taken in")
            taken = take_report(here, export, report.read(), name=report.name, by=destination, at=clock())
            yield Polled(export=export, name=report.name, counts=taken.report.counts)
        except TemporaryFailure:
            raise
        except PimError as error:
            problem = str(error)
            yield Polled(export=export, name=report.name, problem=problem)
        with here.database.session() as session:
            store.note_polled(session, export, report.name, report.version, clock(), problem)


def _lying_there(destination: AnyDestination, place: Place, environment: Mapping[str, str]) -> Iterator[Waiting]:
    """In the order of their names."""
    if isinstance(destination, FolderDestination):
        return _in_folder(Path(destination.path), place.files)
    if isinstance(destination, S3Destination):
        return _in_bucket(destination, place.files, environment)
    if isinstance(destination, SftpDestination):
        return _on_server(destination, place.files, environment)
    raise PermanentFailure(
        f"nothing can be polled from destination `{destination.name}`, an address that only takes files; "
        "hand reports in with pim feedback add, or over HTTP"
    )


def _in_folder(folder: Path, pattern: str) -> Iterator[Waiting]:
    if not folder.is_dir():
        raise TemporaryFailure(f"the folder {folder} is not there; make it, or mount what it is on")
    for path in sorted(folder.glob(pattern)):
        if path.is_file() and not path.name.startswith("."):
            stat = path.stat()
            yield Waiting(
                path.relative_to(folder).as_posix(), f"{stat.st_mtime_ns}-{stat.st_size}", stat.st_size, path.read_bytes
            )


def _in_bucket(destination: S3Destination, pattern: str, environment: Mapping[str, str]) -> Iterator[Waiting]:
    from pim.base.s3_client import connect, s3_errors

    bucket, where = destination.bucket, f"the bucket `{destination.bucket}` at {destination.endpoint or 'Amazon S3'}"
    keys = [secret(environment, name) for name in (destination.access_key, destination.secret_key) if name]
    prefix = f"{destination.prefix}/" if destination.prefix else ""
    with closing(connect(destination.endpoint, destination.region, *keys)) as client:

        def read(key: str) -> bytes:
            with s3_errors(where, key, "`bucket`", _CREDENTIALS):
                content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return content

        with s3_errors(where, prefix, "`bucket`", _CREDENTIALS):
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            found = [one for page in pages for one in page.get("Contents", ())]
        for one in found:
            name = str(one["Key"])[len(prefix) :]
            if fnmatchcase(name, pattern):
                yield Waiting(name, str(one["ETag"]), int(one["Size"]), partial(read, one["Key"]))


def _on_server(destination: SftpDestination, pattern: str, environment: Mapping[str, str]) -> Iterator[Waiting]:
    from pim.delivery.transports.sftp import open_sftp

    with open_sftp(destination, environment) as server:
        for one in server.found(pattern):
            yield Waiting(one.name, one.version, one.bytes, partial(server.read, one.name))
