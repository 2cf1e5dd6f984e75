"""What anybody may ask without a token: which routes there are, and what answers."""

import re
from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from pim import __version__
from pim.base.settings import Settings

PREFIX = "/api/rest/v1/"

DIALECT = "7.0.0"
"""The version of the dialect's documentation that we follow: clients choose their behaviour by it."""


BELOW = "below"
"""Option of a handler whose path ends in a name that may hold slashes: what can stand behind that name."""


@get("/api/rest/v1", sync_to_thread=False)
def list_routes(request: Request[Any, Any, Any], state: State) -> dict[str, Any]:
    """Read from the application itself, so it cannot be wrong."""
    settings: Settings = state.settings
    token = {"fos_oauth_server_token": {"route": "/api/oauth/v1/token", "methods": ["POST"]}}
    return {"host": settings.public_url, "authentication": token, "routes": _routes(request.app)}


@get("/api/rest/v1/system-information", sync_to_thread=False)
def system_information() -> dict[str, str]:
    return {"version": DIALECT, "edition": "pim", "program_version": __version__}


def _routes(app: Litestar) -> dict[str, dict[str, Any]]:
    """One entry a path, in their order: `pim_api_families_code` is `/api/rest/v1/families/{code}`."""
    paths = {path: methods for route in app.routes if isinstance(route, HTTPRoute) for path, methods in _paths(route)}
    return {
        "pim_api_" + "_".join(re.findall(r"\w+", path.removeprefix(PREFIX))): {"route": path, "methods": methods}
        for path, methods in sorted(paths.items())
        if path.startswith(PREFIX)
    }


def _paths(route: HTTPRoute) -> Iterator[tuple[str, list[str]]]:
    yield route.path_format, sorted(set(route.methods) - {"OPTIONS"})
    for handler in route.route_handlers:
        for ending in handler.opt.get(BELOW, ()):
            yield route.path_format + ending, ["GET"]
