"""Reading the catalogue of now: rows in, entities out."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity, Resolved
from pim.catalog.resolve import resolve
from pim.catalog.tables import (
    LinkedEntityRow,
    MediaFileRow,
    ProductModelRow,
    ProductRow,
    StructureRow,
)

_STRUCTURE = select(
    col(StructureRow.id), col(StructureRow.kind), col(StructureRow.owner), col(StructureRow.code),
    col(StructureRow.document), col(StructureRow.created), col(StructureRow.updated), col(StructureRow.revision),
)  # fmt: skip
_PRODUCT = select(
    col(ProductRow.id), col(ProductRow.code), col(ProductRow.document), col(ProductRow.created),
    col(ProductRow.updated), col(ProductRow.revision), col(ProductRow.uuid),
)  # fmt: skip
_PRODUCT_MODEL = select(
    col(ProductModelRow.id), col(ProductModelRow.code), col(ProductModelRow.document), col(ProductModelRow.created),
    col(ProductModelRow.updated), col(ProductModelRow.revision),
)  # fmt: skip


_LINKED = select(
    col(LinkedEntityRow.id), col(LinkedEntityRow.kind), col(LinkedEntityRow.owner), col(LinkedEntityRow.code),
    col(LinkedEntityRow.document), col(LinkedEntityRow.created), col(LinkedEntityRow.updated),
    col(LinkedEntityRow.revision),
)  # fmt: skip


def structure_entities(session: Session) -> list[Entity]:
    """All of the structure, in the order in which it was made."""
    return [_as_owned(row) for row in session.execute(_STRUCTURE.order_by(col(StructureRow.id)))]


def linked_entities(session: Session, *conditions: ColumnElement[bool], lock: bool = False) -> list[Entity]:
    """Records and assets by conditions on LinkedEntityRow, in id order, locked for an update if asked."""
    rows = session.execute(_locked(_LINKED.where(*conditions).order_by(col(LinkedEntityRow.id)), lock))
    return [_as_owned(row) for row in rows]


def linked_by_code(session: Session, kind: str, owner: str, codes: Collection[str], lock: bool = False) -> list[Entity]:
    """Records of one reference entity, or assets of one asset family."""
    if not codes:
        return []
    of_owner = (col(LinkedEntityRow.kind) == kind, col(LinkedEntityRow.owner) == owner)
    return linked_entities(session, *of_owner, among(col(LinkedEntityRow.code), codes), lock=lock)


def known_linked(session: Session, kind: str, owner: str, codes: Collection[str]) -> set[str]:
    """Those of `codes` that are there."""
    if not codes:
        return set()
    row = LinkedEntityRow
    query = select(col(row.code)).where(col(row.kind) == kind, col(row.owner) == owner, among(col(row.code), codes))
    return set(session.execute(query).scalars())


def _as_owned(row: Row[Any]) -> Entity:
    return Entity(row.id, row.kind, row.code, row.document, row.created, row.updated, row.revision, owner=row.owner)


def products(session: Session, *conditions: ColumnElement[bool], lock: bool = False) -> list[Entity]:
    """Products by conditions on ProductRow, in id order, locked for an update if asked."""
    rows = session.execute(_locked(_PRODUCT.where(*conditions).order_by(col(ProductRow.id)), lock))
    return [as_product(row) for row in rows]


def product_models(session: Session, *conditions: ColumnElement[bool], lock: bool = False) -> list[Entity]:
    """Product models by conditions on ProductModelRow, in id order."""
    rows = session.execute(_locked(_PRODUCT_MODEL.where(*conditions).order_by(col(ProductModelRow.id)), lock))
    return [as_product_model(row) for row in rows]


def as_product(row: Row[Any]) -> Entity:
    return Entity(row.id, PRODUCT, row.code, row.document, row.created, row.updated, row.revision, uuid=row.uuid)


def as_product_model(row: Row[Any]) -> Entity:
    return Entity(row.id, PRODUCT_MODEL, row.code, row.document, row.created, row.updated, row.revision)


def _locked(query: Select[Any], lock: bool) -> Select[Any]:
    """Not so strictly that others could not refer to the row meanwhile, as a new variant does to its model."""
    return query.with_for_update(key_share=True) if lock else query


_ARRAYS: dict[type, Any] = {int: ARRAY(BigInteger()), UUID: ARRAY(Uuid())}


def among(column: Any, values: Collection[str] | Collection[int] | Collection[UUID]) -> ColumnElement[bool]:
    """Whether the column is one of `values`, however many: they travel as one array, where IN has a limit."""
    kind = _ARRAYS.get(column.type.python_type, ARRAY(Text()))
    chosen: ColumnElement[bool] = column == any_(literal(list(values), kind))
    return chosen


def products_by_code(session: Session, codes: Collection[str], lock: bool = False) -> list[Entity]:
    return products(session, among(col(ProductRow.code), codes), lock=lock) if codes else []


def products_by_uuid(session: Session, uuids: Collection[UUID], lock: bool = False) -> list[Entity]:
    return products(session, among(col(ProductRow.uuid), uuids), lock=lock) if uuids else []


def product_models_by_code(session: Session, codes: Collection[str], lock: bool = False) -> list[Entity]:
    return product_models(session, among(col(ProductModelRow.code), codes), lock=lock) if codes else []


def entities_by_id(session: Session, kind: str, ids: Collection[int]) -> list[Entity]:
    """Products or product models, in id order."""
    if kind == PRODUCT:
        return products(session, among(col(ProductRow.id), ids))
    return product_models(session, among(col(ProductModelRow.id), ids))


def model_revisions(session: Session, codes: Collection[str]) -> dict[str, int]:
    """Code → the last revision that changed the product model."""
    if not codes:
        return {}
    query = select(col(ProductModelRow.code), col(ProductModelRow.revision))
    return {row.code: row.revision for row in session.execute(query.where(among(col(ProductModelRow.code), codes)))}


def models_with_parents(session: Session, codes: Iterable[str]) -> dict[str, Entity]:
    """The product models of these codes and, for sub-models, their root models, by code. In one query, so that no
    deletion comes between a sub-model and its root."""
    wanted = set(codes)
    if not wanted:
        return {}
    named = among(col(ProductModelRow.code), wanted)
    roots = func.array(select(col(ProductModelRow.parent_id)).where(named).scalar_subquery(), type_=_ARRAYS[int])
    found = product_models(session, named | (col(ProductModelRow.id) == any_(roots)))
    return {model.code: model for model in found}


def ancestors_of(entity: Entity, models: dict[str, Entity]) -> tuple[Entity, ...]:
    """The product models above `entity`, root first."""
    chain: list[Entity] = []
    at = entity.document.get("parent")
    while at is not None:
        model = models[at]
        chain.append(model)
        at = model.document["parent"]
    return tuple(reversed(chain))


def resolve_all(session: Session, entities: Sequence[Entity]) -> list[Resolved]:
    """Products or product models with what their models say merged in."""
    models = models_with_parents(session, {parent for e in entities if (parent := e.document["parent"])})
    return [resolve(entity, ancestors_of(entity, models)) for entity in entities]


def identifiers_of(session: Session, uuids: Collection[str]) -> dict[str, str]:
    """Uuid → identifier of those of the products that have one."""
    if not uuids:
        return {}
    query = select(col(ProductRow.uuid), col(ProductRow.document)["identifier"].as_string().label("identifier"))
    rows = session.execute(query.where(among(col(ProductRow.uuid), {UUID(uuid) for uuid in uuids})))
    return {str(row.uuid): row.identifier for row in rows if row.identifier is not None}


def count_products(session: Session) -> int:
    count: int = session.execute(select(func.count()).select_from(ProductRow)).scalar_one()
    return count


def count_product_models(session: Session) -> int:
    count: int = session.execute(select(func.count()).select_from(ProductModelRow)).scalar_one()
    return count


def known_media(session: Session, codes: Collection[str]) -> dict[str, int]:
    """Those of `codes` that are stored media files, with their sizes in bytes."""
    if not codes:
        return {}
    query = select(col(MediaFileRow.code), col(MediaFileRow.size)).where(col(MediaFileRow.code).in_(codes))
    return {row.code: row.size for row in session.execute(query)}
