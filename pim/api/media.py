"""Media files of products, by code. A code never means other bytes, so caches may keep them for good."""

from typing import Any

from litestar import HttpMethod, Request, route
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ASGIApp

from pim.api.feeds import IMMUTABLE
from pim.api.openapi.files import CONDITIONS, FILE_ANSWERS
from pim.api.openapi.operation import Operation
from pim.api.openapi.parameters import in_path
from pim.api.openapi.wording import FEEDS
from pim.api.representation import Representation
from pim.api.stored_file import answer
from pim.base.database import Database
from pim.base.errors import NotFound
from pim.catalog.tables import MediaFileRow
from pim.syndication.feed import MEDIA

GET_MEDIA = Operation(
    id="getMedia",
    tag=FEEDS,
    summary="Get a picture or file",
    description="As feeds name it. Needs no token; may be cached for good.",
    path="/media/{code}",
    parameters=[
        in_path(
            "code",
            "The code of a media file, with its slashes",
            "d/b/a/b/dbab082b767205bd9a2ca5c2df11c62b44bbab75_tente_bivouac_green.png",
        ),
        *CONDITIONS,
    ],
    answers=FILE_ANSWERS,
    errors=(404,),
    security=[],
)


@route(
    "/media/{code:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    sync_to_thread=True,
    operation=GET_MEDIA,
)
def get_media(request: Request[Any, Any, Any], state: State, code: FromPath[str]) -> ASGIApp:
    database: Database = state.database
    code = str(code).lstrip("/")
    with database.session() as session:
        row = session.get(MediaFileRow, code)
    if row is None:
        raise NotFound(f"media file `{code}` does not exist")
    representation = Representation(MEDIA + code, row.size, f'"{row.sha256}"', row.media_type, row.created)
    return answer(request, state.storage, representation, IMMUTABLE, vary=False)
