"""Catching up after changes of structure, as background work."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from pim.base.installation import Installation
from pim.base.jobs import QUICK, Progress, defer_job
from pim.versioning.derive import catch_up

CATCH_UP = "catch_up"


def defer_catch_up(session: Session, *, by: str) -> int:
    """For the transaction that changes structure. One that waits already will see this change too."""
    return defer_job(session, CATCH_UP, by=by, lock=CATCH_UP, queueing_lock=CATCH_UP, queue=QUICK)


def catch_up_job(installation: Installation, arguments: Mapping[str, Any], progress: Progress) -> Any:
    seen = catch_up(installation.database, lambda seen: progress(seen, None, "products and product models"))
    return {"seen": seen}
