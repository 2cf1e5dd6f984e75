"""What the OpenAPI document says of structure, records and assets, with examples that work on the demo catalogue."""

from pim.api.openapi.operation import Parameter
from pim.api.openapi.parameters import in_path
from pim.api.openapi.published import shape_name
from pim.api.openapi.resource import ResourceWords
from pim.api.openapi.wording import (
    ASSETS,
    ASSOCIATIONS,
    ATTRIBUTES,
    CATEGORIES,
    CHANNELS,
    FAMILIES,
    REFERENCE_ENTITIES,
)
from pim.catalog.model import Document


def words_of(
    tag: str, kind: str, many: str, existing: str, sample: Document,
    path: str = "", *above: Parameter, upsert: Document | None = None, advice: str = "", paging: str = "pages",
    in_arrays: bool = False,
) -> ResourceWords:  # fmt: skip
    return ResourceWords(
        tag=tag,
        one=kind.replace("_", " "),
        many=many,
        shape=shape_name(kind),
        path=path or f"/{many.replace(' ', '-')}",
        above=above,
        existing=existing,
        sample=sample,
        upsert=upsert or {"labels": {"en_GB": "Another name"}},
        advice=advice,
        paging=paging,
        in_arrays=in_arrays,
    )


_FAMILY = in_path("family", "The code of the family", "books")
_ATTRIBUTE = in_path("attribute", "The code of the attribute", "color")
_ENTITY = in_path("reference_entity", "The code of the reference entity", "designers")
_ENTITY_ATTRIBUTE = in_path("attribute", "The code of an attribute of its records", "style")
_ASSET_FAMILY = in_path("asset_family", "The code of the asset family", "films")
_ASSET_ATTRIBUTE = in_path("attribute", "The code of an attribute of its assets", "mood")

