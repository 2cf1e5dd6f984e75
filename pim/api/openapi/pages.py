"""Where the OpenAPI document is, and the page that shows it. The page asks no other server for anything."""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON
from pim.api.etags import is_known
from pim.api.openapi.answers import UNCHANGED, sends_tagged
from pim.api.openapi.document import openapi_document
from pim.api.openapi.operation import Operation
from pim.api.openapi.parameters import IF_NONE_MATCH
from pim.api.openapi.wording import ABOUT
from pim.base.errors import NotFound, known
from pim.base.settings import Settings

DOCUMENT = "/api/openapi.json"
PAGE = "/api/docs"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline: what a document says can never become a script."""

GET_DOCUMENT = Operation(
    id="getOpenApiDocument",
    tag=ABOUT,
    summary="Get this document",
    description=f"OpenAPI 3.1. `{PAGE}` shows it as a page.",
    parameters=[IF_NONE_MATCH],
    answers={200: sends_tagged({"type": "object"}, "The OpenAPI document"), 304: UNCHANGED},
    security=[],
)


@get(DOCUMENT, sync_to_thread=True, operation=GET_DOCUMENT)
def get_document(request: Request[Any, Any, Any], state: State) -> Response[Any]:
    settings: Settings = state.settings
    if "openapi" not in state:
        state["openapi"] = msgspec.json.encode(openapi_document(request.app, settings.public_url))
    return _tagged(request, state["openapi"], JSON)


@get(PAGE, sync_to_thread=True, include_in_schema=False)
def show_page(request: Request[Any, Any, Any]) -> Response[Any]:
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return _tagged(request, _files()["index.html"], "text/html", headers)


@get(PAGE + "/{file:str}", sync_to_thread=True, include_in_schema=False)
def get_page_file(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[Any]:
    if file not in _files():
        raise NotFound(f"the documentation has no file `{file}`; {known(_files())}")
    return _tagged(request, _files()[file], guess_type(file)[0] or "text/plain")


@cache
def _files() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (Path(__file__).parent / "page").iterdir()}


def _tagged(
    request: Request[Any, Any, Any], body: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Response[Any]:
    told = {"ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"', "Cache-Control": "no-cache", **(headers or {})}
    if is_known(request.headers, told["ETag"]):
        return Response(None, status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


ROUTES: list[ControllerRouterHandler] = [get_document, show_page, get_page_file]
