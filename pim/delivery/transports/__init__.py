"""How a publication reaches a destination: one module a transport."""

from collections.abc import Callable
from typing import Any

from pim.delivery.transports.contract import Environment, Opened
from pim.delivery.transports.folder import open_folder
from pim.delivery.transports.s3 import open_bucket
from pim.exports.destinations import AnyDestination, Destination, FolderDestination, S3Destination

TRANSPORTS: dict[type[Destination], Callable[[Any, Environment], Opened]] = {
    FolderDestination: open_folder,
    S3Destination: open_bucket,
}


def open_transport(destination: AnyDestination, environment: Environment) -> Opened:
    """`environment` holds the secrets by the names that the definition gives."""
    return TRANSPORTS[type(destination)](destination, environment)
