"""Who needs a piece of structure: what has to be told before it may be deleted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.structure import Structure, StructureKey
from pim.versioning.linked_usage import LINKED_STRUCTURE, linked_with_scope, uses_of_linked_structure

_HOLDERS = """
    SELECT kind, code FROM (
        (SELECT 'product' AS kind, code FROM product WHERE ({condition}) AND id <> ALL(:staged) LIMIT 4)
        UNION ALL
        (SELECT 'product model', code FROM product_model WHERE ({condition}) AND id <> ALL(:staged) LIMIT 4)
    ) AS holders LIMIT 4
"""
_SHOWN = 10
"""Uses that are named; beyond them only their number is told."""

Holds = Callable[[Document, str, str], bool]
"""(document, owner, code) → whether the document needs that piece of structure."""


@dataclass(frozen=True, slots=True)
class InDocuments:
    """How products and product models need a kind of structure: asked of the tables, and of documents at hand."""

    condition: str
    holds: Holds


def _with_option(document: Document, attribute: str, code: str) -> bool:
    data = (value["data"] for value in document["values"].get(attribute, ()))
    return any(code in one if isinstance(one, list) else code == one for one in data)


def _with_scope(document: Document, owner: str, code: str) -> bool:
    return any(value["scope"] == code for values in document["values"].values() for value in values)


def _with_group(document: Document, owner: str, code: str) -> bool:
    associated = (kinds.get("groups", ()) for kinds in document["associations"].values())
    return code in document.get("groups", ()) or any(code in groups for groups in associated)


_IN_DOCUMENTS: dict[str, InDocuments] = {
    "family": InDocuments("family = :code", lambda d, _, code: d["family"] == code),
    "category": InDocuments("categories @> ARRAY[:code ::varchar]", lambda d, _, code: code in d["categories"]),
    "group": InDocuments(
        """document->'groups' ? :code OR jsonb_path_exists(document, '$.associations.*.groups[*] ? (@ == $code)',
                                                           jsonb_build_object('code', :code ::text))""",
        _with_group,
    ),
    "attribute_option": InDocuments(
        """EXISTS (SELECT FROM jsonb_array_elements(document->'values'->:owner) AS value
                   WHERE value->'data' ? :code)""",
        _with_option,
    ),
    "channel": InDocuments(
        """jsonb_path_exists(document, '$.values.*[*] ? (@.scope == $code)',
                             jsonb_build_object('code', :code ::text))""",
        _with_scope,
    ),
    "association_type": InDocuments(
        "document->'associations' ? :code OR document->'quantified_associations' ? :code",
        lambda d, _, code: code in d["associations"] or code in d["quantified_associations"],
    ),
    "family_variant": InDocuments(
        "document->>'family_variant' = :code", lambda d, _, code: d.get("family_variant") == code
    ),
}
_IDENTIFIER = InDocuments("true", lambda *_: True)
"""Every product is identified by the identifier."""


def uses_of(
    session: Session,
    structure: Structure,
    key: StructureKey,
    staged: Mapping[int, Entity | None],
    leaving: frozenset[StructureKey] = frozenset(),
) -> list[str]:
    """What needs this piece of structure, in words; [] when it may go. `staged` are the products, product models,
    records and assets as the changeset will leave them (None: deleted), whatever the tables still say; `leaving` the
    structure that goes too."""
    kind, owner, code = key
    uses = list(_USES_IN_STRUCTURE[kind](structure, owner, code)) if kind in _USES_IN_STRUCTURE else []
    if kind in LINKED_STRUCTURE:
        uses += uses_of_linked_structure(session, structure, key, staged, leaving)
    if kind == "channel":
        uses += linked_with_scope(session, code, staged)
    in_documents = _IN_DOCUMENTS.get(kind)
    if kind == "attribute" and structure.identifier_attribute == code:
        in_documents = _IDENTIFIER
    if in_documents is not None:
        uses += _holders(session, in_documents, owner, code, staged)
    return [*uses[:_SHOWN], f"and {len(uses) - _SHOWN} more"] if len(uses) > _SHOWN else uses


def _holders(
    session: Session, wanted: InDocuments, owner: str, code: str, staged: Mapping[int, Entity | None]
) -> list[str]:
    query = text(_HOLDERS.format(condition=wanted.condition))
    stored = session.execute(query, {"owner": owner, "code": code, "staged": list(staged)}).all()
    found = [f"{row.kind} `{row.code}`" for row in stored]
    found += [
        f"{entity.kind.replace('_', ' ')} `{entity.code}`"
        for entity in staged.values()
        if entity is not None and entity.kind in (PRODUCT, PRODUCT_MODEL) and wanted.holds(entity.document, owner, code)
    ]
    return [*found[:3], "and others"] if len(found) > 3 else found


def _of_attribute(structure: Structure, owner: str, code: str) -> Iterator[str]:
    for family in structure.families.values():
        if code in family.attributes:
            yield f"family `{family.code}`"
    for variants in structure.family_variants.values():
        for variant in variants.values():
            if any(code in level.axes for level in variant.variant_attribute_sets):
                yield f"axis of family variant `{variant.code}`"
    for channel in structure.channels.values():
        if code in channel.conversion_units:
            yield f"conversion unit of channel `{channel.code}`"


def _of_attribute_group(structure: Structure, owner: str, code: str) -> Iterator[str]:
    return (f"attribute `{a.code}`" for a in structure.attributes.values() if a.group == code)


def _of_family(structure: Structure, owner: str, code: str) -> Iterator[str]:
    return (f"family variant `{variant}`" for variant in structure.family_variants.get(code, ()))


def _of_category(structure: Structure, owner: str, code: str) -> Iterator[str]:
    yield from (f"category `{child}` below it" for child in structure.children.get(code, ()))
    yield from (f"tree of channel `{c.code}`" for c in structure.channels.values() if c.category_tree == code)


def _of_channel(structure: Structure, owner: str, code: str) -> Iterator[str]:
    for family in structure.families.values():
        required = set(family.attribute_requirements.get(code, ())) - {structure.identifier_attribute}
        if required:
            yield f"requirements of family `{family.code}`"


def _of_locale(structure: Structure, owner: str, code: str) -> Iterator[str]:
    yield from (f"channel `{c.code}`" for c in structure.channels.values() if code in c.locales)
    yield from (f"attribute `{a.code}`" for a in structure.attributes.values() if code in a.available_locales)


def _of_currency(structure: Structure, owner: str, code: str) -> Iterator[str]:
    return (f"channel `{c.code}`" for c in structure.channels.values() if code in c.currencies)


def _of_group_type(structure: Structure, owner: str, code: str) -> Iterator[str]:
    return (f"group `{g.code}`" for g in structure.groups.values() if g.type == code)


def _of_measurement_family(structure: Structure, owner: str, code: str) -> Iterator[str]:
    for attribute in structure.attributes.values():
        if attribute.metric_family == code:
            yield f"attribute `{attribute.code}`"
        for column in attribute.columns:
            if column.measurement_family_code == code:
                yield f"column `{column.code}` of attribute `{attribute.code}`"


_USES_IN_STRUCTURE: dict[str, Callable[[Structure, str, str], Iterator[Any]]] = {
    "attribute": _of_attribute,
    "attribute_group": _of_attribute_group,
    "family": _of_family,
    "category": _of_category,
    "channel": _of_channel,
    "locale": _of_locale,
    "currency": _of_currency,
    "group_type": _of_group_type,
    "measurement_family": _of_measurement_family,
}
