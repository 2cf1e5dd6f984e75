"""What anybody may ask without a token: which routes there are, and what answers."""

import re
from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from pim import __version__
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Operation
from pim.api.openapi.shapes import ADDRESS, a_list, an_object
from pim.api.openapi.wording import ABOUT
from pim.base.settings import Settings

PREFIX = "/api/rest/v1/"

DIALECT = "7.0.0"
"""The version of the dialect's documentation that we follow: clients choose their behaviour by it."""

_ROUTES = {
    "type": "object",
    "additionalProperties": an_object({"route": TEXT, "methods": a_list(TEXT)}),
}

BELOW = "below"
"""Option of a handler whose path ends in a name that may hold slashes: what can stand behind that name."""

LIST_ROUTES = Operation(
    id="listRoutes",
    tag=ABOUT,
    summary="List the routes",
    answers={200: sends(
        an_object({"host": ADDRESS, "authentication": _ROUTES, "routes": _ROUTES}), "Every address with its methods"
    )},
    security=[],
)  # fmt: skip


@get("/api/rest/v1", sync_to_thread=False, operation=LIST_ROUTES)
def list_routes(request: Request[Any, Any, Any], state: State) -> dict[str, Any]:
    """Read from the application itself, so it cannot be wrong."""
    settings: Settings = state.settings
    token = {"fos_oauth_server_token": {"route": "/api/oauth/v1/token", "methods": ["POST"]}}
    return {"host": settings.public_url, "authentication": token, "routes": _routes(request.app)}


SYSTEM_INFORMATION = Operation(
    id="getSystemInformation",
    tag=ABOUT,
    summary="Say what answers",
    answers={200: sends(
        an_object({"version": {**TEXT, "description": "Of the dialect, by which clients choose their behaviour"},
                   "edition": TEXT, "program_version": TEXT}),
        "The versions of the dialect and of the program",
    )},
    security=[],
)  # fmt: skip


@get("/api/rest/v1/system-information", sync_to_thread=False, operation=SYSTEM_INFORMATION)
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
