"""The catalogue as of one revision: today minus the changes since.

A snapshot lives in one REPEATABLE READ transaction. It reads the current revision C and, to see an earlier R, undoes
the log rows in (R, C]. What changed since is held in memory; everything else streams from the tables.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge as merge_sorted
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlmodel import Session, col

from pim.base.errors import NotFound
from pim.catalog import store as catalog_store
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Document, Entity, Resolved, Root
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.catalog.tables import LinkedEntityRow, MediaFileRow, ProductModelRow, ProductRow
from pim.versioning import store
from pim.versioning.diff import copied, put_cell
from pim.versioning.model import CREATED, DELETED, Cell, Change
from pim.versioning.tables import ChangeRow, ChangesetRow

_BATCH = 500
_CURRENT = """
    SELECT root_key, kind, id, code, uuid, document, created, updated, revision FROM (
        SELECT root_key, 'product_model' AS kind, id, code, NULL::uuid AS uuid, document, created, updated, revision
        FROM product_model WHERE {which}
        UNION ALL
        SELECT root_key, 'product', id, code, uuid, document, created, updated, revision
        FROM product WHERE {which}
    ) AS entities
    ORDER BY root_key
"""


Instead = dict[int, tuple[str, Entity | None]]
"""Id → kind, and the entity that takes the place of what the database holds; None: it is not there."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`touched` holds the products and product models that changed after `revision`, as they were (None: not there);
    `keyed` those that were there with the keys of their roots, in order. `touched_linked` are the ids of records and
    assets that changed, `linked_by_code` those of them that were there."""

    session: Session
    revision: int
    committed_at: datetime
    structure: Structure
    touched: dict[int, Entity | None]
    keyed: Sequence[tuple[str, Entity]]
    by_code: Mapping[tuple[str, str], Entity]
    touched_linked: frozenset[int] = frozenset()
    linked_by_code: Mapping[tuple[str, str, str], Entity] = field(default_factory=dict)

    def linked(self, kind: str, owner: str, code: str) -> Entity | None:
        """A record of a reference entity, or an asset of an asset family; None when it was not there."""
        if (kind, owner, code) in self.linked_by_code:
            return self.linked_by_code[kind, owner, code]
        found = catalog_store.linked_by_code(self.session, kind, owner, [code])
        return next((entity for entity in found if entity.id not in self.touched_linked), None)

    def roots(self, after: str = "", until: str | None = None) -> Iterator[Root]:
        """Root models with all below them and products without a model, in key order, keys in [after, until)."""
        which = "root_key >= :after" if until is None else "root_key >= :after AND root_key < :until"
        untouched = self._untouched(which, after=after, until=until)
        return _grouped(merge_sorted(untouched, self._touched(after, until), key=_key))

    def roots_with(self, keys: Sequence[str]) -> Iterator[Root]:
        """Those of `keys`, which come in order, that there are."""
        for start in range(0, len(keys), _BATCH):
            batch = list(keys[start : start + _BATCH])
            there = [keyed for key in batch for keyed in self._touched(key, key + "\0")]
            untouched = self._untouched("root_key = ANY(:keys)", keys=batch)
            yield from _grouped(merge_sorted(untouched, there, key=_key))

    def keys_among(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that are keys of roots."""
        found = {key for key, _ in self.keyed} & set(keys)
        for table in (ProductRow, ProductModelRow):
            query = select(col(table.id), col(table.root_key)).where(catalog_store.among(col(table.root_key), keys))
            found.update(row.root_key for row in self.session.execute(query) if row.id not in self.touched)
        return found

    def committed_at_revision(self, revision: int) -> datetime:
        """When `revision` was committed; long ago for the empty catalogue that was there before the first."""
        return _committed_at(self.session, revision)

    def product(self, code: str) -> Resolved:
        """One product by identifier. Raises NotFound when it was not there at this revision."""
        return self._one(PRODUCT, code)

    def product_model(self, code: str) -> Resolved:
        return self._one(PRODUCT_MODEL, code)

    def media_info(self, code: str) -> dict[str, Any] | None:
        """`{"width", "height", "media_type", "size", "original_filename"}` of a media file; files never change."""
        row = self.session.get(MediaFileRow, code)
        if row is None:
            return None
        return {
            "width": row.width,
            "height": row.height,
            "media_type": row.media_type,
            "size": row.size,
            "original_filename": row.original_filename,
        }

    def _one(self, kind: str, code: str) -> Resolved:
        entity = self._entity(kind, code)
        if entity is None:
            raise NotFound(f"{kind.replace('_', ' ')} `{code}` did not exist at revision {self.revision}")
        return resolve(entity, self._ancestors(entity))

    def _entity(self, kind: str, code: str) -> Entity | None:
        if (kind, code) in self.by_code:
            return self.by_code[kind, code]
        find = catalog_store.products_by_code if kind == PRODUCT else catalog_store.product_models_by_code
        found = (entity for entity in find(self.session, [code]) if entity.id not in self.touched)
        return next(found, None)

    def _ancestors(self, entity: Entity) -> tuple[Entity, ...]:
        chain: list[Entity] = []
        parent = entity.document["parent"]
        while parent is not None:
            model = self._entity(PRODUCT_MODEL, parent)
            assert model is not None, f"product model {parent} is missing below {entity.code}"
            chain.append(model)
            parent = model.document["parent"]
        return tuple(reversed(chain))

    def _untouched(self, which: str, **given: Any) -> Iterator[tuple[str, Entity]]:
        query = text(_CURRENT.format(which=which))
        rows = self.session.execute(query, given, execution_options={"yield_per": _BATCH})
        for row in rows:
            if row.id not in self.touched:
                yield row.root_key, _entity_of(row)

    def _touched(self, after: str, until: str | None) -> Sequence[tuple[str, Entity]]:
        first = bisect_left(self.keyed, after, key=_key)
        return self.keyed[first : None if until is None else bisect_left(self.keyed, until, key=_key)]


