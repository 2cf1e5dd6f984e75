"""What a changeset did, a document at a time and value by value: what a dry run shows."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import starmap

from sqlmodel import Session, col

from pim.catalog import store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document
from pim.catalog.structure import Structure
from pim.catalog.table_rows import row_changes
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.intake.model import CellChange, DocumentChange
from pim.versioning.diff import differences
from pim.versioning.model import CREATED, DELETED, Change, Committed
from pim.versioning.product_documents import EMPTY
from pim.versioning.store import current_structure


def listed_changes(session: Session, resource: str, committed: Committed) -> Iterator[DocumentChange]:
    """Creations list every value that they bring. Documents that changed without being named (the other side of an
    association) go by kind and id."""
    names = {outcome.entity_id: outcome for outcome in committed.outcomes if outcome.entity_id is not None}
    by_entity: dict[int, list[Change]] = {}
    for change in committed.changes:
        by_entity.setdefault(change.entity_id, []).append(change)
    created = _documents(session, (changes[0] for changes in by_entity.values() if changes[0].cell.path == CREATED))
    structure = current_structure(session)
    for entity_id, changes in by_entity.items():
        outcome, kind = names.get(entity_id), changes[0].kind
        code = outcome.code if outcome else f"{kind.replace('_', ' ')} #{entity_id}"
        if changes[0].cell.path == CREATED:
            cells = starmap(CellChange, differences(EMPTY.get(kind, {}), created.get(entity_id, {})))
            yield DocumentChange(resource, code, "created", [one for one in cells if one.new not in (None, "", [])])
        elif changes[0].cell.path == DELETED:
            yield DocumentChange(resource, code, "deleted")
        else:
            yield DocumentChange(resource, code, "updated", [_cell_change(change, structure) for change in changes])


def _cell_change(change: Change, structure: Structure) -> CellChange:
    table = structure.tables_by_id.get(change.attribute_id or 0)
    rows = row_changes(change.old, change.new, table) if table else None
    return CellChange(change.cell, change.old, change.new, rows)


def _documents(session: Session, created: Iterable[Change]) -> Mapping[int, Document]:
    ids: dict[str, set[int]] = {}
    for change in created:
        ids.setdefault(change.kind, set()).add(change.entity_id)
    found = [
        *store.products(session, store.among(col(ProductRow.id), ids.pop(PRODUCT, set()))),
        *store.product_models(session, store.among(col(ProductModelRow.id), ids.pop(PRODUCT_MODEL, set()))),
    ]
    if ids:
        of_structure = set().union(*ids.values())
        found += [entity for entity in current_structure(session).entities.values() if entity.id in of_structure]
    return {entity.id: entity.document for entity in found}