WORDS = {
    "family": words_of(
        FAMILIES, "family", "families", "books",
        {"code": "posters", "attributes": ["sku", "name", "price", "width", "height"], "attribute_as_label": "name",
         "attribute_requirements": {"ecommerce": ["name"]}, "labels": {"fr_FR": "Affiches", "en_GB": "Posters"}},
        advice='`search={"updated": [{"operator": ">", "value": "2026-01-01 00:00:00"}]}` lists what has changed.',
    ),
    "family_variant": words_of(
        FAMILIES, "family_variant", "family variants", "books_language",
        {"code": "books_language_binding", "labels": {"en_GB": "Books by language and binding"},
         "variant_attribute_sets": [{"level": 1, "axes": ["language", "binding"], "attributes": ["sku", "ean"]}]},
        "/families/{family}/variants", _FAMILY,
    ),
    "attribute": words_of(
        ATTRIBUTES, "attribute", "attributes", "color",
        {"code": "paper", "type": "pim_catalog_text", "group": "style", "localizable": True,
         "labels": {"fr_FR": "Papier", "en_GB": "Paper"}},
    ),
    "attribute_option": words_of(
        ATTRIBUTES, "attribute_option", "attribute options", "green",
        {"code": "ultramarine", "sort_order": 90, "labels": {"fr_FR": "Outremer", "en_GB": "Ultramarine"}},
        "/attributes/{attribute}/options", _ATTRIBUTE,
    ),
    "attribute_group": words_of(
        ATTRIBUTES, "attribute_group", "attribute groups", "marketing",
        {"code": "print", "sort_order": 20, "labels": {"fr_FR": "Impression", "en_GB": "Print"}},
    ),
    "association_type": words_of(
        ASSOCIATIONS, "association_type", "association types", "UPSELL",
        {"code": "REPLACES", "is_two_way": False, "labels": {"fr_FR": "Remplace", "en_GB": "Replaces"}},
    ),
    "channel": words_of(
        CHANNELS, "channel", "channels", "ecommerce",
        {"code": "partners", "currencies": ["EUR"], "locales": ["fr_FR"], "category_tree": "master",
         "labels": {"fr_FR": "Partenaires", "en_GB": "Partners"}},
    ),
    "category": words_of(
        CATEGORIES, "category", "categories", "camping",
        {"code": "posters", "parent": "master", "labels": {"fr_FR": "Affiches", "en_GB": "Posters"}},
        advice='`search={"parent": [{"operator": "=", "value": "camping"}]}` lists the branch below a category, '
        '`search={"is_root": [{"operator": "=", "value": true}]}` the trees.',
    ),
    "locale": words_of(CHANNELS, "locale", "locales", "fr_FR", {"code": "nl_NL"}, upsert={"code": "fr_FR"}),
    "currency": words_of(
        CHANNELS, "currency", "currencies", "EUR", {"code": "SEK", "enabled": True}, upsert={"enabled": True}
    ),
    "group_type": words_of(
        ASSOCIATIONS, "group_type", "group types", "RELATED",
        {"code": "SERIES", "labels": {"fr_FR": "Série", "en_GB": "Series"}},
    ),
    "group": words_of(
        ASSOCIATIONS, "group", "groups", "selection_noel",
        {"code": "first_snow", "type": "RELATED", "labels": {"fr_FR": "Première neige", "en_GB": "First snow"}},
    ),
    "reference_entity": words_of(
        REFERENCE_ENTITIES, "reference_entity", "reference entities", "designers",
        {"code": "designers", "labels": {"fr_FR": "Créateurs", "en_GB": "Designers"}}, paging="cursors",
    ),
    "reference_entity_attribute": words_of(
        REFERENCE_ENTITIES, "reference_entity_attribute", "reference entity attributes", "style",
        {"code": "style", "type": "single_option", "value_per_locale": False, "value_per_channel": False,
         "labels": {"fr_FR": "Style", "en_GB": "Style"}},
        "/reference-entities/{reference_entity}/attributes", _ENTITY, paging="whole or counted",
    ),
    "reference_entity_attribute_option": words_of(
        REFERENCE_ENTITIES, "reference_entity_attribute_option", "reference entity attribute options", "plain",
        {"code": "plain", "labels": {"fr_FR": "Sobre", "en_GB": "Plain"}},
        "/reference-entities/{reference_entity}/attributes/{attribute}/options", _ENTITY, _ENTITY_ATTRIBUTE,
        paging="whole",
    ),
    "record": words_of(
        REFERENCE_ENTITIES, "record", "records", "anna_berg",
        {"code": "anna_berg", "values": {"label": [{"locale": "en_GB", "channel": None, "data": "Anna Berg"}]}},
        "/reference-entities/{reference_entity}/records", _ENTITY, paging="cursors", in_arrays=True,
        upsert={"values": {"label": [{"locale": "fr_FR", "channel": None, "data": "Anna Berg"}]}},
    ),
    "asset_family": words_of(
        ASSETS, "asset_family", "asset families", "films",
        {"code": "films", "labels": {"fr_FR": "Films", "en_GB": "Films"}}, paging="cursors",
    ),
    "asset_family_attribute": words_of(
        ASSETS, "asset_family_attribute", "asset family attributes", "mood",
        {"code": "mood", "type": "single_option", "value_per_locale": False, "value_per_channel": False,
         "labels": {"fr_FR": "Ambiance", "en_GB": "Mood"}},
        "/asset-families/{asset_family}/attributes", _ASSET_FAMILY, paging="whole",
    ),
    "asset_family_attribute_option": words_of(
        ASSETS, "asset_family_attribute_option", "asset family attribute options", "calm",
        {"code": "calm", "labels": {"fr_FR": "Calme", "en_GB": "Calm"}},
        "/asset-families/{asset_family}/attributes/{attribute}/options", _ASSET_FAMILY, _ASSET_ATTRIBUTE,
        paging="whole",
    ),
    "asset": words_of(
        ASSETS, "asset", "assets", "tent_in_the_wind",
        {"code": "tent_in_the_wind", "values": {"label": [{"locale": "en_GB", "channel": None, "data": "Wind"}]}},
        "/asset-families/{asset_family}/assets", _ASSET_FAMILY, paging="cursors", in_arrays=True,
        upsert={"values": {"label": [{"locale": "fr_FR", "channel": None, "data": "Dans le vent"}]}},
    ),
}  # fmt: skip