def _key(keyed: tuple[str, Entity]) -> str:
    return keyed[0]


def _grouped(members: Iterable[tuple[str, Entity]]) -> Iterator[Root]:
    for key, group in groupby(members, key=_key):
        yield _root(key, [entity for _, entity in group])


def open_snapshot(session: Session, revision: int | None = None) -> Snapshot:
    """The catalogue as of `revision` (default: the newest). `session` must be in a REPEATABLE READ transaction that has
    read nothing yet. Raises NotFound for a revision that does not exist."""
    newest = store.newest_revision(session, at_least=revision or 0)
    revision = newest if revision is None else revision
    current = store.current_structure(session)
    undone = undone_since(session, revision, newest, current)
    structure = structure_then(current, {i: e for i, (kind, e) in undone.items() if kind in STRUCTURE_KINDS})
    return snapshot_with(session, revision, _committed_at(session, revision), structure, undone)


def snapshot_with(session: Session, revision: int, at: datetime, structure: Structure, instead: Instead) -> Snapshot:
    """What the session sees, but with this structure and with the entities of `instead`; called revision `revision` of
    `at`."""
    touched = {i: e for i, (kind, e) in instead.items() if kind in (PRODUCT, PRODUCT_MODEL)}
    linked = {i: e for i, (kind, e) in instead.items() if kind in LINKED}
    linked_by_code = {(e.kind, e.owner, e.code): e for e in linked.values() if e is not None}
    there = [entity for entity in touched.values() if entity is not None]
    keyed = sorted(with_root_keys(session, there, touched), key=_key)
    by_code = {(entity.kind, entity.code): entity for entity in there}
    return Snapshot(
        session, revision, at, structure, touched, keyed, by_code, frozenset(linked), linked_by_code
    )  # fmt: skip


def with_root_keys(
    session: Session, entities: Sequence[Entity], touched: Mapping[int, Entity | None]
) -> Iterator[tuple[str, Entity]]:
    """Each with the key of the root that it belonged to, by the product models of then."""
    models = {entity.code: entity for entity in entities if entity.kind == PRODUCT_MODEL}
    above = {parent for entity in entities if (parent := entity.document["parent"])} - set(models)
    found = catalog_store.models_with_parents(session, above)
    models |= {code: m for code, m in found.items() if m.id not in touched and code not in models}
    for entity in entities:
        ancestors = catalog_store.ancestors_of(entity, models)
        yield (f"{PRODUCT_MODEL}/{ancestors[0].code}" if ancestors else f"{entity.kind}/{entity.code}"), entity


def undone_since(
    session: Session, revision: int, newest: int, current: Structure, among: Collection[int] | None = None
) -> Instead:
    """Every entity changed after `revision` (of `among`, if given), as it was then. Attributes are named by the codes
    they have or had."""
    if revision == newest:
        return {}
    changes: dict[int, list[Change]] = {}
    for change in store.changes_after(session, revision, newest, among):
        changes.setdefault(change.entity_id, []).append(change)
    if not changes:
        return {}
    kinds = {entity_id: since[0].kind for entity_id, since in changes.items()}
    entities = {entity.id: entity for entity in current_entities(session, kinds, current)}
    codes = store.attribute_codes(session, current, (c.attribute_id for since in changes.values() for c in since))
    moments = _last_changes(session, changes, revision)
    then: Instead = {}
    for entity_id, since in changes.items():
        entity = undone(entities.get(entity_id), since, codes)
        if entity is not None and entity_id in moments:
            at_revision, updated = moments[entity_id]
            entity = replace(entity, revision=at_revision, updated=updated)
        then[entity_id] = (since[0].kind, entity)
    return then


