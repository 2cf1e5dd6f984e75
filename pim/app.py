"""The web application: wires rooms together, decides nothing."""

import asyncio
import errno
import os
import socket
from collections.abc import Mapping

import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from pim.access.rate_limit import RateLimit
from pim.api import health
from pim.api.feed_changes import pull_feed_changes
from pim.api.feeds import list_feeds, pull_feed
from pim.api.index import list_routes, system_information
from pim.api.media import get_media
from pim.api.metrics import RequestMetrics, new_registry
from pim.api.oauth import grant_token
from pim.api.openapi import pages as documentation
from pim.api.problems import HANDLERS
from pim.api.rest import CATALOGUE
from pim.api.watched import Watched
from pim.base.database import Database, open_database
from pim.base.errors import ConfigurationError
from pim.base.garbage import rare_collections
from pim.base.jobs.store import JOBS
from pim.base.logs import set_up_logging
from pim.base.notifications import Notifications
from pim.base.object_storage import ObjectStorage, open_storage
from pim.base.settings import Settings, read_settings
from pim.search.followed_index import FollowedIndex
from pim.search.follower import follow
from pim.versioning.store import REVISIONS

ROUTES: list[ControllerRouterHandler] = [
    list_feeds,
    pull_feed,
    pull_feed_changes,
    get_media,
    list_routes,
    system_information,
    grant_token,
    CATALOGUE,
    *documentation.ROUTES,
    *health.ROUTES,
]


def create_app(
    settings: Settings, database: Database, storage: ObjectStorage, environment: Mapping[str, str] = os.environ
) -> Litestar:
    """Whoever opened `database` closes it. `environment` holds the feeds' secrets by the names definitions give."""
    registry = new_registry(database)
    state = State(
        {
            "settings": settings,
            "database": database,
            "storage": storage,
            "environment": environment,
            "rate_limit": RateLimit(settings.rate_limit, burst=10 * settings.rate_limit),
            "notifications": Notifications(database.url, [REVISIONS, JOBS]),
            "registry": registry,
            "search": FollowedIndex(database, settings),
            "sign_in_limit": RateLimit(1 / 6, burst=10),
        }
    )
    made = Litestar(ROUTES, state=state, exception_handlers=HANDLERS, openapi_config=None, logging_config=None)
    made.asgi_handler = Watched(made.asgi_handler, RequestMetrics(registry))  # around all, unknown addresses too
    return made


def app() -> Litestar:
    """For servers that import an application themselves: `uvicorn --factory pim.app:app`."""
    settings = read_settings()
    set_up_logging(settings.log)
    database = open_database(settings)
    made = create_app(settings, database, open_storage(settings))
    made.on_shutdown.append(database.close)
    follow_searches(made)
    return made


def follow_searches(application: Litestar) -> None:
    """While it serves, what is committed is indexed right away; else only what somebody searches for brings it on."""
    running: list[asyncio.Task[None]] = []

    async def begin() -> None:
        state = application.state
        running.append(asyncio.create_task(follow(state.search, state.notifications)))

    async def end() -> None:
        for task in running:
            task.cancel()

    application.on_startup.append(begin)
    application.on_shutdown.append(end)


def bind(settings: Settings) -> socket.socket:
    """The socket to serve on, listening. Raises ConfigurationError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # unnamed, asyncio leaves Nagle's wait on
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
        bound.listen(2048)  # who comes before the application is ready waits, and is answered
    except OSError as error:
        bound.close()
        place = f"{settings.host}:{settings.port}"
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ConfigurationError(f"{place} {why}; set PIM_PORT (and PIM_HOST) to another") from error
    return bound


class Server(uvicorn.Server):
    """Ends those answers that wait for something to happen before it waits for all answers to end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application = self.config.app
        if isinstance(application, Litestar):
            application.state.notifications.close()
        await super().shutdown(sockets)


def run_server(application: Litestar, bound: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM. Requests are bulk work too: a batch makes a hundred documents and drops them."""
    with rare_collections():
        Server(uvicorn.Config(application, log_config=None, access_log=False)).run(sockets=[bound])
