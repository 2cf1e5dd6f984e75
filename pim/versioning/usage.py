"""Who needs a piece of structure: what has to be told before it may be deleted."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from pim.catalog.structure import Structure, StructureKey

_HOLDERS = """
    SELECT kind, code FROM (
        (SELECT 'product' AS kind, code FROM product WHERE {condition} LIMIT 4)
        UNION ALL
        (SELECT 'product model', code FROM product_model WHERE {condition} LIMIT 4)
    ) AS holders LIMIT 4
"""
_WITH_OPTION = """EXISTS (SELECT FROM jsonb_array_elements(document->'values'->:owner) AS value
                          WHERE value->'data' ? :code)"""
_WITH_SCOPE = (
    """jsonb_path_exists(document, '$.values.*[*] ? (@.scope == $code)', jsonb_build_object('code', :code ::text))"""
)
_WITH_ASSOCIATION = "document->'associations' ? :code OR document->'quantified_associations' ? :code"

_ANY = "true"  # every product is identified by the identifier

_CONDITIONS: dict[str, str] = {
    "family": "family = :code",
    "category": "categories @> ARRAY[:code ::varchar]",
    "group": "document->'groups' ? :code",
    "attribute_option": _WITH_OPTION,
    "channel": _WITH_SCOPE,
    "association_type": _WITH_ASSOCIATION,
    "family_variant": "document->>'family_variant' = :code",
}


def uses_of(session: Session, structure: Structure, key: StructureKey) -> list[str]:
    """What needs this piece of structure, in words; [] when it may go. Products are named up to three."""
    kind, owner, code = key
    uses = list(_USES_IN_STRUCTURE[kind](structure, owner, code)) if kind in _USES_IN_STRUCTURE else []
    condition = _CONDITIONS.get(kind)
    if kind == "attribute" and structure.identifier_attribute == code:
        condition = _ANY
    return uses + (_holders(session, condition, owner, code) if condition else [])


def _holders(session: Session, condition: str, owner: str, code: str) -> list[str]:
    query = text(_HOLDERS.format(condition=condition))
    found = session.execute(query, {"owner": owner, "code": code}).all()
    named = [f"{row.kind} `{row.code}`" for row in found[:3]]
    return [*named, "and others"] if len(found) > 3 else named


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
    return (f"attribute `{a.code}`" for a in structure.attributes.values() if a.metric_family == code)


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
