"""Edits of products and product models: merged, checked against the rules and against each other, not yet written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col

from pim.base.errors import Violation
from pim.base.schema_checking import check_shape, writable
from pim.catalog import store
from pim.catalog.merge import merge
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.product_rules import (
    axis_key,
    canonical_values,
    check_product,
    check_product_model,
    stored_values,
)
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning.associations import AssociationTargets, mirrored, self_associations, stored_associations
from pim.versioning.model import Edit, Outcome
from pim.versioning.uniqueness import Uniqueness

EMPTY: dict[str, Document] = {
    PRODUCT: {
        "identifier": None, "enabled": True, "family": None, "parent": None, "categories": [], "groups": [],
        "values": {}, "associations": {}, "quantified_associations": {},
    },
    PRODUCT_MODEL: {
        "code": None, "family": None, "family_variant": None, "parent": None, "categories": [],
        "values": {}, "associations": {}, "quantified_associations": {},
    },
}  # fmt: skip


@dataclass(slots=True)
class Staged:
    """An entity as the changeset would leave it (`new` None: deleted), with its product models, root first."""

    old: Entity | None
    new: Entity | None
    ancestors: tuple[Entity, ...] = ()
    axis_key: str | None = None


@dataclass(slots=True)
class ProductEdits:
    """All that a batch of edits has read and staged. Later edits see what earlier ones staged."""

    session: Session
    structure: Structure
    at: datetime
    new_ids: Iterator[int]
    staged: dict[int, Staged] = field(default_factory=dict)
    products: dict[str, Entity] = field(default_factory=dict)
    products_by_uuid: dict[UUID, Entity] = field(default_factory=dict)
    models: dict[str, Entity] = field(default_factory=dict)
    targets: AssociationTargets = field(default_factory=AssociationTargets)
    unique: Uniqueness = field(default_factory=Uniqueness)
    media: set[str] = field(default_factory=set)

    def load(self, edits: Sequence[Edit]) -> None:
        """Reads everything the edits refer to in a few queries, locking what they change in id order."""
        for product in _load_products(self.session, edits):
            self.know(product)
        models = {e.code for e in edits if e.kind == PRODUCT_MODEL and e.code}
        for model in store.product_models_by_code(self.session, models, lock=True):
            self.models[model.code] = model
        documents = [e.patch for e in edits if e.patch]
        documents += [e.document for e in (*self.products.values(), *self.models.values())]
        parents = {parent for document in documents if isinstance(parent := document.get("parent"), str)}
        self.models |= store.models_with_parents(self.session, parents - set(self.models))
        self.targets.load(self.session, documents)
        self.targets.expect(edits)
        self.unique.load(self.session, edits, self.models.values(), self.structure)
        self.media = store.known_media(self.session, _media_codes(edits, self.structure))

    def know(self, entity: Entity) -> None:
        if entity.kind == PRODUCT_MODEL:
            self.models[entity.code] = entity
            return
        self.products[entity.code] = entity
        assert entity.uuid is not None
        self.products_by_uuid[entity.uuid] = entity

    def stage(self, old: Entity | None, new: Entity | None, key: str | None = None) -> None:
        entity = new or old
        assert entity is not None
        first = self.staged[entity.id].old if entity.id in self.staged else old
        if old is not None:
            self.products.pop(old.code, None)
            self.models.pop(old.code, None) if old.kind == PRODUCT_MODEL else None
        if new is not None:
            self.know(new)
            self.targets.know(new)
        ancestors = store.ancestors_of(entity, self.models) if new is not None else ()
        self.staged[entity.id] = Staged(first, new, ancestors, key)
        self.unique.note(old, new, ancestors, key, self.structure)

    def current(self, edit: Edit) -> Entity | None:
        """The entity the edit names, as staged so far."""
        if edit.kind == PRODUCT_MODEL:
            return self.models.get(edit.code or "")
        if edit.uuid is not None:
            return self._alive(self.products_by_uuid.get(edit.uuid))
        return self.products.get(edit.code or "")

    def _alive(self, entity: Entity | None) -> Entity | None:
        staged = self.staged.get(entity.id) if entity else None
        return staged.new if staged else entity

    def entity(self, entity_id: int) -> Entity | None:
        """Any product or product model by id, as staged so far, locked."""
        if entity_id in self.staged:
            return self.staged[entity_id].new
        found = store.products(self.session, col(ProductRow.id) == entity_id, lock=True) or store.product_models(
            self.session, col(ProductModelRow.id) == entity_id, lock=True
        )
        for entity in found:
            self.know(entity)
            self.load_ancestors(entity)
        return found[0] if found else None

    def load_ancestors(self, entity: Entity) -> None:
        parent = entity.document["parent"]
        if parent is not None and parent not in self.models:
            self.models |= store.models_with_parents(self.session, [parent])


def apply_product_edit(edits: ProductEdits, edit: Edit) -> Outcome:
    """Stages one creation or change, or says everything that is wrong with it."""
    old = edits.current(edit)
    refusal = _precondition(edits, edit, old)
    if refusal is not None:
        return refusal
    if edit.patch is None:
        assert old is not None
        return _delete(edits, old)
    shown = edit.code or str(edit.uuid or "")
    violations = check_shape(edit.kind, edit.patch)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    document, warnings = _written(edits, edit, old, violations)
    ancestors = _ancestors(edits, document, violations)
    violations += self_associations(document, str(old.uuid) if old and old.uuid else document.get("code"))
    if not violations:
        check = check_product if edit.kind == PRODUCT else check_product_model
        parents = [model.document for model in ancestors]
        warnings += check(document, old.document if old else None, parents, edits.structure, violations)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    if old is not None and document == old.document:
        return Outcome("unchanged", old.code, old.id, old.uuid, warnings=warnings)
    entity = _entity(edits, edit, old, document)
    key = _axis_key(entity, ancestors, edits.structure)
    violations = edits.unique.violations(entity, ancestors, key, edits.structure)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    edits.stage(old, entity, key)
    _stage_mirrors(edits, old, entity)
    return Outcome("updated" if old else "created", entity.code, entity.id, entity.uuid, warnings=warnings)


def _load_products(session: Session, edits: Sequence[Edit]) -> list[Entity]:
    codes = {e.code for e in edits if e.kind == PRODUCT and e.code}
    codes |= {i for e in edits if e.kind == PRODUCT and e.patch and isinstance(i := e.patch.get("identifier"), str)}
    uuids = {e.uuid for e in edits if e.kind == PRODUCT and e.uuid}
    if not uuids:
        return store.products_by_code(session, codes, lock=True)
    condition = col(ProductRow.code).in_(codes) | col(ProductRow.uuid).in_(uuids)
    return store.products(session, condition, lock=True)


def _media_codes(edits: Sequence[Edit], structure: Structure) -> set[str]:
    codes = {a.code for a in structure.attributes.values() if a.type in ("pim_catalog_image", "pim_catalog_file")}
    return {
        value["data"]
        for edit in edits
        if edit.patch and isinstance(values := edit.patch.get("values"), Mapping)
        for code in codes & values.keys()
        if isinstance(values[code], list)
        for value in values[code]
        if isinstance(value, Mapping) and isinstance(value.get("data"), str)
    }


def _precondition(edits: ProductEdits, edit: Edit, old: Entity | None) -> Outcome | None:
    what = f"{edit.kind.replace('_', ' ')} `{edit.code or edit.uuid}`"
    shown = edit.code or str(edit.uuid or "")
    if edit.must == "create" and old is not None:
        violation = Violation(
            "identifier" if edit.kind == PRODUCT else "code", "taken", f"{what} exists already; patch it"
        )
        return Outcome("rejected", shown, violations=[violation])
    if old is None and (edit.must == "exist" or edit.patch is None):
        return Outcome("missing", shown, violations=[Violation("", "not_found", f"{what} does not exist")])
    if old is not None and edit.if_revision is not None:
        chain = (old, *store.ancestors_of(old, edits.models))
        revision = max(entity.revision for entity in chain)
        if revision != edit.if_revision:
            message = f"{what} was changed at revision {revision}, you saw {edit.if_revision}; read it again"
            return Outcome("conflict", shown, old.id, violations=[Violation("", "changed_meanwhile", message)])
    return None


def _written(
    edits: ProductEdits, edit: Edit, old: Entity | None, violations: list[Violation]
) -> tuple[Document, list[str]]:
    """The whole document the edit asks for: patch in canonical form, merged into what is there."""
    assert edit.patch is not None
    patch = writable(edit.kind, edit.patch)
    patch.pop("uuid", None)
    code_field = "identifier" if edit.kind == PRODUCT else "code"
    if edit.kind == PRODUCT:
        _take_identifier_from_values(patch, edits.structure)
    if edit.code is not None:
        patch.setdefault(code_field, edit.code)
    for name in ("categories", "groups"):
        if name in patch:
            patch[name] = sorted(set(patch[name]))
    if "values" in patch:
        patch["values"] = canonical_values(patch["values"], edits.structure, violations)
        violations += _unknown_media(patch["values"], edits)
    for name in ("associations", "quantified_associations"):
        if name in patch:
            patch[name] = stored_associations(name, patch[name], edits.targets, violations)
    base = old.document if old is not None and not edit.replace else EMPTY[edit.kind]
    if old is None or edit.replace:
        patch["values"] = stored_values(patch.get("values", {}))
        document = {**base, **patch}
        for name in ("associations", "quantified_associations"):
            document[name] = _without_empty(document[name])
    else:
        document = merge(base, patch)
        for name in ("associations", "quantified_associations"):
            if name in patch:
                document[name] = _without_empty(document[name])
    return document, []


def _take_identifier_from_values(patch: Document, structure: Structure) -> None:
    """The identifier may come as a value of its attribute; the document has it at the top."""
    code = structure.identifier_attribute
    if code is None or code not in patch.get("values", {}):
        return
    patch["values"] = dict(patch["values"])
    for value in patch["values"].pop(code):
        patch.setdefault("identifier", value["data"])


def _unknown_media(values: Mapping[str, Iterable[Any]], edits: ProductEdits) -> list[Violation]:
    media = {
        code for code in values if edits.structure.attributes[code].type in ("pim_catalog_image", "pim_catalog_file")
    }
    return [
        Violation(
            f"values.{code}", "unknown_media",
            f"attribute `{code}`: media file `{value['data']}` does not exist; upload it first",
            code, value["locale"], value["scope"],
        )
        for code in values
        if code in media
        for value in values[code]
        if isinstance(value["data"], str) and value["data"] and value["data"] not in edits.media
    ]  # fmt: skip


def _without_empty(associations: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    kept = {
        code: {kind: members for kind, members in targets.items() if members} for code, targets in associations.items()
    }
    return {code: targets for code, targets in kept.items() if targets}


def _ancestors(edits: ProductEdits, document: Document, violations: list[Violation]) -> tuple[Entity, ...]:
    parent = document["parent"]
    if parent is None:
        return ()
    if parent not in edits.models:
        message = f"product model `{parent}` does not exist; create it before what is below it"
        violations.append(Violation("parent", "unknown_parent", message))
        return ()
    above = edits.models[parent]
    if document.get("code") is not None and not document.get("family"):
        document["family"] = above.document["family"]
    return (*store.ancestors_of(above, edits.models), above)


def _entity(edits: ProductEdits, edit: Edit, old: Entity | None, document: Document) -> Entity:
    if edit.kind == PRODUCT_MODEL:
        uuid, code = None, document["code"]
    else:
        uuid = old.uuid if old else edit.uuid or uuid4()
        code = document["identifier"] if document["identifier"] is not None else str(uuid)
    if old is not None:
        return Entity(old.id, old.kind, code, document, old.created, edits.at, old.revision, uuid)
    identity = edit.restore.id if edit.restore else next(edits.new_ids)
    created = edit.restore.created if edit.restore else edits.at
    return Entity(identity, edit.kind, code, document, created, edits.at, 0, uuid)


def _axis_key(entity: Entity, ancestors: Sequence[Entity], structure: Structure) -> str | None:
    if not ancestors:
        return None
    root = ancestors[0].document
    level = structure.variant_level(root["family"], root["family_variant"], len(ancestors))
    return axis_key(entity.document, level.axes, structure) if level else None


def _stage_mirrors(edits: ProductEdits, old: Entity | None, new: Entity | None) -> None:
    """A two-way association is written on both sides, and taken off both."""
    two_way = {code for code, t in edits.structure.association_types.items() if t.is_two_way}
    if not two_way:
        return
    edits.targets.load(edits.session, [entity.document for entity in (old, new) if entity])
    for target_id, change in mirrored(old, new, two_way, edits.targets):
        target = edits.entity(target_id)
        if target is not None:
            _restage(edits, target, change)


def _restage(edits: ProductEdits, entity: Entity, change: Callable[[Document], Document]) -> None:
    document = change(entity.document)
    if document != entity.document:
        staged = edits.staged.get(entity.id)
        changed = replace(entity, document=document, updated=edits.at)
        key = (
            staged.axis_key if staged else _axis_key(entity, store.ancestors_of(entity, edits.models), edits.structure)
        )
        edits.stage(entity, changed, key)


def _delete(edits: ProductEdits, old: Entity) -> Outcome:
    """Takes an entity away, what is below it, and every mention of it elsewhere."""
    if old.kind == PRODUCT_MODEL:
        for child in _children(edits, old):
            _delete(edits, child)
    _stage_mirrors(edits, old, None)
    edits.stage(old, None)
    for holder_id in edits.targets.holders(edits.session, old.id):
        holder = edits.entity(holder_id)
        if holder is not None:
            _restage(edits, holder, partial(edits.targets.without, target=old))
    return Outcome("deleted", old.code, old.id, old.uuid)


def _children(edits: ProductEdits, model: Entity) -> list[Entity]:
    stored = [
        *store.product_models(edits.session, col(ProductModelRow.parent_id) == model.id, lock=True),
        *store.products(edits.session, col(ProductRow.parent_id) == model.id, lock=True),
    ]
    for child in stored:
        if child.id not in edits.staged:
            edits.know(child)
    known = (staged.new for staged in edits.staged.values())
    children = {child.id: child for child in stored if child.id not in edits.staged}
    children |= {child.id: child for child in known if child and child.document["parent"] == model.code}
    return list(children.values())


def strip_values(edits: ProductEdits, holders: Iterable[Entity], attributes: frozenset[str]) -> None:
    """Takes the values of `attributes` off `holders`, as they are staged by now, as changes like any other."""
    for stored in holders:
        if stored.id in edits.staged:
            holder = edits.staged[stored.id].new
        else:
            holder = stored
            edits.know(holder)
            edits.load_ancestors(holder)
        if holder is not None:
            _restage(edits, holder, partial(_without_values, attributes=attributes))


def _without_values(document: Document, attributes: frozenset[str]) -> Document:
    values = {code: values for code, values in document["values"].items() if code not in attributes}
    return {**document, "values": values}


def move_down(edits: ProductEdits, models: Iterable[Entity], levels: Mapping[str, int]) -> None:
    """Values of the attributes in `levels` go from `models` to the entities below them at that level."""
    for model in models:
        edits.know(model)
        edits.load_ancestors(model)
        depth = len(store.ancestors_of(model, edits.models))
        moving = {code: model.document["values"][code] for code in levels if code in model.document["values"]}
        moving = {code: values for code, values in moving.items() if levels[code] > depth}
        _give(edits, model, moving, {code: levels[code] - depth for code in moving})
        _restage(edits, model, partial(_without_values, attributes=frozenset(moving)))


def _give(edits: ProductEdits, model: Entity, values: Mapping[str, Any], steps: Mapping[str, int]) -> None:
    for child in _children(edits, model):
        here = {code: values[code] for code in values if steps[code] == 1}
        if here:
            _restage(edits, child, partial(_with_values, values=here))
        further = {code: values[code] for code in values if steps[code] > 1}
        if further:
            _give(edits, child, further, {code: steps[code] - 1 for code in further})


def _with_values(document: Document, values: Mapping[str, Any]) -> Document:
    return {**document, "values": {**values, **document["values"]}}
