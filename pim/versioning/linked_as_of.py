"""Records and assets as of a revision; their codes never change hands."""

from collections.abc import Collection, Iterator

from sqlalchemy import String, literal_column, select, text
from sqlmodel import Session, col

from pim.catalog import store as catalog_store
from pim.catalog.model import Entity
from pim.catalog.tables import LinkedEntityRow
from pim.versioning import store
from pim.versioning.as_of import as_they_were
from pim.versioning.tables import ChangeRow

_BATCH = 100


def linked_as_of(session: Session, kind: str, owner: str, revision: int, codes: Collection[str]) -> list[Entity]:
    """The records of one reference entity, or assets of one asset family, that had these codes then, in byte order."""
    holders = catalog_store.linked_by_code(session, kind, owner, codes)
    there = as_they_were(session, holders, store.former_holders(session, kind, codes, revision), revision)
    found = [entity for entity in there if entity.owner == owner and entity.code in codes]
    return sorted(found, key=lambda entity: entity.code.encode())


def all_linked_as_of(session: Session, kind: str, owner: str, revision: int, after: str = "") -> Iterator[Entity]:
    """All that were there then, in byte order of codes, those behind a code."""
    while codes := _codes_behind(session, kind, owner, revision, after):
        yield from linked_as_of(session, kind, owner, revision, codes)
        after = codes[-1]


def _codes_behind(session: Session, kind: str, owner: str, revision: int, after: str) -> list[str]:
    """The next codes of what is there now or was deleted since."""
    row = LinkedEntityRow
    there = select(col(row.code)).where(col(row.kind) == kind, col(row.owner) == owner, col(row.code) > after)
    codes = set(session.execute(there.order_by(col(row.code)).limit(_BATCH)).scalars())
    code_then = literal_column("(old ->> 'code') COLLATE \"C\"", String)
    gone = select(code_then).distinct().where(text("path = '-'"), col(ChangeRow.kind) == kind, code_then > after)
    gone = gone.where(col(ChangeRow.revision) > revision, col(ChangeRow.old)["owner"].as_string() == owner)
    codes.update(session.execute(gone.order_by(code_then).limit(_BATCH)).scalars())
    return sorted(codes, key=str.encode)[:_BATCH]
