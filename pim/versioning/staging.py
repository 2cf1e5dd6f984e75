"""What a batch of edits has read of products and product models, and what it leaves of them: nothing written yet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col

from pim.catalog import store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.product_rules import axis_key
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning.associations import AssociationTargets
from pim.versioning.model import Edit
from pim.versioning.references import References, data_of
from pim.versioning.uniqueness import Uniqueness


@dataclass(slots=True)
class Staged:
    """An entity before the changeset (None: not there) and as the changeset would leave it (None: deleted)."""

    old: Entity | None
    new: Entity | None
    axis_key: str | None = None

    @property
    def entity(self) -> Entity:
        entity = self.new or self.old
        assert entity is not None
        return entity

    @property
    def changed(self) -> bool:
        """Whether the edits come to something: a document edited back to what it was is as it was."""
        if self.old is None or self.new is None:
            return self.old is not self.new
        return self.old.document != self.new.document


@dataclass(slots=True)
class ProductEdits:
    """All that a batch of edits has read and staged. Later edits see what earlier ones staged."""

    session: Session
    structure: Structure
    at: datetime
    new_ids: Iterator[int]
    references: References = field(default_factory=References)
    staged: dict[int, Staged] = field(default_factory=dict)
    products: dict[str, Entity] = field(default_factory=dict)
    products_by_uuid: dict[UUID, Entity] = field(default_factory=dict)
    models: dict[str, Entity] = field(default_factory=dict)
    targets: AssociationTargets = field(default_factory=AssociationTargets)
    unique: Uniqueness = field(default_factory=Uniqueness)
    _below: dict[str, set[int]] = field(default_factory=dict)
    _mentioning: dict[int, set[int]] = field(default_factory=dict)

    def load(self, edits: Sequence[Edit]) -> None:
        """Reads everything the edits refer to in a few queries, locking what they change in id order."""
        for product in _load_products(self.session, edits, self.structure.identifier_attribute):
            self.know(product)
            self.unique.codes[PRODUCT, product.code] = product.id
        models = {e.code for e in edits if e.kind == PRODUCT_MODEL and e.code}
        for model in store.product_models_by_code(self.session, models, lock=True):
            self.models[model.code] = model
        documents = [e.patch for e in edits if e.patch]
        documents += [e.document for e in (*self.products.values(), *self.models.values())]
        parents = {parent for document in documents if isinstance(parent := document.get("parent"), str)}
        self.models = store.models_with_parents(self.session, parents - set(self.models)) | self.models
        self.targets.load(self.session, documents)
        self.targets.expect(edits)
        self.unique.load(self.session, edits, self.models.values(), self.structure)
        self.references.load(self.session, self.structure.attributes, (edit.patch for edit in edits))

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
            (self.products if old.kind == PRODUCT else self.models).pop(old.code, None)
            self.targets.forget(old)
        if new is not None:
            self.know(new)
            self._note_references(new)
        ancestors = self.ancestors(new) if new is not None else ()
        self.staged[entity.id] = Staged(first, new, key)
        self.unique.note(old, new, ancestors, key, self.structure)

    def _note_references(self, entity: Entity) -> None:
        """What a staged entity stands under and points at, or did at some time since the first of the edits."""
        self.targets.know(entity)
        for target_id in self.targets.ids_in(entity.document):
            self._mentioning.setdefault(target_id, set()).add(entity.id)
        if entity.document["parent"] is not None:
            self._below.setdefault(entity.document["parent"], set()).add(entity.id)

    def restage(self, entity: Entity, change: Callable[[Document], Document]) -> None:
        """Stages what `change` makes of the entity, which is taken as it is staged by now."""
        entity = self.newest(entity)
        document = change(entity.document)
        if document != entity.document:
            staged = self.staged.get(entity.id)
            key = staged.axis_key if staged else axis_key_of(entity, self.ancestors(entity), self.structure)
            self.stage(entity, replace(entity, document=document, updated=self.at), key)

    def newest(self, stored: Entity) -> Entity:
        """`stored` as it is staged by now, and known from now on."""
        staged = self.staged.get(stored.id)
        if staged is not None:
            return staged.new or stored
        self.know(stored)
        self.load_ancestors(stored)
        return stored

    def is_deleted(self, entity: Entity) -> bool:
        staged = self.staged.get(entity.id)
        return staged is not None and staged.new is None

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
        return self.newest(found[0]) if found else None

    def children(self, model: Entity) -> list[Entity]:
        """What stands directly below a product model, as staged so far, locked."""
        stored = [
            *store.product_models(self.session, col(ProductModelRow.parent_id) == model.id, lock=True),
            *store.products(self.session, col(ProductRow.parent_id) == model.id, lock=True),
        ]
        children = {child.id: self.newest(child) for child in stored if child.id not in self.staged}
        staged = (self.staged[entity_id].new for entity_id in sorted(self._below.get(model.code, ())))
        children |= {child.id: child for child in staged if child and child.document["parent"] == model.code}
        return list(children.values())

    def holders(self, target: Entity) -> list[int]:
        """Ids of all that point at `target`, in the database or as staged so far."""
        stored = self.targets.holders(self.session, target.id)
        return sorted({*stored, *self._mentioning.get(target.id, ())} - {target.id})

    def ancestors(self, entity: Entity) -> tuple[Entity, ...]:
        """The product models above `entity`, root first, as staged so far."""
        return store.ancestors_of(entity, self.models)

    def load_ancestors(self, entity: Entity) -> None:
        parent = entity.document["parent"]
        if parent is not None and parent not in self.models:
            self.models = store.models_with_parents(self.session, [parent]) | self.models

    def changed(self) -> list[Staged]:
        return [staged for staged in self.staged.values() if staged.changed]

    def refresh_models(self) -> bool:
        """Whether others changed product models since they were read; these are read once more. Once the head is
        locked, nobody changes them any more."""
        read = {model.code: model.revision for model in self.models.values() if model.id not in self.staged}
        newest = store.model_revisions(self.session, read)
        newer = [code for code, revision in newest.items() if revision != read[code]]
        self.models |= {model.code: model for model in store.product_models_by_code(self.session, newer)}
        return bool(newer)


def axis_key_of(entity: Entity, ancestors: Sequence[Entity], structure: Structure) -> str | None:
    """The combination of axes by which `entity` differs from its siblings, None for what has no product model."""
    if not ancestors:
        return None
    root = ancestors[0].document
    level = structure.variant_level(root["family"], root["family_variant"], len(ancestors))
    return axis_key(entity.document, level.axes, structure) if level else None


def _load_products(session: Session, edits: Sequence[Edit], identifier_attribute: str | None) -> list[Entity]:
    """Products that the edits name, and holders of the identifiers that they give."""
    of_products = [edit for edit in edits if edit.kind == PRODUCT]
    codes = {code for edit in of_products for code in _identifiers(edit, identifier_attribute)}
    uuids = {edit.uuid for edit in of_products if edit.uuid}
    if not uuids:
        return store.products_by_code(session, codes, lock=True)
    condition = store.among(col(ProductRow.code), codes) | store.among(col(ProductRow.uuid), uuids)
    return store.products(session, condition, lock=True)


def _identifiers(edit: Edit, identifier_attribute: str | None) -> Iterator[str]:
    patch = edit.patch or {}
    names = [edit.code, patch.get("identifier"), *data_of(patch.get("values"), identifier_attribute)]
    return (name for name in names if isinstance(name, str) and name)
