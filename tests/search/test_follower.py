"""Beside a server nobody has to ask: the index comes to what is committed."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pim.base.errors import TemporaryFailure
from pim.base.notifications import Notifications
from pim.search import follower
from pim.search.index_home import IndexHome
from pim.versioning.store import REVISIONS, head_revision
from tests.makers import a_product, commit, given
from tests.search.conftest import Searching

LONG = 20.0
"""Seconds after which something has gone wrong."""


def while_following(searching: Searching, act: Callable[[Notifications], Awaitable[None]]) -> None:
    async def following() -> None:
        notifications = Notifications(searching.database.url, [REVISIONS])
        task = asyncio.create_task(follower.follow(searching.index, notifications))
        await act(notifications)
        notifications.close()
        await asyncio.wait_for(task, LONG)

    asyncio.run(following())


async def shown(searching: Searching) -> None:
    """Waits until the index on disk has come to the newest revision."""
    home = IndexHome(searching.settings.home)
    with searching.database.session() as session:
        revision = head_revision(session)
    async with asyncio.timeout(LONG):
        while (state := home.read()) is None or state.revision < revision:
            await asyncio.sleep(0.02)


def test_what_is_committed_is_indexed_before_anybody_asks(followed: Searching) -> None:
    given(followed.database, a_product("tent-1"))

    async def act(_: Notifications) -> None:
        await shown(followed)
        commit(followed.database, a_product("tent-2"))
        await shown(followed)

    while_following(followed, act)
    assert followed("tent-2") == ["tent-2"]


def test_a_database_that_was_away_is_followed_again(followed: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    given(followed.database, a_product("tent-1"))
    monkeypatch.setattr(follower, "_AGAIN", 0.01)
    subscribe, away = Notifications.subscribe, [TemporaryFailure("the database is away")]

    def subscribe_later(self: Notifications, channel: str, of: str) -> object:
        if away:
            raise away.pop()
        return subscribe(self, channel, of)

    monkeypatch.setattr(Notifications, "subscribe", subscribe_later)

    async def act(_: Notifications) -> None:
        await shown(followed)

    while_following(followed, act)
    assert away == []
