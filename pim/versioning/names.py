"""What the ids of the log are called: as things are called now or, what is gone, as it was called last."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, String, literal_column, or_, select
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, Violation
from pim.catalog.linked import LINKED
from pim.catalog.model import OWNED_KINDS, PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS
from pim.catalog.store import among
from pim.catalog.tables import LinkedEntityRow, ProductModelRow, ProductRow, StructureRow
from pim.versioning.model import DELETED
from pim.versioning.tables import ChangeRow

KINDS = (PRODUCT, PRODUCT_MODEL, *LINKED, *STRUCTURE_KINDS)

_is_deletion = literal_column("change.path = '-'", Boolean)
_code_then = literal_column("change.old ->> 'code'", String)
_uuid_then = literal_column("change.old ->> 'uuid'", String)
"""Written out, not bound: an index on an expression helps only where the planner sees the same expression."""


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


def ids_called(session: Session, kind: str, code: str, owner: str = "") -> list[int]:
    """Ids of what has this name, or had it when it was deleted. A product's name is its identifier or its uuid."""
    last_named = [_code_then == code]
    if kind == PRODUCT:
        there = select(col(ProductRow.id)).where(or_(col(ProductRow.code) == code, *_uuid_is(code)))
        last_named += [_uuid_then == code.lower()]
    elif kind == PRODUCT_MODEL:
        there = select(col(ProductModelRow.id)).where(col(ProductModelRow.code) == code)
    else:
        table = LinkedEntityRow if kind in LINKED else StructureRow
        there = select(col(table.id)).where(col(table.kind) == kind, col(table.owner) == owner, col(table.code) == code)
    deleted = select(col(ChangeRow.entity_id)).where(
        _is_deletion, or_(*last_named), col(ChangeRow.kind) == kind, col(ChangeRow.old)["owner"].as_string() == owner
    )
    return sorted({*session.execute(there).scalars(), *session.execute(deleted).scalars()})


def ids_named(session: Session, text: str, name: str) -> list[int]:
    """Ids of what is or was last called so. Raises InvalidInput, which says that it was called `name`."""
    kind, owner, code = split_name(text, name)
    return ids_called(session, kind, code, owner)


def split_name(text: str, name: str) -> tuple[str, str, str]:
    """(kind, owner, code) of `product/LIV-CAR`, `attribute_option/color/red`. Raises InvalidInput as `ids_named`."""
    kind, _, rest = text.partition("/")
    fields = OWNED_KINDS.get(kind, ())
    *owners, code = rest.split("/", len(fields))
    if kind not in KINDS or len(owners) < len(fields) or not code:
        shape = "/".join((kind, *fields, "code")) if kind in KINDS else "kind/code, like product/LIV-CAR"
        message = f"`{text}` names nothing; write {shape}; kinds: {', '.join(sorted(KINDS))}"
        raise InvalidInput([Violation(name, "wrong_type", message)])
    return kind, "/".join(owners), code


def _uuid_is(text: str) -> list[Any]:
    try:
        return [col(ProductRow.uuid) == UUID(text)]
    except ValueError:
        return []


def last_deleted(
    session: Session, kind: str, code: str | None = None, uuid: UUID | None = None, owner: str = ""
) -> ChangeRow | None:
    """The newest deletion of something so called."""
    named = _code_then == code if uuid is None else _uuid_then == str(uuid)
    owned = col(ChangeRow.old)["owner"].as_string() == owner
    deletions = select(ChangeRow).where(_is_deletion, named, owned, col(ChangeRow.kind) == kind)
    return session.execute(deletions.order_by(col(ChangeRow.revision).desc()).limit(1)).scalar_one_or_none()


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
