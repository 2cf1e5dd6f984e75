"""Beside a server: what is committed, by whomever, is indexed right away."""

import asyncio
import logging

from pim.base.errors import TemporaryFailure
from pim.base.notifications import Notifications
from pim.search.followed_index import FollowedIndex
from pim.versioning.store import REVISIONS

_AT_LEAST_EVERY = 30.0
"""Seconds after which the log is looked at without a nudge."""
_AGAIN = 5.0

log = logging.getLogger("pim.search")


async def follow(index: FollowedIndex, notifications: Notifications) -> None:
    """Until it is cancelled or the program ends."""
    while True:
        try:
            async with notifications.subscribe(REVISIONS, "search index") as subscription:
                while not subscription.over:
                    index.catch_up()
                    await subscription.wait(_AT_LEAST_EVERY)
                return
        except TemporaryFailure as error:
            log.warning("the search index is not followed for a moment: %s", error)
            await asyncio.sleep(_AGAIN)
