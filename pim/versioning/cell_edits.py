"""Edits that put data into cells of what is there, and how messages tell of cells and data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from sqlmodel import Session, col

from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Document, Entity
from pim.catalog.structure import Structure
from pim.catalog.tables import LinkedEntityRow, ProductModelRow, ProductRow
from pim.versioning.diff import copied, put_cell
from pim.versioning.model import VALUES, Cell, Edit

_LONGEST_TOLD = 100


def locked_entities(session: Session, kinds: Mapping[int, str], structure: Structure) -> Iterator[Entity]:
    """Those of these ids, given with their kinds, that are there."""
    yield from (entity for entity in structure.entities.values() if entity.id in kinds)
    ids = [entity_id for entity_id, kind in kinds.items() if kind in (PRODUCT, PRODUCT_MODEL)]
    linked = [entity_id for entity_id, kind in kinds.items() if kind in LINKED]
    yield from catalog_store.linked_entities(session, catalog_store.among(col(LinkedEntityRow.id), linked), lock=True)
    yield from catalog_store.product_models(session, catalog_store.among(col(ProductModelRow.id), ids), lock=True)
    yield from catalog_store.products(session, catalog_store.among(col(ProductRow.id), ids), lock=True)


def edit_putting(entity: Entity, cells: Iterable[tuple[Cell, Any]]) -> Edit:
    """The edit after which `cells` of the entity hold the data given with them; None is nothing.

    A piece of structure is written whole: a patch could not take keys out of it. Elsewhere only these cells are
    written, so that nothing else has to fit the rules of today.
    """
    if entity.kind in STRUCTURE_KINDS:
        was = replace(entity, document=copied(entity.document))
        for cell, data in cells:
            put_cell(was.document, cell, data)
        return Edit(was.kind, was.code, writable_document(was), was.owner, replace=True)
    patch: dict[str, Any] = {}
    for cell, data in cells:
        _put_into_patch(patch, cell, data)
    code = entity.document["identifier"] if entity.kind == PRODUCT else entity.code
    return Edit(entity.kind, code, patch, entity.owner, entity.uuid)


def _put_into_patch(patch: dict[str, Any], cell: Cell, data: Any) -> None:
    if cell.path == VALUES:
        value = {"locale": cell.locale, "scope": cell.scope, "data": data}
        patch.setdefault(VALUES, {}).setdefault(cell.attribute, []).append(value)
        return
    *above, last = cell.path.split(".")
    at = patch
    for key in above:
        at = at.setdefault(key, {})
    at[last] = [] if above and data is None else data


def writable_document(entity: Entity) -> Document:
    """A stored document as an edit may give it: what a writer of structure does not say is left out."""
    if entity.kind in STRUCTURE_KINDS:
        return {key: value for key, value in entity.document.items() if value is not None}
    return entity.document


def told_entity(kind: str, code: str) -> str:
    return f"{kind.replace('_', ' ')} `{code}`"


def told_cell(cell: Cell) -> str:
    place = ", ".join(filter(None, (cell.locale, cell.scope)))
    name = f"`{cell.attribute}`" if cell.path == VALUES else f"`{cell.path}`"
    return f"{name} ({place})" if place else name


def told_data(data: Any) -> str:
    """A value in a message, cut when it is long."""
    text = "nothing" if data is None else f"`{data if isinstance(data, str) else msgspec.json.encode(data).decode()}`"
    return text if len(text) <= _LONGEST_TOLD else f"{text[: _LONGEST_TOLD - 1]}…`"
