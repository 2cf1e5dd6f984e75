"""Associations between their written form (identifiers) and their stored form (uuids), and the other side of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from pim.base.errors import Violation
from pim.catalog.model import PRODUCT, Document, Entity
from pim.catalog.store import among
from pim.catalog.tables import AssociationTargetRow, ProductModelRow, ProductRow
from pim.versioning.model import Edit

FIELDS = ("associations", "quantified_associations")


@dataclass(slots=True)
class AssociationTargets:
    """The products and product models that a batch may point at: by identifier, by uuid and by code, to their ids."""

    uuids: dict[str, str] = field(default_factory=dict)
    product_ids: dict[str, int] = field(default_factory=dict)
    model_ids: dict[str, int] = field(default_factory=dict)

    def load(self, session: Session, documents: Iterable[Document]) -> None:
        """Looks up whom `documents`, written or stored, point at and is not known yet."""
        documents = [document for document in documents if any(document.get(name) for name in FIELDS)]
        products = {name for d in documents for name in members_of(d, "products")} - set(self.uuids)
        models = {name for d in documents for name in members_of(d, "product_models")} - set(self.model_ids)
        if products:
            uuids = {uuid for name in products if (uuid := _as_uuid(name))}
            condition = or_(among(col(ProductRow.code), products), among(col(ProductRow.uuid), uuids))
            query = select(col(ProductRow.id), col(ProductRow.uuid), col(ProductRow.code)).where(condition)
            for row in session.execute(query):
                self._add_product(row.id, str(row.uuid), row.code)
            for name in products - set(self.uuids):  # a uuid in another spelling
                if str(_as_uuid(name)) in self.uuids:
                    self.uuids[name] = str(_as_uuid(name))
        if models:
            rows = select(col(ProductModelRow.id), col(ProductModelRow.code))
            for code_row in session.execute(rows.where(among(col(ProductModelRow.code), models))):
                self.model_ids[code_row.code] = code_row.id

    def expect(self, edits: Iterable[Edit]) -> None:
        """What a revert brings back may be pointed at before its turn: deleted together, restored together."""
        for edit in edits:
            if edit.restore and edit.uuid:
                self._add_product(edit.restore.id, str(edit.uuid), edit.code or str(edit.uuid))
            elif edit.restore and edit.code:
                self.model_ids[edit.code] = edit.restore.id

    def know(self, entity: Entity) -> None:
        """A staged entity can be pointed at by the edits after it."""
        if entity.kind == PRODUCT:
            self._add_product(entity.id, str(entity.uuid), entity.code)
        else:
            self.model_ids[entity.code] = entity.id

    def forget(self, entity: Entity) -> None:
        """A product that is renamed or deleted can no longer be pointed at by its old identifier."""
        if entity.kind != PRODUCT:
            self.model_ids.pop(entity.code, None)
        elif entity.code != str(entity.uuid):
            self.uuids.pop(entity.code, None)

    def _add_product(self, entity_id: int, uuid: str, code: str) -> None:
        self.uuids[code] = self.uuids[uuid] = uuid
        self.product_ids[uuid] = entity_id

    def ids_in(self, document: Document) -> set[int]:
        """Ids of all products and product models that the document points at and that are known here."""
        ids = {self.product_ids.get(uuid) for uuid in members_of(document, "products")}
        ids |= {self.model_ids.get(code) for code in members_of(document, "product_models")}
        return {entity_id for entity_id in ids if entity_id is not None}

    def holders(self, session: Session, target_id: int) -> Sequence[int]:
        """Ids of the entities whose stored document points at `target_id`."""
        query = select(col(AssociationTargetRow.entity_id)).where(col(AssociationTargetRow.target_id) == target_id)
        return session.execute(query.order_by(col(AssociationTargetRow.entity_id))).scalars().all()


def without_target(document: Document, target: Entity) -> Document:
    """`document` no longer pointing at `target`."""
    kind = "products" if target.kind == PRODUCT else "product_models"
    name = str(target.uuid) if target.kind == PRODUCT else target.code
    return {**document, **{field_name: _dropped(document[field_name], kind, name) for field_name in FIELDS}}


def without_empty(associations: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Types that point at nothing are not kept."""
    kept = {
        code: {kind: members for kind, members in targets.items() if members} for code, targets in associations.items()
    }
    return {code: targets for code, targets in kept.items() if targets}


