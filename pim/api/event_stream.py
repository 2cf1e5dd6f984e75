"""Telling a client what happens as it happens: by an answer that waits, or by a stream of server-sent events.

Nobody holds a thread or a transaction while waiting: one connection hears for all (`base/notifications.py`), and
whoever is nudged looks once.
"""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from anyio import create_task_group, sleep, to_thread
from litestar import Request
from litestar.response import ServerSentEvent, ServerSentEventMessage

from pim.base.notifications import Notifications, Subscription

EVENTS = "/events"
"""How the address of a stream ends."""

LONGEST = 300.0
"""Seconds after which a stream ends. The client comes again by itself, from its place, and shows its token anew."""

HEARTBEAT = 15.0
"""Seconds of silence after which a comment says that the line is alive."""

GATHERING = 0.1
"""Seconds between two looks: what comes many times a second is told together."""

RETRY = 1000  # milliseconds

Look = Callable[[], tuple[list[ServerSentEventMessage], bool]]
"""What there is to tell since the last look, and whether that was all that will ever be. Called in a thread."""

AnyRequest = Request[Any, Any, Any]


def event_stream(notifications: Notifications, channel: str, of: str, look: Look) -> ServerSentEvent:
    """Looks now and after each nudge on `channel`. Raises TemporaryFailure when too many wait already; what else can be
    wrong with a request is for the caller to find out before."""
    notifications.require_room(of)
    return ServerSentEvent(_messages(notifications, channel, of, look))


async def _messages(
    notifications: Notifications, channel: str, of: str, look: Look
) -> AsyncIterator[ServerSentEventMessage]:
    until = time.monotonic() + LONGEST
    yield ServerSentEventMessage(data=None, retry=RETRY)
    async with notifications.subscribe(channel, of) as subscription:
        over = False
        while not over and not subscription.over and time.monotonic() < until:
            messages, over = await to_thread.run_sync(look)
            for message in messages:
                yield message
            if not over and not messages:
                async for comment in _silence(subscription, until):
                    yield comment
                await sleep(GATHERING)


async def _silence(subscription: Subscription, until: float) -> AsyncIterator[ServerSentEventMessage]:
    """Comments until the next nudge."""
    while (left := until - time.monotonic()) > 0 and not await subscription.wait(min(HEARTBEAT, left)):
        yield ServerSentEventMessage(data=None, comment="nothing new")


async def wait_for_nudge(request: AnyRequest, subscription: Subscription, seconds: float) -> bool:
    """Whether it is worth looking again; False when the time is up, or the client has gone away."""
    nudged = False

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        group.start_soon(gone)
        nudged = await subscription.wait(seconds)
        group.cancel_scope.cancel()
    return nudged and not subscription.over
