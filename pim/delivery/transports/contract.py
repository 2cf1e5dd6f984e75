"""What a transport is: something that is opened for one destination, and takes parcels one after another.

Nobody ever finds a part of a file under its name. What may pass raises TemporaryFailure, what only a person can mend
PermanentFailure; both name the destination's side in words that a person can act on.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from pim.base.errors import PermanentFailure
from pim.delivery.parcel import Parcel

Told = Callable[[int], None]
"""How many bytes of the parcel have gone; called between chunks. May raise to stop there."""

Environment = Mapping[str, str]


class FoundFile(NamedTuple):
    """What others have left at a destination. `version` is another one when its content is."""

    name: str
    version: str
    bytes: int


class Transport(Protocol):
    def put(self, parcel: Parcel, told: Told) -> str:
        """Sends it, or replaces what has its name there. What the other side answered, in a few words."""


Opened = AbstractContextManager[Transport]


def secret(environment: Environment, variable: str) -> str:
    """Raises PermanentFailure naming the variable when it is not set."""
    value = environment.get(variable, "")
    if not value:
        raise PermanentFailure(f"the variable {variable} is not set; set it where the workers run, then resume")
    return value
