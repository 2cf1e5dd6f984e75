"""The catalogue's structure at one revision: attributes, families, channels, … ready for lookups."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from pim.catalog.linked import ATTRIBUTE_KINDS, LINKED, as_attribute
from pim.catalog.model import (
    OWNED_KINDS,
    STRUCTURE_KINDS,
    AssetFamily,
    AssetFamilyAttribute,
    AssetFamilyAttributeOption,
    AssociationType,
    Attribute,
    AttributeGroup,
    AttributeOption,
    Category,
    Channel,
    Currency,
    Entity,
    Family,
    FamilyVariant,
    Group,
    GroupType,
    Locale,
    MeasurementFamily,
    OwnedAttribute,
    ReferenceEntity,
    ReferenceEntityAttribute,
    ReferenceEntityAttributeOption,
    Structured,
    VariantAttributeSet,
)

StructureKey = tuple[str, str, str]
"""(kind, owner, code)"""

AttributeIds = dict[tuple[str, str], dict[str, int]]
"""(kind, owner) → code → id, of attributes and of those of records and assets."""

_TABLES = {
    "locale": "locales",
    "currency": "currencies",
    "measurement_family": "measurement_families",
    "attribute_group": "attribute_groups",
    "attribute": "attributes",
    "attribute_option": "options",
    "category": "categories",
    "channel": "channels",
    "association_type": "association_types",
    "group_type": "group_types",
    "group": "groups",
    "family": "families",
    "family_variant": "family_variants",
    "reference_entity": "reference_entities",
    "reference_entity_attribute": "reference_entity_attributes",
    "reference_entity_attribute_option": "reference_entity_options",
    "asset_family": "asset_families",
    "asset_family_attribute": "asset_family_attributes",
    "asset_family_attribute_option": "asset_family_options",
}

_DERIVED = (
    "attribute_ids", "identifier_attribute", "unique_attributes", "filterable_attributes", "table_attributes",
    "tables_by_id", "active_locales", "active_currencies", "children", "tree_of", "owned_attributes",
)  # fmt: skip
"""What a structure works out once and forgets when it changes."""


class Structure:
    """What is handed around is not changed any more; a writer works on a `copy`."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self.entities: dict[StructureKey, Entity] = {}
        self.locales: dict[str, Locale] = {}
        self.currencies: dict[str, Currency] = {}
        self.measurement_families: dict[str, MeasurementFamily] = {}
        self.attribute_groups: dict[str, AttributeGroup] = {}
        self.attributes: dict[str, Attribute] = {}
        self.options: dict[str, dict[str, AttributeOption]] = {}
        self.categories: dict[str, Category] = {}
        self.channels: dict[str, Channel] = {}
        self.association_types: dict[str, AssociationType] = {}
        self.group_types: dict[str, GroupType] = {}
        self.groups: dict[str, Group] = {}
        self.families: dict[str, Family] = {}
        self.family_variants: dict[str, dict[str, FamilyVariant]] = {}
        self.reference_entities: dict[str, ReferenceEntity] = {}
        self.reference_entity_attributes: dict[str, dict[str, ReferenceEntityAttribute]] = {}
        self.reference_entity_options: dict[str, dict[str, ReferenceEntityAttributeOption]] = {}
        self.asset_families: dict[str, AssetFamily] = {}
        self.asset_family_attributes: dict[str, dict[str, AssetFamilyAttribute]] = {}
        self.asset_family_options: dict[str, dict[str, AssetFamilyAttributeOption]] = {}
        self._places: dict[str, frozenset[tuple[str | None, str | None]]] = {}
        for entity in entities:
            self._place(entity)

    def copy(self) -> "Structure":
        copied = Structure()
        copied.entities = dict(self.entities)
        for kind, name in _TABLES.items():
            table = getattr(self, name)
            owned = {owner: dict(items) for owner, items in table.items()} if kind in OWNED_KINDS else dict(table)
            setattr(copied, name, owned)
        return copied

    def put(self, entity: Entity) -> None:
        """Adds or replaces one piece of structure."""
        self._forget_derived()
        self._place(entity)

    def remove(self, key: StructureKey) -> None:
        self._forget_derived()
        del self.entities[key]
        kind, owner, code = key
        del self._table(kind, owner)[code]

    def _place(self, entity: Entity) -> None:
        self.entities[entity.kind, entity.owner, entity.code] = entity
        item = msgspec.convert(entity.document, STRUCTURE_KINDS[entity.kind])
        self._table(entity.kind, entity.owner)[entity.code] = item

    def _table(self, kind: str, owner: str) -> dict[str, Any]:
        table: dict[str, Any] = getattr(self, _TABLES[kind])
        return table.setdefault(owner, {}) if kind in OWNED_KINDS else table

    def _forget_derived(self) -> None:
        self._places = {}
        for name in _DERIVED:
            self.__dict__.pop(name, None)

    def id_of(self, kind: str, code: str, owner: str = "") -> int:
        return self.entities[kind, owner, code].id

    def item(self, key: StructureKey) -> Any:
        """The struct of this key, None where there is none."""
        return self._table(key[0], key[1]).get(key[2])

    @cached_property
    def identifier_attribute(self) -> str | None:
        """The one attribute of type identifier, whose value is the product's identifier."""
        codes = (a.code for a in self.attributes.values() if a.type == "pim_catalog_identifier")
        return next(codes, None)

    @cached_property
    def attribute_ids(self) -> AttributeIds:
        ids: AttributeIds = {}
        for (kind, owner, code), entity in self.entities.items():
            if kind in ATTRIBUTE_KINDS:
                ids.setdefault((kind, owner), {})[code] = entity.id
        return ids

    @cached_property
    def unique_attributes(self) -> dict[str, int]:
        """Code → id of the attributes whose values only one product may hold."""
        return {a.code: self.id_of("attribute", a.code) for a in self.attributes.values() if a.unique}

    @cached_property
    def filterable_attributes(self) -> dict[str, int]:
        """Code → id of the attributes by which products can be filtered."""
        return {a.code: self.id_of("attribute", a.code) for a in self.attributes.values() if a.useable_as_grid_filter}

    @cached_property
    def table_attributes(self) -> frozenset[str]:
        return frozenset(attribute.code for attribute in self.attributes.values() if attribute.columns)

    @cached_property
    def tables_by_id(self) -> dict[int, Attribute]:
        """For the log, which names attributes by id: a record's attribute, or one deleted since, may have the code."""
        return {self.id_of("attribute", code): self.attributes[code] for code in self.table_attributes}

    @cached_property
    def owned_attributes(self) -> dict[tuple[str, str], dict[str, OwnedAttribute]]:
        """(kind, owner) of records or assets → code → their attributes in the words of those of products."""
        return {
            (kind, owner): {code: as_attribute(item, linked.owner, owner) for code, item in items.items()}
            for kind, linked in LINKED.items()
            for owner, items in getattr(self, _TABLES[linked.attribute]).items()
        }

    def options_of(self, attribute: Attribute) -> Mapping[str, Structured]:
        """Code → option, of an attribute of products, records or assets."""
        if not isinstance(attribute, OwnedAttribute):
            return self.options.get(attribute.code, {})
        table = (
            self.reference_entity_options if attribute.owner_kind == "reference_entity" else self.asset_family_options
        )
        return table.get(f"{attribute.owner}/{attribute.code}", {})

    @cached_property
    def active_locales(self) -> frozenset[str]:
        """Locales that some channel speaks."""
        return frozenset(locale for channel in self.channels.values() for locale in channel.locales)

    @cached_property
    def active_currencies(self) -> frozenset[str]:
        return frozenset(currency.code for currency in self.currencies.values() if currency.enabled)

    @cached_property
    def children(self) -> dict[str | None, list[str]]:
        """Category code → its children in the order they were made; None → the roots of the trees."""
        children: dict[str | None, list[str]] = {}
        for category in self.categories.values():
            children.setdefault(category.parent, []).append(category.code)
        return children

    def category_path(self, code: str) -> tuple[Category, ...]:
        """From the root of its tree down to the category itself."""
        path: list[Category] = []
        at: str | None = code
        while at is not None:
            category = self.categories[at]
            path.append(category)
            at = category.parent
        return tuple(reversed(path))

    @cached_property
    def tree_of(self) -> dict[str, str]:
        """Category code → code of the root of its tree."""
        return {code: self.category_path(code)[0].code for code in self.categories}

    def variant_level(self, family: str, family_variant: str, level: int) -> VariantAttributeSet | None:
        """The attribute set of `level` (1 or 2), None where the family variant has no such level."""
        variant = self.family_variants.get(family, {}).get(family_variant)
        sets = variant.variant_attribute_sets if variant else []
        return next((s for s in sets if s.level == level), None)

    def attributes_at(self, family: str, family_variant: str, level: int) -> frozenset[str]:
        """Attributes a product model or variant holds at `level`: 0 is the root model, the last the variant product."""
        variant = self.family_variants[family][family_variant]
        if level > 0:
            own = next(s for s in variant.variant_attribute_sets if s.level == level)
            return frozenset(own.attributes) | frozenset(own.axes)
        below = {a for s in variant.variant_attribute_sets for a in (*s.attributes, *s.axes)}
        return frozenset(self.families[family].attributes) - below

    def places(self, attribute: Attribute) -> frozenset[tuple[str | None, str | None]]:
        """Every (locale, scope) at which a value of `attribute` may stand."""
        found = self._places.get(attribute.key)
        if found is None:
            found = self._places[attribute.key] = frozenset(self._all_places(attribute))
        return found

    def _all_places(self, attribute: Attribute) -> Iterator[tuple[str | None, str | None]]:
        allowed = frozenset(attribute.available_locales) or self.active_locales
        if not attribute.scopable:
            yield from (
                ((locale, None) for locale in self.active_locales & allowed)
                if attribute.localizable
                else [(None, None)]
            )
            return
        for channel in self.channels.values():
            if attribute.localizable:
                yield from ((locale, channel.code) for locale in channel.locales if locale in allowed)
            else:
                yield None, channel.code
