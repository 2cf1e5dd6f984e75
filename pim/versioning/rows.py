"""The rows that a changeset makes of products and product models, worked out before the head is locked.

What edits leave alone is not written again: of something that was there already, only those filter rows, unique values
and associations make way that differ. After a change of structure all of them do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pim.catalog.completeness import ratios
from pim.catalog.filter_values import FilterRow, filter_rows
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.versioning.associations import FIELDS
from pim.versioning.diff import changed_keys
from pim.versioning.staging import ProductEdits, Staged
from pim.versioning.uniqueness import unique_values

_encode = msgspec.json.Encoder().encode

Row = tuple[Any, ...]


def as_json(data: Any) -> str | None:
    return None if data is None else _encode(data).decode()


@dataclass(frozen=True, slots=True)
class EntityRows:
    """Of the table of one kind. `created` and `updated` hold `write.COLUMNS`, parents before what is below them;
    `named` is (id, code, parent's id, axis key) of the updated ones that may have changed those; of `deleted`,
    sub-models come before root models."""

    created: list[Row]
    updated: list[Row]
    named: list[Row]
    deleted: list[list[int]]


@dataclass(frozen=True, slots=True)
class DerivedRows:
    """Of one derived table: all rows of the entities in `of_entities` make way for `new`, and those of `of_attributes`,
    pairs of an entity and an attribute."""

    of_entities: list[int]
    new: list[Row]
    of_attributes: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class ProductRows:
    entities: dict[str, EntityRows]
    filter_values: DerivedRows
    unique_values: DerivedRows
    association_targets: DerivedRows
    deleted: list[int]


def product_rows(edits: ProductEdits, staged: Sequence[Staged], structure_changed: bool) -> ProductRows:
    """Everything that depends neither on the revision nor on what others write meanwhile. `staged` are the edits that
    come to something."""
    return ProductRows(
        {kind: _entity_rows(edits, [s for s in staged if s.entity.kind == kind]) for kind in (PRODUCT_MODEL, PRODUCT)},
        _filter_values(staged, edits.structure, structure_changed),
        _unique_values(staged, edits.structure, structure_changed),
        _association_targets(edits, staged, structure_changed),
        [s.entity.id for s in staged if not s.new],
    )


def completeness_row(product: Entity, ancestors: Sequence[Entity], structure: Structure) -> tuple[int, str]:
    merged = resolve(product, ancestors).document
    if merged["family"] is None:
        return product.id, "{}"
    return product.id, ratios(merged["values"], merged["identifier"], merged["family"], structure)


def all_filter_rows(entities: Iterable[Entity], structure: Structure) -> Iterator[FilterRow]:
    for entity in entities:
        yield from filter_rows(entity.id, entity.document["values"], structure)


def _entity_rows(edits: ProductEdits, staged: Sequence[Staged]) -> EntityRows:
    found = EntityRows([], [], [], [[], []])
    present = [(s.old, s.new, s.axis_key, edits.ancestors(s.new)) for s in staged if s.new]
    for old, new, axis_key, ancestors in sorted(present, key=lambda one: len(one[3])):
        (found.updated if old else found.created).append(_row(new, axis_key, ancestors))
        if old and (old.code != new.code or old.document["parent"] or ancestors):
            found.named.append((new.id, new.code, ancestors[-1].id if ancestors else None, axis_key))
    for one in staged:
        if not one.new:
            found.deleted[one.entity.document["parent"] is None].append(one.entity.id)
    return found


def _row(entity: Entity, axis_key: str | None, ancestors: Sequence[Entity]) -> Row:
    document = entity.document
    root = f"{PRODUCT_MODEL}/{ancestors[0].code}" if ancestors else f"{entity.kind}/{entity.code}"
    parent_id = ancestors[-1].id if ancestors else None
    tail = (root, axis_key, as_json(document), entity.created, entity.updated)
    if entity.kind == PRODUCT_MODEL:
        return (entity.id, entity.code, parent_id, document["family"], *tail)
    return (entity.id, entity.uuid, entity.code, parent_id, document["family"], document["enabled"], *tail)


def _filter_values(staged: Iterable[Staged], structure: Structure, structure_changed: bool) -> DerivedRows:
    filterable = structure.filterable_attributes
    gone: list[int] = []
    gone_values: list[tuple[int, int]] = []
    new: list[Row] = []
    for one in staged:
        before = one.old.document["values"] if one.old else {}
        after = one.new.document["values"] if one.new else {}
        if one.old and one.new and not structure_changed:
            changed = changed_keys(before, after)
            gone_values += [(one.old.id, filterable[code]) for code in changed if code in before and code in filterable]
            after = {code: after[code] for code in changed if code in after}
        elif one.old:
            gone.append(one.old.id)
        new += filter_rows(one.entity.id, after, structure)
    return DerivedRows(gone, new, gone_values)


def _unique_values(staged: Iterable[Staged], structure: Structure, structure_changed: bool) -> DerivedRows:
    found = DerivedRows([], [])
    for one in staged:
        before = [held for _, held in unique_values(one.old, structure)] if one.old else []
        after = [held for _, held in unique_values(one.new, structure)] if one.new else []
        if structure_changed or before != after:
            found.of_entities.append(one.entity.id)
            found.new.extend((*held, one.entity.id) for held in after)
    return found


def _association_targets(edits: ProductEdits, staged: Iterable[Staged], structure_changed: bool) -> DerivedRows:
    found = DerivedRows([], [])
    changed = [s for s in staged if structure_changed or not s.old or not s.new or _associates_others(s.old, s.new)]
    edits.targets.load(edits.session, (s.new.document for s in changed if s.new))
    for one in changed:
        found.of_entities.append(one.entity.id)
        if one.new:
            found.new.extend((one.new.id, target) for target in sorted(edits.targets.ids_in(one.new.document)))
    return found


def _associates_others(old: Entity, new: Entity) -> bool:
    return any(old.document.get(name) != new.document.get(name) for name in FIELDS)
