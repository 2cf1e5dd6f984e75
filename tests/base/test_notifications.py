"""Being nudged by the database: after commits, after a lost connection, at the end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from pim.base.database import Database
from pim.base.errors import TemporaryFailure
from pim.base.notifications import MOST_OF_ONE, Notifications, Subscription, notify

LONG = 20.0
"""Seconds after which something has gone wrong."""


def while_subscribed(database: Database, act: Callable[[Subscription, Notifications], Awaitable[None]]) -> None:
    async def subscribed() -> None:
        notifications = Notifications(database.url, ["news", "other"])
        async with notifications.subscribe("news", "camille") as subscription:
            assert await subscription.wait(LONG)  # the connection has come
            await act(subscription, notifications)
        notifications.close()

    asyncio.run(subscribed())


def test_whoever_waits_is_nudged_by_a_commit(database: Database) -> None:
    async def act(subscription: Subscription, _: Notifications) -> None:
        with database.session() as session:
            notify(session, "other")
            notify(session, "news")
        assert await subscription.wait(LONG)
        assert not await subscription.wait(0)

    while_subscribed(database, act)


def test_a_lost_connection_comes_back_and_nudges_for_what_was_missed(database: Database) -> None:
    async def act(subscription: Subscription, _: Notifications) -> None:
        with database.session() as session:
            ours = "datname = current_database() AND application_name = 'pim notifications'"
            session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"))
        assert await subscription.wait(LONG)

    while_subscribed(database, act)


def test_at_the_end_nobody_goes_on_waiting(database: Database) -> None:
    async def act(subscription: Subscription, notifications: Notifications) -> None:
        notifications.close()
        assert await subscription.wait(LONG)
        assert subscription.over

    while_subscribed(database, act)


def test_one_user_cannot_take_all_the_room(database: Database) -> None:
    async def act(_: Subscription, notifications: Notifications) -> None:
        waiting = [notifications.subscribe("news", "camille") for _ in range(MOST_OF_ONE - 1)]
        for one in waiting:
            await one.__aenter__()
        with pytest.raises(TemporaryFailure, match="`camille` waits 20 times already"):
            notifications.require_room("camille")
        notifications.require_room("robin")
        for one in waiting:
            await one.__aexit__(None, None, None)
        notifications.require_room("camille")

    while_subscribed(database, act)
