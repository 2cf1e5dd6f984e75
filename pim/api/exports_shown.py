"""What addresses of exports have in common: which export is meant, and how a publication is shown."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from sqlmodel import Session

from pim.api.documents import instant
from pim.api.paging import address
from pim.base.errors import NotFound, known
from pim.base.settings import Settings
from pim.catalog.model import Document
from pim.syndication import store
from pim.syndication.run_export import export_names
from pim.syndication.staged import FEED
from pim.syndication.tables import PublicationFileRow, PublicationRow

PATH = "/exports"
ONE = PATH + "/{name:str}"

AnyRequest = Request[Any, Any, Any]


def asked_export(request: AnyRequest, state: State) -> str:
    """Raises NotFound, which names the exports there are."""
    name: str = request.path_params["name"]
    names = export_names(state.settings)
    if name not in names:
        raise NotFound(f"Export `{name}` does not exist; {known(names)}")
    return name


def published(request: AnyRequest, session: Session, row: PublicationRow, settings: Settings) -> Document:
    feeds = [file for file in store.files_of(session, row).values() if file.role == FEED]
    is_current = row.state == store.CURRENT
    return {
        "_links": {"self": {"href": address(request, PATH, row.export, "publications", str(row.number))}},
        "number": row.number,
        "state": row.state,
        "reason": row.reason,
        "revision": row.revision,
        "items": row.items,
        "rejected": row.rejected,
        "rollback_of": row.rollback_of,
        "created": instant(row.created_at),
        "current_since": instant(row.current_at) if is_current and row.current_at else None,
        "files": [_file(row, file, settings if is_current else None) for file in feeds],
    }


def _file(row: PublicationRow, file: PublicationFileRow, settings: Settings | None) -> Document:
    """With the address where it is pulled, when it is current."""
    url = {"url": f"{settings.public_url}/feeds/{row.export}/{file.name}"} if settings else {}
    return {
        "name": file.name,
        **url,
        "locale": file.locale,
        "media_type": file.media_type,
        "items": file.items,
        "rejected": file.rejected,
        "bytes": file.bytes,
        "sha256": file.sha256,
    }
