"""From stored documents to those of the dialect: products by identifier or uuid, structure with what readers expect."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pim.api.reading import Reading
from pim.api.values import read_values
from pim.catalog.completeness import completeness
from pim.catalog.linked import LINKED_TYPES
from pim.catalog.model import PRODUCT, Document, Entity, Resolved, owner_fields
from pim.catalog.quality import quality_scores
from pim.catalog.structure import Structure
from pim.versioning.associations import FIELDS, members_of

_KINDS_OF_TARGETS = {"associations": ("products", "product_models", "groups"),
                     "quantified_associations": ("products", "product_models")}  # fmt: skip


def product_documents(
    structure: Structure,
    resolved: Sequence[Resolved],
    reading: Reading,
    by_uuid: bool,
    identifiers: Callable[[Collection[str]], Mapping[str, str]],
) -> list[tuple[Resolved, Document]]:
    """Products or product models as the dialect shows them, in the order given. `identifiers` names products by their
    uuids."""
    mentioned = {uuid for one in resolved for uuid in members_of(one.document, "products")}
    names: Mapping[str, str] = {} if by_uuid else identifiers(mentioned)
    return [(one, _product_document(one, structure, reading, names, by_uuid)) for one in resolved]


def _product_document(
    resolved: Resolved, structure: Structure, reading: Reading, names: Mapping[str, str], by_uuid: bool
) -> Document:
    stored = resolved.document
    document: Document = {}
    if resolved.kind == PRODUCT:
        document["uuid"] = str(resolved.entity.uuid)
    document |= {key: value for key, value in stored.items() if key not in ("values", *FIELDS)}
    values = stored["values"]
    if by_uuid:
        values = _with_identifier(values, document.pop("identifier"), structure)
    document["values"] = read_values(values, structure, reading)
    document["created"] = instant(resolved.entity.created)
    document["updated"] = instant(resolved.updated)
    for field in FIELDS:
        document[field] = _associations(field, stored.get(field) or {}, names, by_uuid)
    if reading.with_completenesses and resolved.kind == PRODUCT:
        document["completenesses"] = _completenesses(resolved, structure)
    if reading.with_quality_scores:
        document["quality_scores"] = _quality_scores(resolved, structure)
    return document


def _with_identifier(values: Document, identifier: str | None, structure: Structure) -> Document:
    """Under `products-uuid` the identifier is a value like any other."""
    attribute = structure.identifier_attribute
    if identifier is None or attribute is None:
        return values
    return {attribute: [{"locale": None, "scope": None, "data": identifier}], **values}


def _associations(field: str, stored: Mapping[str, Any], names: Mapping[str, str], by_uuid: bool) -> Document:
    return {
        association_type: {
            kind: [_member(kind, member, names, by_uuid) for member in kinds.get(kind, ())]
            for kind in _KINDS_OF_TARGETS[field]
        }
        for association_type, kinds in stored.items()
    }


def _member(kind: str, member: Any, names: Mapping[str, str], by_uuid: bool) -> Any:
    """A product without identifier is named by its uuid everywhere: writers may use either."""
    if kind != "products" or by_uuid:
        return member
    if isinstance(member, str):
        return names.get(member, member)
    uuid = member["uuid"]
    name = {"identifier": names[uuid]} if uuid in names else {"uuid": uuid}
    return {**name, "quantity": member["quantity"]}


def _completenesses(resolved: Resolved, structure: Structure) -> list[Document]:
    """Worked out now, so that a reader sees what the last write did to it, whoever made it."""
    document = resolved.document
    if document["family"] is None:
        return []
    found = completeness(document["values"], document["identifier"], document["family"], structure)
    return [{"scope": one.scope, "locale": one.locale, "data": one.ratio} for one in found]


def _quality_scores(resolved: Resolved, structure: Structure) -> list[Document]:
    """A product model is held to the attributes of its own level and those above."""
    document = resolved.document
    if document["family"] is None:
        return []
    held = None
    if resolved.kind != PRODUCT:
        levels = range(len(resolved.ancestors) + 1)
        family, variant = document["family"], document["family_variant"]
        held = frozenset().union(*(structure.attributes_at(family, variant, level) for level in levels))
    found = quality_scores(document["values"], document.get("identifier"), document["family"], structure, held)
    return [{"scope": one.scope, "locale": one.locale, "data": one.letter} for one in found]


def structure_document(entity: Entity, structure: Structure, with_table_select_options: bool = False) -> Document:
    """One piece of structure, with what belongs to it elsewhere in the structure. Options of table columns may be many
    and come only when asked for."""
    document = dict(entity.document)
    match entity.kind:
        case "attribute":
            group = structure.attribute_groups.get(document["group"])
            document["group_labels"] = dict(group.labels) if group else {}
            if "table_configuration" in document and not with_table_select_options:
                document["table_configuration"] = [
                    {name: value for name, value in column.items() if name != "options"}
                    for column in document["table_configuration"]
                ]
        case "attribute_group":
            mine = [one for one in structure.attributes.values() if one.group == entity.code]
            document["attributes"] = [one.code for one in sorted(mine, key=lambda one: (one.sort_order, one.code))]
        case "category":
            document["updated"] = instant(entity.updated)
        case "family_variant":
            del document["family"]
        case "locale":
            document["enabled"] = entity.code in structure.active_locales
        case "reference_entity_attribute" | "asset_family_attribute":
            document = _linked_attribute(entity)
        case "reference_entity_attribute_option" | "asset_family_attribute_option":
            document = {"code": document["code"], "labels": document["labels"]}
    return document


_OF_TYPES = {
    kind: frozenset(name for one in types.values() for name in one.fields) for kind, types in LINKED_TYPES.items()
}


def _linked_attribute(entity: Entity) -> Document:
    """Without its owner, which the address names, and without the fields of other types."""
    own = LINKED_TYPES[entity.kind][entity.document["type"]].fields
    hidden = {*owner_fields(entity.kind, entity.owner), *(_OF_TYPES[entity.kind].difference(own))}
    document = {name: value for name, value in entity.document.items() if name not in hidden}
    if "validation_rule" in own:
        document["validation_rule"] = document["validation_rule"] or "none"
    return document


def instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
