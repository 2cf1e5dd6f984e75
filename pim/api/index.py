"""What anybody may ask without a token: which routes there are, and what answers."""

import re
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from pim import __version__
from pim.base.settings import Settings

PREFIX = "/api/rest/v1/"

DIALECT = "7.0.0"
"""The version of the dialect's documentation that we follow: clients choose their behaviour by it."""


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
    found = {}
    for route in sorted(app.routes, key=lambda route: route.path_format):
        if isinstance(route, HTTPRoute) and route.path_format.startswith(PREFIX):
            name = "_".join(re.findall(r"\w+", route.path_format.removeprefix(PREFIX)))
            found[f"pim_api_{name}"] = {"route": route.path_format, "methods": sorted(set(route.methods) - {"OPTIONS"})}
    return found
