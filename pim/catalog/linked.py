"""Records and assets: what products link to by code. They are alike: values of attributes of their own, kept by an
owner (a reference entity, an asset family). What differs between the two is in LINKED and in the tables of types.
"""

from dataclasses import dataclass
from typing import Any

from pim.catalog.model import ASSET, RECORD, Attribute, LinkedAttribute, OwnedAttribute


@dataclass(frozen=True, slots=True)
class Linked:
    """The kinds of structure around records or assets."""

    owner: str
    attribute: str
    option: str


LINKED = {
    RECORD: Linked("reference_entity", "reference_entity_attribute", "reference_entity_attribute_option"),
    ASSET: Linked("asset_family", "asset_family_attribute", "asset_family_attribute_option"),
}

ATTRIBUTE_KINDS = ("attribute", *(linked.attribute for linked in LINKED.values()))
"""Kinds of structure that values are of."""

LINK_TYPES = {
    "akeneo_reference_entity": RECORD,
    "akeneo_reference_entity_collection": RECORD,
    "pim_catalog_asset_collection": ASSET,
}
"""Attribute types whose data is codes of records or assets; `reference_data_name` says whose."""


def target_of(attribute: Attribute) -> tuple[str, str] | None:
    """(kind, owner) of what the attribute links to."""
    kind = LINK_TYPES.get(attribute.type)
    return (kind, attribute.reference_data_name or "") if kind else None


@dataclass(frozen=True, slots=True)
class LinkedType:
    """A type of attributes of records or assets: the type of products' attributes it is like, and its own fields."""

    like: str
    fields: tuple[str, ...] = ()


_TEXT = LinkedType(
    "pim_catalog_textarea",
    ("max_characters", "is_textarea", "is_rich_text_editor", "validation_rule", "validation_regexp"),
)
_NUMBER = LinkedType("pim_catalog_number", ("decimals_allowed", "min_value", "max_value"))
_FILE = ("allowed_extensions", "max_file_size")

LINKED_TYPES: dict[str, dict[str, LinkedType]] = {
    "reference_entity_attribute": {
        "text": _TEXT,
        "image": LinkedType("pim_catalog_image", _FILE),
        "number": _NUMBER,
        "single_option": LinkedType("pim_catalog_simpleselect"),
        "multiple_options": LinkedType("pim_catalog_multiselect"),
        "reference_entity_single_link": LinkedType("akeneo_reference_entity", ("reference_entity_code",)),
        "reference_entity_multiple_links": LinkedType("akeneo_reference_entity_collection", ("reference_entity_code",)),
        "asset_collection": LinkedType("pim_catalog_asset_collection", ("asset_family_identifier",)),
    },
    "asset_family_attribute": {
        "text": _TEXT,
        "number": _NUMBER,
        "boolean": LinkedType("pim_catalog_boolean"),
        "date": LinkedType("pim_catalog_date"),
        "single_option": LinkedType("pim_catalog_simpleselect"),
        "multiple_options": LinkedType("pim_catalog_multiselect"),
        "media_file": LinkedType("pim_catalog_image", ("media_type", *_FILE)),
        "media_link": LinkedType("pim_catalog_textarea", ("media_type", "prefix", "suffix")),
    },
}
"""Kind of attribute → its types."""

MEDIA_TYPES = ("media_file", "media_link")
"""Of which an asset family's main media may be."""

LABEL = "label"
IMAGE = "image"
MEDIA = "media"
FIRST_ATTRIBUTES: dict[str, dict[str, dict[str, Any]]] = {
    "reference_entity": {LABEL: {"type": "text", "value_per_locale": True}, IMAGE: {"type": "image"}},
    "asset_family": {
        LABEL: {"type": "text", "value_per_locale": True},
        MEDIA: {"type": "media_file", "media_type": "image"},
    },
}
"""What every owner is made with."""

ALWAYS_THERE = {"reference_entity": (LABEL, IMAGE), "asset_family": (LABEL,)}
"""What an owner cannot lose. An asset family's main media may be another attribute than the first."""


def as_attribute(item: LinkedAttribute, owner_kind: str, owner: str) -> OwnedAttribute:
    kind = LINKED_TYPES[f"{owner_kind}_attribute"].get(item.type)
    is_link = item.type == "media_link"
    return OwnedAttribute(
        code=item.code,
        labels=item.labels,
        type=kind.like if kind else item.type,
        localizable=item.value_per_locale,
        scopable=item.value_per_channel,
        allowed_extensions=item.allowed_extensions,
        max_characters=item.max_characters,
        validation_rule=item.validation_rule,
        validation_regexp=item.validation_regexp,
        number_min=item.min_value,
        number_max=item.max_value,
        decimals_allowed=item.decimals_allowed,
        max_file_size=item.max_file_size,
        reference_data_name=getattr(item, "reference_entity_code", None)
        or getattr(item, "asset_family_identifier", None),
        owner_kind=owner_kind,
        owner=owner,
        prefix=(getattr(item, "prefix", None) or "") if is_link else None,
        suffix=(getattr(item, "suffix", None) or "") if is_link else None,
    )