def current_entities(session: Session, kinds: Mapping[int, str], structure: Structure) -> Iterable[Entity]:
    """What there is now of these ids, given with their kinds."""
    ids: dict[str, list[int]] = {PRODUCT: [], PRODUCT_MODEL: []}
    for entity_id, kind in kinds.items():
        ids.setdefault(kind, []).append(entity_id)
    yield from (entity for entity in structure.entities.values() if entity.id in kinds)
    tables: list[tuple[str, Any, Any]] = [
        (PRODUCT, ProductRow, catalog_store.products),
        (PRODUCT_MODEL, ProductModelRow, catalog_store.product_models),
        *((kind, LinkedEntityRow, catalog_store.linked_entities) for kind in LINKED),
    ]
    for kind, table, find in tables:
        wanted = ids.get(kind, [])
        for start in range(0, len(wanted), _BATCH):
            yield from find(session, col(table.id).in_(wanted[start : start + _BATCH]))


def undone(entity: Entity | None, changes: list[Change], codes: Mapping[int, str]) -> Entity | None:
    """`entity` before `changes`, which come newest first."""
    at = replace(entity, document=copied(entity.document)) if entity else None
    for change in changes:
        if change.cell.path == CREATED:
            at = None
        elif change.cell.path == DELETED:
            at = recalled(change)
        else:
            assert at is not None
            put_cell(at.document, named(change.cell, change.attribute_id, codes), change.old)
    return at and replace(at, code=_code_of(at))


def named(cell: Cell, attribute_id: int | None, codes: Mapping[int, str]) -> Cell:
    """`cell` with its attribute's code, which the log does not know."""
    return cell if attribute_id is None else replace(cell, attribute=codes[attribute_id])


def recalled(change: Change) -> Entity:
    """The entity that a deletion's row remembers."""
    kept: Document = change.old
    created = datetime.fromisoformat(kept["created"])
    uuid = UUID(kept["uuid"]) if kept["uuid"] else None
    document = copied(kept["document"])
    return Entity(change.entity_id, change.kind, kept["code"], document, created, created, 0, uuid, kept["owner"])


def _code_of(entity: Entity) -> str:
    if entity.kind != PRODUCT:
        return entity.code
    identifier = entity.document["identifier"]
    return str(entity.uuid) if identifier is None else identifier


def _last_changes(session: Session, ids: Iterable[int], revision: int) -> dict[int, tuple[int, datetime]]:
    """Entity id → the last revision up to `revision` that changed it, and when that was."""
    newest = select(col(ChangeRow.entity_id), func.max(col(ChangeRow.revision)).label("revision"))
    newest = newest.where(catalog_store.among(col(ChangeRow.entity_id), list(ids)))
    last = newest.where(col(ChangeRow.revision) <= revision).group_by(col(ChangeRow.entity_id)).subquery()
    moments = select(last.c.entity_id, last.c.revision, col(ChangesetRow.committed_at))
    rows = session.execute(moments.join(ChangesetRow, col(ChangesetRow.revision) == last.c.revision))
    return {row.entity_id: (row.revision, row.committed_at) for row in rows}


def structure_then(current: Structure, undone: dict[int, Entity | None]) -> Structure:
    if not undone:
        return current
    entities = {entity.id: entity for entity in current.entities.values()} | undone
    return Structure(entity for _, entity in sorted(entities.items()) if entity is not None)


def _committed_at(session: Session, revision: int) -> datetime:
    if revision == 0:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return store.get_changeset(session, revision).committed_at


def _entity_of(row: Row[Any]) -> Entity:
    return Entity(row.id, row.kind, row.code, row.document, row.created, row.updated, row.revision, row.uuid)


def _root(key: str, members: list[Entity]) -> Root:
    """Puts together what belongs to one root; the order among `members` does not matter."""
    members.sort(key=lambda entity: entity.code)
    models = {entity.code: entity for entity in members if entity.kind == PRODUCT_MODEL}
    resolved = [resolve(entity, catalog_store.ancestors_of(entity, models)) for entity in members]
    if not models:
        return Root(key, resolved[0], (), tuple(resolved))
    head = next(r for r in resolved if r.kind == PRODUCT_MODEL and not r.ancestors)
    return Root(
        key,
        head,
        tuple(r for r in resolved if r.kind == PRODUCT_MODEL and r.ancestors),
        tuple(r for r in resolved if r.kind == PRODUCT),
    )
