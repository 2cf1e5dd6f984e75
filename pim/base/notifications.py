"""What PostgreSQL tells as it happens (LISTEN/NOTIFY): one connection a process, however many are waiting.

A notification is a nudge to look again, never the news itself: some come too often, and while the connection was away
some did not come at all. So whoever waits looks first, and is nudged once when the connection is back.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy import text
from sqlmodel import Session

from pim.base.errors import TemporaryFailure

MOST = 1000
MOST_OF_ONE = 20
"""How many may wait in one process, and how many of them for the same user."""

_PATIENCE = 5.0
_AGAIN = 1.0
"""Seconds for which somebody waits for the connection, and before it is tried again."""

log = logging.getLogger("pim.notifications")


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Nudges whoever listens, everywhere, once the caller's transaction is committed."""
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


class Subscription:
    """One who waits. `over` says that the program ends and nothing will come any more."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.over = False
        self._nudged = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Whether there was a nudge since the last one that was waited for; False when the time is up."""
        try:
            async with asyncio.timeout(seconds):
                await self._nudged.wait()
        except TimeoutError:
            return False
        self._nudged.clear()
        return True

    def nudge(self) -> None:
        self._nudged.set()


class Notifications:
    """Belongs to one event loop. Connects when the first subscriber comes."""

    def __init__(self, url: str, channels: Sequence[str]) -> None:
        self._url, self._channels = url, channels
        self._subscriptions: dict[Subscription, str] = {}
        self._listening: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._over = False

    def require_room(self, of: str) -> None:
        """Raises TemporaryFailure when too many wait already."""
        counts = Counter(self._subscriptions.values())
        if counts[of] >= MOST_OF_ONE:
            raise TemporaryFailure(f"`{of}` waits {MOST_OF_ONE} times already; end some, or ask without waiting")
        if counts.total() >= MOST:
            raise TemporaryFailure("too many are waiting here already; ask without waiting, or again in a moment")

    @asynccontextmanager
    async def subscribe(self, channel: str, of: str) -> AsyncIterator[Subscription]:
        """From the first line of the block on no nudge is missed. `of` is whose it is. Raises TemporaryFailure when too
        many wait already, or the database is away."""
        if channel not in self._channels:
            raise ValueError(f"nobody listens to {channel}")
        self.require_room(of)
        subscription = Subscription(channel)
        subscription.over = self._over
        self._subscriptions[subscription] = of
        try:
            await self._connect()
            yield subscription
        finally:
            del self._subscriptions[subscription]

    def close(self) -> None:
        """Everybody who waits is told that it is over."""
        self._over = True
        if self._listening:
            self._listening.cancel()
        for subscription in self._subscriptions:
            subscription.over = True
            subscription.nudge()

    async def _connect(self) -> None:
        if self._over:
            return
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._connected.wait()
        except TimeoutError:
            raise TemporaryFailure("the database is away; try again in a moment") from None

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except psycopg.OperationalError as error:
                log.warning("the connection that hears notifications has ended: %s", error)
            self._connected.clear()
            await asyncio.sleep(_AGAIN)

    async def _hear(self) -> None:
        """Until the connection breaks."""
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=10, application_name="pim notifications",
            keepalives_idle=30, keepalives_interval=10, keepalives_count=3,
        )  # fmt: skip
        async with connection:
            for channel in self._channels:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
            self._connected.set()
            self._nudge(*self._channels)
            async for notification in connection.notifies():
                self._nudge(notification.channel)

    def _nudge(self, *channels: str) -> None:
        for subscription in self._subscriptions:
            if subscription.channel in channels:
                subscription.nudge()
