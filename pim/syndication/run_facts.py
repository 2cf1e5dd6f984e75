"""What mappings look up beyond their product, as of the run's revision."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from pim.catalog import store as catalog_store
from pim.catalog.model import Values
from pim.syndication.context import CodeOf, Linked, MediaInfo
from pim.versioning.snapshot import Snapshot

REMEMBERED = 20_000
"""Pictures, associated products, records and assets whose facts a run keeps at hand."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What mappings look up beyond their product, shared by all exports of a run."""

    media_info: MediaInfo
    code_of: CodeOf
    linked: Linked


def facts_of(snapshot: Snapshot) -> Facts:
    remembered = lru_cache(REMEMBERED)
    return Facts(remembered(snapshot.media_info), remembered(_code_of(snapshot)), remembered(_linked(snapshot)))


def _linked(snapshot: Snapshot) -> Linked:
    """Values of records and assets, as of the snapshot's revision."""

    def linked(kind: str, owner: str, code: str) -> Values | None:
        entity = snapshot.linked(kind, owner, code)
        return entity.document["values"] if entity else None

    return linked


def _code_of(snapshot: Snapshot) -> CodeOf:
    """Codes of associated products, as of the snapshot's revision."""
    changed = {str(e.uuid): e.code for e in snapshot.touched.values() if e is not None and e.uuid is not None}

    def code_of(uuid: str) -> str | None:
        if uuid in changed:
            return changed[uuid]
        found = catalog_store.products_by_uuid(snapshot.session, [UUID(uuid)])
        return next((entity.code for entity in found if entity.id not in snapshot.touched), None)

    return code_of
