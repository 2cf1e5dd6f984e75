"""What a change of one product or product model does to others, staged like any other change."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from pim.catalog.merge import by_place, merge_values
from pim.catalog.model import PRODUCT_MODEL, Attribute, Document, Entity, Value
from pim.catalog.table_rows import without_lost_cells
from pim.versioning.associations import mirrored, without_target
from pim.versioning.staging import ProductEdits


def stage_mirrors(edits: ProductEdits, old: Entity | None, new: Entity | None) -> None:
    """A two-way association is written on both sides, and taken off both."""
    pointing = [entity.document for entity in (old, new) if entity and entity.document["associations"]]
    two_way = {code for code, t in edits.structure.association_types.items() if t.is_two_way}
    if not pointing or not two_way:
        return
    edits.targets.load(edits.session, pointing)
    for target_id, change in mirrored(old, new, two_way, edits.targets):
        target = edits.entity(target_id)
        if target is not None:
            edits.restage(target, change)


def delete_entity(edits: ProductEdits, old: Entity) -> None:
    """Takes an entity away, what is below it, and every mention of it elsewhere."""
    if old.kind == PRODUCT_MODEL:
        for child in edits.children(old):
            delete_entity(edits, child)
    holders = edits.holders(old)
    stage_mirrors(edits, old, None)
    edits.stage(old, None)
    for holder_id in holders:
        holder = edits.entity(holder_id)
        if holder is not None:
            edits.restage(holder, partial(without_target, target=old))


def strip_values(edits: ProductEdits, holders: Iterable[Entity], attributes: frozenset[str]) -> None:
    """Takes the values of `attributes` off `holders`, as they are staged by now."""
    for holder in holders:
        if not edits.is_deleted(holder):
            edits.restage(holder, partial(_without_values, attributes=attributes))


def _without_values(document: Document, attributes: frozenset[str]) -> Document:
    values = {code: values for code, values in document["values"].items() if code not in attributes}
    return {**document, "values": values}


def strip_cells(edits: ProductEdits, holders: Iterable[Entity], attribute: Attribute) -> None:
    """Takes out of the tables of `holders` what `attribute` has no column or option for any more."""
    for holder in holders:
        if not edits.is_deleted(holder):
            edits.restage(holder, partial(_without_cells, attribute=attribute))


def _without_cells(document: Document, attribute: Attribute) -> Document:
    kept: list[Value] = [
        {"locale": locale, "scope": scope, "data": without_lost_cells(rows, attribute)}
        for (locale, scope), rows in by_place(document["values"].get(attribute.code, ())).items()
    ]
    return {**document, "values": merge_values(document["values"], {attribute.code: kept})}


def move_down(edits: ProductEdits, models: Iterable[Entity], levels: Mapping[str, int]) -> None:
    """Values of the attributes in `levels` go from `models` to the entities below them at that level."""
    for stored in models:
        if edits.is_deleted(stored):
            continue
        model = edits.newest(stored)
        depth = len(edits.ancestors(model))
        moving = {code: values for code, values in model.document["values"].items() if levels.get(code, 0) > depth}
        _give(edits, model, moving, {code: levels[code] - depth for code in moving})
        edits.restage(model, partial(_without_values, attributes=frozenset(moving)))


def _give(edits: ProductEdits, model: Entity, values: Mapping[str, Any], steps: Mapping[str, int]) -> None:
    here = {code: values[code] for code in values if steps[code] == 1}
    further = {code: values[code] for code in values if steps[code] > 1}
    for child in edits.children(model):
        if here:
            edits.restage(child, partial(_with_values, values=here))
        if further:
            _give(edits, child, further, {code: steps[code] - 1 for code in further})


def _with_values(document: Document, values: Mapping[str, Any]) -> Document:
    return {**document, "values": {**values, **document["values"]}}
