"""Builders of structure, products and mappings for tests without a database: each states only what matters."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pim.catalog.model import Document, Entity, Resolved, Root, owner_of
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.exports.model import ExportDefinition, FileDefinition
from pim.syndication.context import Linked, MappingContext, mapping_context
from pim.syndication.mapping import Rendered, compile_mapping

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNITS = {"GRAM": "0.001", "KILOGRAM": "1", "POUND": "0.45359237"}


def an_entity(kind: str, code: str, **document: Any) -> Entity:
    whole: Document = {"code": code, **document}
    return Entity(hash((kind, code)), kind, code, whole, THEN, THEN, 1, owner=owner_of(kind, whole))


def attribute(code: str, type: str = "text", **fields: Any) -> Entity:
    return an_entity("attribute", code, type=f"pim_catalog_{type}", **fields)


def option(attribute: str, code: str, **labels: str) -> Entity:
    return an_entity("attribute_option", code, attribute=attribute, labels=labels)


def category(code: str, parent: str | None = None, **labels: str) -> Entity:
    return an_entity("category", code, parent=parent, labels=labels)


def family(code: str, *attributes: str, **fields: Any) -> Entity:
    return an_entity("family", code, attributes=list(attributes), **fields)


def channel(code: str = "shop", **fields: Any) -> Entity:
    usual = {"currencies": ["EUR", "GBP"], "locales": ["fr_FR", "en_GB"], "category_tree": "master"}
    return an_entity("channel", code, **{**usual, **fields})


def weights() -> Entity:
    units = {
        code: {"code": code, "convert_from_standard": [{"operator": "mul", "value": factor}]}
        for code, factor in UNITS.items()
    }
    return an_entity("measurement_family", "Weight", standard_unit_code="KILOGRAM", units=units)


def a_structure(*entities: Entity) -> Structure:
    """With the channel `shop` (fr_FR, en_GB; EUR, GBP; tree `master`) unless another is given."""
    channels = [] if any(entity.kind == "channel" for entity in entities) else [channel()]
    master = [] if any(entity.code == "master" for entity in entities) else [category("master")]
    return Structure([*master, weights(), *channels, *entities])


def value(data: Any, locale: str | None = None, scope: str | None = None) -> dict[str, Any]:
    return {"locale": locale, "scope": scope, "data": data}


def values_of(given: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A list of `value(…)` as it is; anything else is one value without locale and scope."""
    return {
        code: data
        if isinstance(data, list) and data and isinstance(data[0], dict) and "scope" in data[0]
        else [value(data)]
        for code, data in given.items()
    }


def a_product_entity(code: str = "TENT-1", **given: Any) -> Entity:
    document = {
        "identifier": code,
        "enabled": given.pop("enabled", True),
        "family": given.pop("family", None),
        "parent": given.pop("parent", None),
        "categories": given.pop("categories", []),
        "associations": given.pop("associations", {}),
        "values": values_of(given),
    }
    return Entity(hash(code), "product", code, document, THEN, THEN, 1, uuid=UUID(int=7))


def a_model_entity(code: str, family: str, family_variant: str, parent: str | None = None, **given: Any) -> Entity:
    categories = given.pop("categories", [])
    document = {"code": code, "family": family, "family_variant": family_variant, "parent": parent}
    return an_entity("product_model", **document, categories=categories, values=values_of(given))


def a_product(code: str = "TENT-1", **given: Any) -> Resolved:
    """Values by attribute; `family`, `categories`, `enabled`, `associations` are the product's own."""
    return resolve(a_product_entity(code, **given), [])


def a_root(model: Entity, *products: Entity) -> Root:
    head = resolve(model, [])
    return Root(f"product_model/{model.code}", head, (), tuple(resolve(product, [model]) for product in products))


def a_definition(mapping: dict[str, Any], **given: Any) -> ExportDefinition:
    usual: dict[str, Any] = {
        "name": "demo",
        "channel": ["shop"],
        "grain": "product",
        "schema": "demo/2026-11",
        "files": [FileDefinition(name="{locale}.json", writer="json")],
        "currency": {"fr_FR": "EUR", "en_GB": "GBP"},
        "fallbacks": {"fr_FR": ["en_GB"]},
    }
    return ExportDefinition(mapping=mapping, **{**usual, **given})


def a_context(
    structure: Structure | None = None,
    mapping: dict[str, Any] | None = None,
    locale: str = "fr_FR",
    as_of: datetime = THEN,
    media: dict[str, dict[str, Any]] | None = None,
    linked: Linked = lambda kind, owner, code: None,
    **given: Any,
) -> MappingContext:
    known = media or {}
    definition, structure = a_definition(mapping or {}, **given), structure or a_structure()
    return mapping_context(definition, structure, locale, as_of, "https://pim.example", known.get, linked=linked)


def rendered(mapping: dict[str, Any], subject: Resolved | Root, *entities: Entity, **given: Any) -> Rendered:
    """What a mapping makes of a product, or of a root (then `mapping` has `item` and `variants`)."""
    grain = "root" if isinstance(subject, Root) else "product"
    return compile_mapping(a_context(a_structure(*entities), mapping, grain=grain, **given))(subject)


def field(spec: Any, subject: Resolved, *entities: Entity, **given: Any) -> Any:
    """The value of one field; None when it is left out."""
    return rendered({"field": spec}, subject, *entities, **given).fields.get("field")
