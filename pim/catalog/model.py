"""The catalogue's words as plain data.

A product or product model is a *document*: a plain dict of the shape that `schemas/product.schema.json` describes, the
same for API, import, history, fixtures and exports. Structure (attributes, families, channels, …) is small and read
often, so its documents become frozen structs once, in `catalog/structure.py`.

In stored documents, associations name products by uuid (identifiers may change) and product models and groups by code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NotRequired, TypedDict
from uuid import UUID

import msgspec

Labels = dict[str, str]
Document = dict[str, Any]


class Value(TypedDict):
    """One datum of an attribute; `locale` and `scope` are None where the attribute does not vary."""

    locale: str | None
    scope: str | None
    data: Any


Values = dict[str, list[Value]]


class ProductDocument(TypedDict):
    """A product's own document; a variant's leaves out what its product models say."""

    identifier: str | None
    enabled: bool
    family: str | None
    parent: str | None
    categories: list[str]
    groups: list[str]
    values: Values
    associations: dict[str, dict[str, list[str]]]
    quantified_associations: dict[str, dict[str, list[dict[str, Any]]]]


class ProductModelDocument(TypedDict):
    code: str
    family: str
    family_variant: str
    parent: str | None
    categories: list[str]
    values: Values
    associations: NotRequired[dict[str, dict[str, list[str]]]]
    quantified_associations: NotRequired[dict[str, dict[str, list[dict[str, Any]]]]]


PRODUCT = "product"
PRODUCT_MODEL = "product_model"
RECORD = "record"
ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Entity:
    """A product, product model, record, asset or piece of structure with its own (unmerged) document.

    `id` is internal and never used again; `code` is a product's identifier, or its uuid where it has none.
    `owner` says whose it is among kinds with owners (see `owner_of`), else it is empty.
    """

    id: int
    kind: str
    code: str
    document: Document
    created: datetime
    updated: datetime
    revision: int
    uuid: UUID | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A product or product model as its readers see it: `document` has the values, categories and associations of its
    product models merged in; `updated` and `revision` count theirs. `ancestors` runs from the root model down."""

    entity: Entity
    ancestors: tuple[Entity, ...]
    document: Document
    updated: datetime
    revision: int

    @property
    def code(self) -> str:
        return self.entity.code

    @property
    def kind(self) -> str:
        return self.entity.kind


@dataclass(frozen=True, slots=True)
class Root:
    """A root product model with everything below it, or a product that has no model (then it is its own variant).

    `key` orders roots in byte order: `product/<identifier>` or `product_model/<code>`. `models` are the sub-models and
    `products` the variants, each in byte order of their codes.
    """

    key: str
    head: Resolved
    models: tuple[Resolved, ...]
    products: tuple[Resolved, ...]


