"""Where channels pull: `GET /feeds` lists what there is, `GET /feeds/<export>/<file>` answers with a complete file.

A file is looked up in the export's current publication. Files whose name carries their own digest stay reachable while
an older publication that has them is kept, so a reader of the former manifest finds all of it.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Any

from litestar import HttpMethod, Request, get, route
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath
from litestar.types import ASGIApp

from pim.api.openapi.answers import sends
from pim.api.openapi.files import CONDITIONS, FILE_ANSWERS
from pim.api.openapi.operation import TEXT, Operation
from pim.api.openapi.parameters import in_path
from pim.api.openapi.shapes import ADDRESS, BOOLEAN, INSTANT, INTEGER, a_list, an_object, or_null
from pim.api.openapi.wording import FEEDS
from pim.api.representation import Representation, wants_gzip
from pim.api.stored_file import answer
from pim.base.database import Database
from pim.base.errors import NotFound, known
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.syndication import store
from pim.syndication.staged import FEED, GZIP, RECORD
from pim.syndication.stored_publication import folder_of
from pim.syndication.tables import PublicationFileRow, PublicationRow

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
DIGEST_IN_NAME = re.compile(r"[0-9a-f]{8,64}")

Place = tuple[PublicationRow, PublicationFileRow]


_LISTED = an_object(
    {
        "name": TEXT,
        "publication": INTEGER,
        "revision": INTEGER,
        "current_since": INSTANT,
        "needs_token": BOOLEAN,
        "manifest": ADDRESS,
        "files": a_list(
            an_object(
                {"name": TEXT, "url": ADDRESS, "locale": or_null(TEXT), "media_type": TEXT, "items": or_null(INTEGER),
                 "bytes": INTEGER, "sha256": TEXT}
            )
        ),
    }
)  # fmt: skip

PULL_FEED = Operation(
    id="pullFeed",
    tag=FEEDS,
    summary="Pull a feed",
    description="The file, complete, from the current publication: never half of one, never an empty one. "
    "`manifest.json` names every file with its size and digest. Ask again with `If-None-Match`; an unchanged file is a "
    "304 and costs nothing.",
    path="/feeds/{export}/{file}",
    parameters=[
        in_path("export", "The name of the export", "google_merchant"),
        in_path("file", "The name of the file, which may hold slashes", "fr_FR.xml"),
        *CONDITIONS,
    ],
    answers=FILE_ANSWERS,
    errors=(401, 404),
    security=[{}, {"feed_token": []}, {"feed_token_in_query": []}],
)

LIST_FEEDS = Operation(
    id="listFeeds",
    tag=FEEDS,
    summary="List the current feeds",
    description="Says which need a token, never the token.",
    answers={200: sends(an_object({"exports": a_list(_LISTED)}), "Every current publication with its files")},
    security=[],
)


@route(
    "/feeds/{export:str}/{file:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    sync_to_thread=True,
    operation=PULL_FEED,
)
def pull_feed(request: Request[Any, Any, Any], state: State, export: FromPath[str], file: FromPath[str]) -> ASGIApp:
    """The file as it is now, or as much of it as the request asks for."""
    database: Database = state.database
    storage: ObjectStorage = state.storage
    name = str(file).lstrip("/")
    for last_try in (False, True):
        publication, row = _find(database, export, name)
        authorise(request, publication, state.environment)
        gzip = row.gzip_sha256 is not None and wants_gzip(request.headers.get("accept-encoding"))
        cache = _cache_control(publication, row)
        try:
            return answer(request, storage, _representation(publication, row, gzip), cache, row.gzip_sha256 is not None)
        except NotFound:
            if last_try:  # once may be a publication that expired between the look-up and the opening
                raise
    raise AssertionError("unreachable")


@get("/feeds", sync_to_thread=True, operation=LIST_FEEDS)
def list_feeds(state: State) -> dict[str, Any]:
    """Every current publication with its files. Says which need a token, never the token."""
    database: Database = state.database
    settings: Settings = state.settings
    with database.session() as session:
        current = [row for row in store.publications(session) if row.state == store.CURRENT]
        return {"exports": [_listed(row, store.files_of(session, row), settings) for row in current]}


def _find(database: Database, export: str, name: str) -> Place:
    with database.session() as session:
        publication = store.require_current(session, export)
        row = store.file_of(session, publication, name)
        if row is not None and row.role != RECORD:
            return publication, row
        older = store.older_file(session, export, name) if row is None else None
        if older is not None and older[1].role != RECORD and _is_immutable(older[1]):
            return older
        feeds = [file.name for file in store.files_of(session, publication).values() if file.role == FEED]
    raise NotFound(f"export `{export}` has no file `{name}`; {known(feeds)}")


def authorise(request: Request[Any, Any, Any], publication: PublicationRow, environment: Mapping[str, str]) -> None:
    """Compares in constant time. A feed whose secret is not configured is closed, not open."""
    if publication.token is None:
        return
    secret = environment.get(publication.token, "")
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    given = credentials.strip() if scheme.lower() == "bearer" else request.query_params.get("token", "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise NotAuthorizedException(
            f"export `{publication.export}` needs its token: `Authorization: Bearer …` or `?token=…`",
            headers={"WWW-Authenticate": 'Bearer realm="feeds"', "Cache-Control": "no-store"},
        )


def _representation(publication: PublicationRow, row: PublicationFileRow, gzip: bool) -> Representation:
    key = f"{folder_of(publication)}/{row.name}"
    if gzip and row.gzip_bytes is not None:
        etag = f'"{row.gzip_sha256}-gzip"'
        return Representation(key + GZIP, row.gzip_bytes, etag, row.media_type, row.modified, "gzip")
    return Representation(key, row.bytes, f'"{row.sha256}"', row.media_type, row.modified)


def _cache_control(publication: PublicationRow, row: PublicationFileRow) -> str:
    control = IMMUTABLE if _is_immutable(row) else REVALIDATE
    if publication.token is None:
        return control
    return control.replace("public", "private") if control == IMMUTABLE else f"private, {control}"


def _is_immutable(row: PublicationFileRow) -> bool:
    """Whether the name carries a digest of the very bytes, so it can never mean others."""
    return any(row.sha256.startswith(found) for found in DIGEST_IN_NAME.findall(row.name))


def _listed(publication: PublicationRow, files: Mapping[str, PublicationFileRow], settings: Settings) -> dict[str, Any]:
    base = f"{settings.public_url}/feeds/{publication.export}"
    return {
        "name": publication.export,
        "publication": publication.number,
        "revision": publication.revision,
        "current_since": publication.current_at,
        "needs_token": publication.token is not None,
        "manifest": f"{base}/manifest.json",
        "files": [
            {
                "name": row.name,
                "url": f"{base}/{row.name}",
                "locale": row.locale,
                "media_type": row.media_type,
                "items": row.items,
                "bytes": row.bytes,
                "sha256": row.sha256,
            }
            for row in files.values()
            if row.role == FEED
        ],
    }
