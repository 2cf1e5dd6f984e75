"""Files of reference entities, records and assets: kept first, under a code that a document may name afterwards."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler

from pim.access.permissions import check_may, permission_to_edit
from pim.api.identity import signed_in
from pim.api.media_files import LARGEST_UPLOAD, answer_bytes
from pim.api.media_words import file_operations
from pim.api.paging import address
from pim.api.uploads import copy_part, file_part
from pim.base.clock import now
from pim.base.database import Database
from pim.catalog.media import store_media
from pim.catalog.model import Document, Entity, OwnedAttribute

AnyRequest = Request[Any, Any, Any]

PATHS = {"reference_entity": "/reference-entities-media-files", "asset_family": "/asset-media-files"}
"""Kind of owner → where its files are."""
CODE_HEADERS = {"reference_entity": "Reference-entities-media-file-code", "asset_family": "Asset-media-file-code"}
"""In which the code of a new file comes back."""


def routes_of(owner_kind: str) -> list[ControllerRouterHandler]:
    """Upload and download."""
    path = PATHS[owner_kind]
    told = file_operations(path, owner_kind, CODE_HEADERS[owner_kind])

    @post(path, request_max_body_size=LARGEST_UPLOAD, operation=told[0])
    async def upload(request: AnyRequest, state: State) -> Response[Any]:
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise HTTPException("send `Content-Type: multipart/form-data` with the part `file`", status_code=415)
        part = file_part(await request.form())
        return await to_thread.run_sync(_keep, request, state, owner_kind, part)

    @get(path + "/{code:path}", sync_to_thread=True, operation=told[1])
    def download(request: AnyRequest, state: State) -> ASGIApp:
        signed_in(request)
        return answer_bytes(request, state, str(request.path_params["code"]).lstrip("/"))

    return [upload, download]


ROUTES: list[ControllerRouterHandler] = [route for kind in PATHS for route in routes_of(kind)]


def _keep(request: AnyRequest, state: State, owner_kind: str, part: UploadFile) -> Response[Any]:
    check_may(signed_in(request), permission_to_edit("media_file"))
    database: Database = state.database
    with NamedTemporaryFile() as file, database.session() as session:
        copy_part(part, Path(file.name))
        media = store_media(session, state.storage, Path(file.name), part.filename, now())
    location = address(request, PATHS[owner_kind], media.code)
    headers = {"Location": location, CODE_HEADERS[owner_kind]: media.code}
    return Response(b"", status_code=201, headers=headers)


def links_of(request: AnyRequest, entity: Entity) -> Document:
    """Where the image of a reference entity can be had."""
    image = entity.document.get("image") if entity.kind == "reference_entity" else None
    return {"image_download": {"href": address(request, PATHS["reference_entity"], image)}} if image else {}


def link_to(request: AnyRequest, attribute: OwnedAttribute, data: Any) -> Document:
    """Where the file, or what the media link leads to, can be had."""
    if attribute.prefix is not None:
        href = f"{attribute.prefix}{data}{attribute.suffix or ''}"
    else:
        href = address(request, PATHS[attribute.owner_kind], data)
    return {"download": {"href": href}}