class Structured(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all structure: a code and labels by locale."""

    code: str
    labels: Labels = msgspec.field(default_factory=dict)

    def label(self, locale: str) -> str:
        """The label in `locale`, or the code in brackets as the field's tools show it."""
        return self.labels.get(locale) or f"[{self.code}]"


class TableOption(Structured, frozen=True, kw_only=True):
    """One of the answers that a select column allows; in the first column, one of the rows that a table may have."""


class CellRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a column asks of its cells: a length of texts; a range of numbers, and whether they may have decimals."""

    max_length: int | None = None
    min: int | float | None = None
    max: int | float | None = None
    decimals_allowed: bool | None = None


class TableColumn(Structured, frozen=True, kw_only=True, dict=True):
    """A column of a table attribute; `data_type` is a key of `CELL_TYPES` in `catalog/table_columns.py`. What only
    columns of some type have is left out of the documents of the others."""

    data_type: str
    labels: Labels = msgspec.field(default_factory=dict)
    validations: CellRules = msgspec.field(default_factory=CellRules)
    is_required_for_completeness: bool = False
    options: list[TableOption] | msgspec.UnsetType = msgspec.UNSET
    measurement_family_code: str | msgspec.UnsetType = msgspec.UNSET
    measurement_default_unit_code: str | msgspec.UnsetType = msgspec.UNSET
    reference_entity_identifier: str | msgspec.UnsetType = msgspec.UNSET

    @cached_property
    def option_codes(self) -> dict[str, TableOption]:
        return {option.code: option for option in self.options or ()}


class Attribute(Structured, frozen=True, kw_only=True):
    """`type` is a key of `catalog/attribute_types.py`. A decimal bound is a string, a date bound `YYYY-MM-DD…`.
    Only table attributes have a `table_configuration`, their columns."""

    type: str
    group: str | None = None
    localizable: bool = False
    scopable: bool = False
    labels: Labels = msgspec.field(default_factory=dict)
    guidelines: Labels = msgspec.field(default_factory=dict)
    unique: bool = False
    useable_as_grid_filter: bool = False
    allowed_extensions: list[str] = msgspec.field(default_factory=list)
    metric_family: str | None = None
    default_metric_unit: str | None = None
    reference_data_name: str | None = None
    available_locales: list[str] = msgspec.field(default_factory=list)
    max_characters: int | None = None
    validation_rule: str | None = None
    validation_regexp: str | None = None
    wysiwyg_enabled: bool | None = None
    number_min: str | None = None
    number_max: str | None = None
    decimals_allowed: bool | None = None
    negative_allowed: bool | None = None
    date_min: str | None = None
    date_max: str | None = None
    max_file_size: str | None = None
    minimum_input_length: int | None = None
    sort_order: int = 0
    auto_option_sorting: bool | None = None
    default_value: bool | None = None
    table_configuration: list[TableColumn] | msgspec.UnsetType = msgspec.UNSET

    @property
    def columns(self) -> list[TableColumn]:
        return self.table_configuration or []

    @property
    def key(self) -> str:
        """What tells it from all other attributes, those of records and assets among them."""
        return self.code


class AttributeOption(Structured, frozen=True, kw_only=True):
    attribute: str
    sort_order: int = 0


class AttributeGroup(Structured, frozen=True, kw_only=True):
    sort_order: int = 0


class Family(Structured, frozen=True, kw_only=True):
    """`attribute_requirements` lists, per channel, the attributes without which a product is incomplete."""

    attributes: list[str] = msgspec.field(default_factory=list)
    attribute_as_label: str | None = None
    attribute_as_image: str | None = None
    attribute_requirements: dict[str, list[str]] = msgspec.field(default_factory=dict)
    parent: str | None = None


class VariantAttributeSet(msgspec.Struct, frozen=True, kw_only=True):
    level: int
    axes: list[str]
    attributes: list[str] = msgspec.field(default_factory=list)


class FamilyVariant(Structured, frozen=True, kw_only=True):
    """How a family's products split into variants: one attribute set a level, the deepest holding the products'."""

    family: str
    variant_attribute_sets: list[VariantAttributeSet]

    @property
    def levels(self) -> int:
        return len(self.variant_attribute_sets)

    @property
    def level_of(self) -> dict[str, int]:
        """Attribute → the level that holds it, axes included; those of the root model are not named."""
        return {code: own.level for own in self.variant_attribute_sets for code in (*own.axes, *own.attributes)}


class Category(Structured, frozen=True, kw_only=True):
    parent: str | None = None


class Channel(Structured, frozen=True, kw_only=True):
    """A place we publish to; its code is the `scope` of values. `conversion_units` is metric attribute → feed unit."""

    currencies: list[str]
    locales: list[str]
    category_tree: str
    conversion_units: dict[str, str] = msgspec.field(default_factory=dict)


class Locale(msgspec.Struct, frozen=True, kw_only=True):
    code: str


class Currency(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    enabled: bool = True


class AssociationType(Structured, frozen=True, kw_only=True):
    is_quantified: bool = False
    is_two_way: bool = False


class GroupType(Structured, frozen=True, kw_only=True):
    pass


class Group(Structured, frozen=True, kw_only=True):
    type: str


class UnitOperation(msgspec.Struct, frozen=True, kw_only=True):
    """`operator` is one of mul, div, add, sub; `value` a decimal string."""

    operator: str
    value: str


class Unit(Structured, frozen=True, kw_only=True):
    """`convert_from_standard` is, despite its name in the dialect, the operations that turn this unit into the
    family's standard unit, in order."""

    convert_from_standard: list[UnitOperation]
    symbol: str = ""


class MeasurementFamily(Structured, frozen=True, kw_only=True):
    standard_unit_code: str
    units: dict[str, Unit]


class ReferenceEntity(Structured, frozen=True, kw_only=True):
    """What records describe: brands, designers, materials. `image` is the code of a media file."""

    image: str | None = None


class AssetFamily(Structured, frozen=True, kw_only=True):
    """What is common to a kind of assets. The rules are kept as they were written; see `catalog/asset_rules.py`."""

    attribute_as_main_media: str | None = None
    naming_convention: dict[str, Any] = msgspec.field(default_factory=dict)
    product_link_rules: list[dict[str, Any]] = msgspec.field(default_factory=list)
    transformations: list[dict[str, Any]] = msgspec.field(default_factory=list)
    sharing_enabled: bool = False


class LinkedAttribute(Structured, frozen=True, kw_only=True):
    """An attribute of records or assets; which of the fields its `type` has is said in `catalog/linked.py`."""

    type: str
    value_per_locale: bool = False
    value_per_channel: bool = False
    is_required_for_completeness: bool = False
    max_characters: int | None = None
    is_textarea: bool = False
    is_rich_text_editor: bool = False
    validation_rule: str | None = None
    validation_regexp: str | None = None
    allowed_extensions: list[str] = msgspec.field(default_factory=list)
    max_file_size: str | None = None
    decimals_allowed: bool | None = None
    min_value: str | None = None
    max_value: str | None = None


class ReferenceEntityAttribute(LinkedAttribute, frozen=True, kw_only=True):
    """`reference_entity_code` and `asset_family_identifier` name what a link leads to."""

    reference_entity: str
    reference_entity_code: str | None = None
    asset_family_identifier: str | None = None


class AssetFamilyAttribute(LinkedAttribute, frozen=True, kw_only=True):
    """A media link is what stands in the value between `prefix` and `suffix`."""

    asset_family: str
    is_read_only: bool = False
    media_type: str | None = None
    prefix: str | None = None
    suffix: str | None = None


class ReferenceEntityAttributeOption(Structured, frozen=True, kw_only=True):
    reference_entity: str
    attribute: str


class AssetFamilyAttributeOption(Structured, frozen=True, kw_only=True):
    asset_family: str
    attribute: str


class OwnedAttribute(Attribute, frozen=True, kw_only=True):
    """An attribute of records or assets in the words of those of products, so that the same rules and readers do for
    both. `prefix` and `suffix` are those of a media link, None for all others."""

    owner_kind: str
    owner: str
    prefix: str | None = None
    suffix: str | None = None

    @property
    def key(self) -> str:
        return f"{self.owner_kind}/{self.owner}/{self.code}"


StructureItem = (
    Attribute
    | AttributeOption
    | AttributeGroup
    | Family
    | FamilyVariant
    | Category
    | Channel
    | Locale
    | Currency
    | AssociationType
    | GroupType
    | Group
    | MeasurementFamily
    | ReferenceEntity
    | ReferenceEntityAttribute
    | ReferenceEntityAttributeOption
    | AssetFamily
    | AssetFamilyAttribute
    | AssetFamilyAttributeOption
)

STRUCTURE_KINDS: dict[str, type[Any]] = {
    "locale": Locale,
    "currency": Currency,
    "measurement_family": MeasurementFamily,
    "reference_entity": ReferenceEntity,
    "asset_family": AssetFamily,
    "reference_entity_attribute": ReferenceEntityAttribute,
    "reference_entity_attribute_option": ReferenceEntityAttributeOption,
    "asset_family_attribute": AssetFamilyAttribute,
    "asset_family_attribute_option": AssetFamilyAttributeOption,
    "attribute_group": AttributeGroup,
    "attribute": Attribute,
    "attribute_option": AttributeOption,
    "category": Category,
    "channel": Channel,
    "association_type": AssociationType,
    "group_type": GroupType,
    "group": Group,
    "family": Family,
    "family_variant": FamilyVariant,
}
"""Every kind of structure, in an order in which each refers only to those before it."""

OWNED_KINDS: dict[str, tuple[str, ...]] = {
    "attribute_option": ("attribute",),
    "family_variant": ("family",),
    "reference_entity_attribute": ("reference_entity",),
    "reference_entity_attribute_option": ("reference_entity", "attribute"),
    "asset_family_attribute": ("asset_family",),
    "asset_family_attribute_option": ("asset_family", "attribute"),
    RECORD: ("reference_entity",),
    ASSET: ("asset_family",),
}
"""Kinds whose codes are unique only within their owner, and the fields that name the owner."""


def owner_of(kind: str, document: Mapping[str, Any]) -> str:
    """The owner that a document names, its fields joined by `/`; empty where there is none."""
    names = [document.get(field) for field in OWNED_KINDS.get(kind, ())]
    return "/".join(str(name) for name in names) if all(isinstance(name, str) for name in names) else ""


def owner_fields(kind: str, owner: str) -> dict[str, str]:
    """The fields by which a document of `kind` names `owner`."""
    fields = OWNED_KINDS.get(kind, ())
    return dict(zip(fields, owner.split("/", len(fields) - 1), strict=False)) if fields and owner else {}
