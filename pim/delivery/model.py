"""What a delivery is made of, and when it is tried again."""

from random import Random
from typing import Literal

import msgspec

WAITING, SENDING, DELIVERED, FAILED, SUPERSEDED = "waiting", "sending", "delivered", "failed", "superseded"
STATES = (WAITING, SENDING, DELIVERED, FAILED, SUPERSEDED)
UNFINISHED = (WAITING, SENDING)

TRY_AGAIN, INTERRUPTED = "try_again", "interrupted"
"""Outcomes of an attempt beside DELIVERED and FAILED."""

FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 30.0, 3600.0, 86400.0
"""Seconds: the wait doubles from the first to the longest; others may ask for more with Retry-After, up to a day."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file that is sent: under `key` in object storage, published as `name`."""

    key: str
    name: str
    bytes: int
    sha256: str
    locale: str | None = None
    items: int = 0


class ParcelPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file as it will be called there. Of `checksum` and `manifest` the content follows from what went before.
    `bytes` and `sha256` are of what has arrived."""

    name: str
    what: Literal["file", "checksum", "manifest"] = "file"
    media_type: str = "application/octet-stream"
    pack: Literal["gzip", "zip"] | None = None
    sources: list[Source] = []
    bytes: int | None = None
    sha256: str | None = None


def seconds_to_wait(attempt: int, asked: float | None, random: Random) -> float:
    """After the attempt of this number (the first is 1): doubled each time, less up to half by chance, so that many who
    failed together do not come back together. Never sooner than the other side `asked`."""
    backoff = min(FIRST_WAIT * 2.0 ** min(attempt - 1, 20), LONGEST_WAIT)
    waited = backoff * (0.5 + random.random() / 2)
    return max(waited, min(asked or 0.0, LONGEST_ASKED))
