"""What the ids of the log are called: as things are called now or, what is gone, as it was called last."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.store import among
from pim.catalog.tables import LinkedEntityRow, ProductModelRow, ProductRow, StructureRow
from pim.versioning.model import DELETED
from pim.versioning.tables import ChangeRow


@dataclass(frozen=True, slots=True)
class Name:
    """As in `catalog.model.Entity`; `gone` when nothing has this id any more."""

    code: str
    owner: str = ""
    uuid: UUID | None = None
    gone: bool = False


def of_entities(session: Session, kinds: Mapping[int, str]) -> dict[int, Name]:
    """Entity id → name, for all of these ids, given with their kinds."""
    found = _there(session, kinds)
    for entity_id, deletions in of_deleted(session, kinds.keys() - found.keys()).items():
        found[entity_id] = deletions[max(deletions)]
    return found


def of_deleted(session: Session, ids: Collection[int]) -> dict[int, dict[int, Name]]:
    """Entity id → revision of a deletion → what it was called. It may be deleted, brought back and deleted again."""
    query = select(col(ChangeRow.entity_id), col(ChangeRow.revision), col(ChangeRow.old))
    rows = session.execute(query.where(among(col(ChangeRow.entity_id), ids), col(ChangeRow.path) == DELETED))
    deletions: dict[int, dict[int, Name]] = {}
    for row in rows:
        deletions.setdefault(row.entity_id, {})[row.revision] = _remembered(row.old)
    return deletions


def _remembered(old: dict[str, Any]) -> Name:
    return Name(old["code"], old["owner"], UUID(old["uuid"]) if old["uuid"] else None, gone=True)


def _there(session: Session, kinds: Mapping[int, str]) -> dict[int, Name]:
    """Of what is there now."""
    ids: dict[str, set[int]] = {PRODUCT: set(), PRODUCT_MODEL: set(), "linked": set(), "structure": set()}
    for entity_id, kind in kinds.items():
        ids["linked" if kind in LINKED else kind if kind in ids else "structure"].add(entity_id)
    product = select(col(ProductRow.id), col(ProductRow.code), col(ProductRow.uuid))
    model = select(col(ProductModelRow.id), col(ProductModelRow.code))
    piece = select(col(StructureRow.id), col(StructureRow.code), col(StructureRow.owner))
    found: dict[int, Name] = {}
    for one in session.execute(product.where(among(col(ProductRow.id), ids[PRODUCT]))):
        found[one.id] = Name(one.code, uuid=one.uuid)
    for one in session.execute(model.where(among(col(ProductModelRow.id), ids[PRODUCT_MODEL]))):
        found[one.id] = Name(one.code)
    linked = select(col(LinkedEntityRow.id), col(LinkedEntityRow.code), col(LinkedEntityRow.owner))
    for one in session.execute(piece.where(among(col(StructureRow.id), ids["structure"]))):
        found[one.id] = Name(one.code, one.owner)
    for one in session.execute(linked.where(among(col(LinkedEntityRow.id), ids["linked"]))):
        found[one.id] = Name(one.code, one.owner)
    return found
