"""How a publication reaches a destination: one module a transport. A library is imported when it is used."""

from collections.abc import Callable
from typing import Any

from pim.base.clock import Clock, now
from pim.delivery.transports.contract import Environment, Opened
from pim.exports.destinations import (
    AnyDestination,
    Destination,
    FolderDestination,
    HttpDestination,
    S3Destination,
    SftpDestination,
)


def open_transport(destination: AnyDestination, environment: Environment, clock: Clock = now) -> Opened:
    """`environment` holds the secrets by the names that the definition gives."""
    return TRANSPORTS[type(destination)](destination, environment, clock)


def _folder(destination: Any, environment: Environment, clock: Clock) -> Opened:
    from pim.delivery.transports.folder import open_folder

    return open_folder(destination)


def _s3(destination: Any, environment: Environment, clock: Clock) -> Opened:
    from pim.delivery.transports.s3 import open_bucket

    return open_bucket(destination, environment)


def _sftp(destination: Any, environment: Environment, clock: Clock) -> Opened:
    from pim.delivery.transports.sftp import open_sftp

    return open_sftp(destination, environment)


def _http(destination: Any, environment: Environment, clock: Clock) -> Opened:
    from pim.delivery.transports.http import open_http

    return open_http(destination, environment, clock)


TRANSPORTS: dict[type[Destination], Callable[[Any, Environment, Clock], Opened]] = {
    FolderDestination: _folder,
    S3Destination: _s3,
    SftpDestination: _sftp,
    HttpDestination: _http,
}