def stored_associations(
    field_name: str, written: Mapping[str, Mapping[str, Any]], targets: AssociationTargets, violations: list[Violation]
) -> dict[str, dict[str, Any]]:
    """Products by uuid; whoever is not there is a violation. Members are in order of name, without repetitions."""
    stored: dict[str, dict[str, Any]] = {}
    for association_type, kinds in written.items():
        path = f"{field_name}.{association_type}"
        stored[association_type] = {
            kind: _stored_members(path, kind, members or (), targets, violations) for kind, members in kinds.items()
        }
    return stored


def self_associations(document: Document, name: str | None) -> list[Violation]:
    """Where a document points at itself: `name` is the product's uuid or the product model's code."""
    kind = "product_models" if "code" in document else "products"
    return [
        Violation(
            f"{field_name}.{code}.{kind}",
            "self_association",
            f"association `{code}`: `{document.get('identifier') or document.get('code') or name}` cannot point at "
            "itself; name others",
        )
        for field_name in FIELDS
        for code, kinds in document[field_name].items()
        if name is not None and name in map(member_name, kinds.get(kind, ()))
    ]


def _stored_members(
    path: str, kind: str, members: Iterable[Any], targets: AssociationTargets, violations: list[Violation]
) -> list[Any]:
    stored: dict[str, Any] = {}
    for member in members:
        name = member_name(member)
        there = name
        if kind == "products":
            there = targets.uuids.get(name, "")
        elif kind == "product_models":
            there = name if name in targets.model_ids else ""
        if not there:
            what = kind.removesuffix("s").replace("_", " ")
            message = f"{what} `{name}` does not exist; create it before associating it"
            violations.append(Violation(f"{path}.{kind}", "unknown_target", message))
            continue
        key = "uuid" if kind == "products" else "code"
        stored[there] = there if isinstance(member, str) else {key: there, "quantity": member.get("quantity")}
    return [stored[name] for name in sorted(stored)]


def member_name(member: Any) -> str:
    """Identifier, uuid or code of a plain or quantified association's member."""
    if not isinstance(member, Mapping):
        return str(member)
    return str(member.get("uuid") or member.get("identifier") or member.get("code") or "")


def mirrored(
    old: Entity | None, new: Entity | None, two_way: set[str], targets: AssociationTargets
) -> Iterator[tuple[int, Callable[[Document], Document]]]:
    """What has to change on the other side of the two-way associations that differ between `old` and `new`."""
    entity = new or old
    assert entity is not None
    kind = "products" if entity.kind == PRODUCT else "product_models"
    name = str(entity.uuid) if entity.kind == PRODUCT else entity.code
    for association_type in sorted(two_way):
        before, after = _ids_of(old, association_type, targets), _ids_of(new, association_type, targets)
        for target_id in sorted(after - before):
            yield target_id, _adding(association_type, kind, name)
        for target_id in sorted(before - after):
            yield target_id, _dropping(association_type, kind, name)


def _ids_of(entity: Entity | None, association_type: str, targets: AssociationTargets) -> set[int]:
    if entity is None:
        return set()
    only = {"associations": {association_type: entity.document["associations"].get(association_type, {})}}
    return targets.ids_in(only)


def _adding(association_type: str, kind: str, name: str) -> Callable[[Document], Document]:
    def change(document: Document) -> Document:
        kinds = dict(document["associations"].get(association_type, {}))
        kinds[kind] = sorted({*kinds.get(kind, ()), name})
        return {**document, "associations": {**document["associations"], association_type: kinds}}

    return change


def _dropping(association_type: str, kind: str, name: str) -> Callable[[Document], Document]:
    def change(document: Document) -> Document:
        only = {association_type: document["associations"].get(association_type, {})}
        rest = {code: kinds for code, kinds in document["associations"].items() if code != association_type}
        return {**document, "associations": {**rest, **_dropped(only, kind, name)}}

    return change


def _dropped(associations: Mapping[str, Mapping[str, Any]], kind: str, name: str) -> dict[str, dict[str, Any]]:
    return without_empty(
        {
            code: {k: [m for m in members if k != kind or member_name(m) != name] for k, members in kinds.items()}
            for code, kinds in associations.items()
        }
    )


def members_of(document: Document, kind: str) -> Iterator[str]:
    """Names in the well-shaped parts of a document that may not have been checked yet."""
    for field_name in FIELDS:
        associations = document.get(field_name)
        if not associations:
            continue
        for kinds in associations.values() if isinstance(associations, Mapping) else ():
            members = kinds.get(kind) if isinstance(kinds, Mapping) else None
            yield from map(member_name, members if isinstance(members, list) else ())


def _as_uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
