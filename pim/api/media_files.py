"""Media files of products and product models: uploaded with the value that holds them, listed, told and downloaded."""

from functools import partial
from operator import attrgetter
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, ControllerRouterHandler
from sqlalchemy import select
from sqlmodel import col

from pim.access.model import User
from pim.api.bodies import JSON, as_object
from pim.api.dialect_errors import status_of_outcome, told_outcome
from pim.api.documents import instant
from pim.api.feeds import IMMUTABLE
from pim.api.identity import signed_in
from pim.api.index import BELOW
from pim.api.media_words import DOWNLOAD_FILE, GET, LIST, UPLOAD
from pim.api.paging import address, asked_page, parameters_of
from pim.api.problems import dialect_problem
from pim.api.product_models import PRODUCT_MODELS
from pim.api.products import BY_IDENTIFIER, BY_UUID
from pim.api.query_pages import answer_page, counted, found, sliced
from pim.api.representation import Representation
from pim.api.stored_file import answer
from pim.api.uploads import copy_part, file_part
from pim.api.writing import commit
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound, NotPermitted, Unreadable, Violation, known
from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.media import media_key, store_media
from pim.catalog.model import Document
from pim.catalog.structure import Structure
from pim.catalog.tables import MediaFileRow
from pim.versioning.model import Edit
from pim.versioning.store import current_structure

LARGEST_UPLOAD = 200 * 1024 * 1024
PATH = "/media-files"
DOWNLOAD = "/download"

AnyRequest = Request[Any, Any, Any]


@post(PATH, request_max_body_size=LARGEST_UPLOAD, operation=UPLOAD)
async def upload_media_file(request: AnyRequest, state: State) -> Response[Any]:
    """Keeps the file and sets the value in one transaction: a refused value keeps no file."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException("send `Content-Type: multipart/form-data` with `file` and `product`", status_code=415)
    form = await request.form()
    upload = file_part(form)
    holder = _holder({name: form.get(name) for name in ("product", "product_model")})
    user = await to_thread.run_sync(signed_in, request)
    return await to_thread.run_sync(_store, request, state, user, upload, holder)


def _holder(parts: dict[str, Any]) -> Document:
    """`{"product": {identifier or uuid, attribute, locale, scope}}`, or the same with product_model and code."""
    given = {name: part for name, part in parts.items() if part is not None}
    if len(given) != 1:
        message = "One of the parts `product` and `product_model` says, in JSON, which value the file is for"
        raise InvalidInput([Violation("product", "required", message)])
    ((name, part),) = given.items()
    try:
        written = as_object(part.encode()) if isinstance(part, str) else part
    except Unreadable as error:
        raise Unreadable(f"part `{name}`: {error}") from error
    if not isinstance(written, dict):
        raise Unreadable(f"part `{name}` is not a JSON object")
    if not isinstance(written.get("attribute"), str):
        message = f"`{name}` needs `attribute`: the code of the image or file attribute"
        raise InvalidInput([Violation(f"{name}.attribute", "required", message)])
    return {name: written}


def _store(request: AnyRequest, state: State, user: User, upload: UploadFile, holder: Document) -> Response[Any]:
    database: Database = state.database
    with NamedTemporaryFile() as file, database.session() as session:
        _check_holds_media(current_structure(session), holder)
        copy_part(upload, Path(file.name))
        media = store_media(session, state.storage, Path(file.name), upload.filename, now())
        (outcome,) = commit(session, state, user, [_edit(holder, media.code)])
        if isinstance(outcome, NotPermitted) or outcome.refused:
            session.rollback()
    if isinstance(outcome, NotPermitted):
        raise outcome
    if outcome.refused:
        return dialect_problem(status_of_outcome(outcome), {}, **told_outcome(outcome))
    return Response(b"", status_code=201, headers={"Location": address(request, PATH, media.code)})


def _check_holds_media(structure: Structure, holder: Document) -> None:
    """What else is wrong with the place, the edit will say."""
    ((name, written),) = holder.items()
    attribute = structure.attributes.get(written["attribute"])
    if attribute is not None and attribute.type not in MEDIA_TYPES:
        media = known(code for code, one in structure.attributes.items() if one.type in MEDIA_TYPES)
        message = f"attribute `{attribute.code}` ({attribute.type}) holds no files; {media}"
        raise InvalidInput([Violation(f"{name}.attribute", "not_a_media_attribute", message)])


def _edit(holder: Document, media_code: str) -> Edit:
    ((name, written),) = holder.items()
    surface = PRODUCT_MODELS if name == "product_model" else BY_UUID if "uuid" in written else BY_IDENTIFIER
    value = {"locale": written.get("locale"), "scope": written.get("scope"), "data": media_code}
    named = surface.named(surface.required_name(written))
    patch = {"values": {written["attribute"]: [value]}}
    return Edit(named.kind, named.code, patch, uuid=named.uuid, must="exist")


@get(PATH, sync_to_thread=True, operation=LIST)
def list_media_files(request: AnyRequest, state: State) -> Response[bytes]:
    signed_in(request)
    asked = asked_page(parameters_of(request))
    database: Database = state.database
    with database.snapshot_session() as session:
        query = select(MediaFileRow).order_by(col(MediaFileRow.code))
        count = counted(session, query, asked)
        if asked.after is not None:
            query = query.where(col(MediaFileRow.code) > asked.after)
        page = found(list(session.execute(sliced(query, asked)).scalars()), asked, count)
    return answer_page(request, PATH, asked, page, partial(_item, request), attrgetter("code"))


@get(PATH + "/{code:path}", sync_to_thread=True, opt={BELOW: (DOWNLOAD,)}, operation=[GET, DOWNLOAD_FILE])
def get_media_file(request: AnyRequest, state: State) -> ASGIApp:
    """What is known of a file or, with `/download` behind its code, its bytes."""
    signed_in(request)
    code = str(request.path_params["code"]).lstrip("/")
    bare = code.removesuffix(DOWNLOAD)
    row = _row(state, bare)
    if bare == code:
        document = _item(request, row)
        document["_links"] = {"download": document["_links"]["download"]}
        return ASGIResponse(body=msgspec.json.encode(document), media_type=JSON)
    return _bytes(request, state, row)


def answer_bytes(request: AnyRequest, state: State, code: str) -> ASGIApp:
    """A stored file. Raises NotFound."""
    return _bytes(request, state, _row(state, code))


def _row(state: State, code: str) -> MediaFileRow:
    database: Database = state.database
    with database.snapshot_session() as session:
        row = session.get(MediaFileRow, code)
    if row is None:
        raise NotFound(f"Media file `{code}` does not exist")
    return row


def _bytes(request: AnyRequest, state: State, row: MediaFileRow) -> ASGIApp:
    representation = Representation(media_key(row.code), row.size, f'"{row.sha256}"', row.media_type, row.created)
    return answer(request, state.storage, representation, IMMUTABLE.replace("public", "private"), vary=False)


def _item(request: AnyRequest, row: MediaFileRow) -> Document:
    here = address(request, PATH, row.code)
    return {
        "_links": {"self": {"href": here}, "download": {"href": here + DOWNLOAD}},
        "code": row.code,
        "original_filename": row.original_filename,
        "mime_type": row.media_type,
        "size": row.size,
        "extension": row.original_filename.rpartition(".")[2] if "." in row.original_filename else "",
        "created": instant(row.created),
    }


ROUTES: list[ControllerRouterHandler] = [upload_media_file, list_media_files, get_media_file]
