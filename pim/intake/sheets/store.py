"""Saved column mappings: listing, finding, saving, deleting."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import NODEFAULT
from msgspec.structs import fields
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, NotFound, Violation, known
from pim.catalog.model import Document
from pim.intake.sheets.model import ColumnMapping, mapping_of
from pim.intake.tables import ColumnMappingRow


def list_mappings(session: Session) -> Sequence[ColumnMappingRow]:
    """In order of their codes."""
    return session.execute(select(ColumnMappingRow).order_by(col(ColumnMappingRow.code))).scalars().all()


def find_mapping(session: Session, code: str) -> ColumnMappingRow | None:
    return session.get(ColumnMappingRow, code)


def get_row(session: Session, code: str) -> ColumnMappingRow:
    """Raises NotFound, which names those that are there."""
    row = find_mapping(session, code)
    if row is None:
        codes = (one.code for one in list_mappings(session))
        raise NotFound(f"column mapping `{code}` does not exist; {known(codes)}")
    return row


def get_mapping(session: Session, code: str) -> ColumnMapping:
    return mapping_of({**get_row(session, code).document, "code": code})


def save_mapping(session: Session, mapping: ColumnMapping, author: str, at: datetime) -> bool:
    """Whether it is new. Its code names it; raises InvalidInput when it has none."""
    if not mapping.code:
        message = "the column mapping has no `code`; give it one, by which it is saved"
        raise InvalidInput([Violation("code", "required", message)])
    is_new = session.get(ColumnMappingRow, mapping.code) is None
    values = {"document": stored(mapping), "updated": at, "updated_by": author}
    query = insert(ColumnMappingRow).values(code=mapping.code, **values)
    session.execute(query.on_conflict_do_update(index_elements=["code"], set_=values))
    session.expire_all()
    return is_new


def stored(mapping: ColumnMapping) -> Document:
    return {name: value for name, value in mapping.as_document().items() if name != "code"}


def delete_mapping(session: Session, code: str) -> None:
    """Raises NotFound."""
    get_row(session, code)
    session.execute(delete(ColumnMappingRow).where(col(ColumnMappingRow.code) == code))


def as_document(row: ColumnMappingRow) -> Document:
    """As readers get it, with every setting."""
    defaults = {field.name: field.default for field in fields(ColumnMapping) if field.default is not NODEFAULT}
    lists: Document = {"booleans": {}, "columns": [], "constants": []}
    saved = {"updated": row.updated.isoformat(timespec="seconds"), "updated_by": row.updated_by}
    return {**defaults, **lists, **row.document, "code": row.code, **saved}
