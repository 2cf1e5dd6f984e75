"""Builders that state only what matters to a test: structure, products and edits with sensible rest."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from pim.base.database import Database
from pim.catalog.model import Document, Entity, owner_fields
from pim.catalog.structure import Structure
from pim.versioning.commit import commit_changeset
from pim.versioning.model import Committed, Edit, Origin

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = Origin(author="camille", source="test")


def value(data: Any, locale: str | None = None, scope: str | None = None) -> list[dict[str, Any]]:
    """One value, as the list that a document holds."""
    return [{"locale": locale, "scope": scope, "data": data}]


def values(**by_attribute: Any) -> dict[str, Any]:
    """`name={"fr_FR": "Tente"}` → localizable values; anything else → one value without locale and scope."""
    made: dict[str, Any] = {}
    for code, data in by_attribute.items():
        if isinstance(data, dict) and data and all("_" in key for key in data):
            made[code] = [entry for locale, text in data.items() for entry in value(text, locale)]
        else:
            made[code] = value(data)
    return made


def an_attribute(code: str, type: str = "text", **fields: Any) -> Edit:
    return Edit("attribute", code, {"type": f"pim_catalog_{type}", "group": "general", **fields})


def a_family(code: str, attributes: Iterable[str], **fields: Any) -> Edit:
    return Edit("family", code, {"attributes": list(attributes), **fields})


def a_family_variant(code: str, family: str, *levels: tuple[list[str], list[str]]) -> Edit:
    """`levels` are (axes, attributes) from the first level down."""
    sets = [{"level": n, "axes": axes, "attributes": own} for n, (axes, own) in enumerate(levels, start=1)]
    return Edit("family_variant", code, {"variant_attribute_sets": sets}, owner=family)


def a_product(code: str, **fields: Any) -> Edit:
    return Edit("product", code, fields)


def a_product_model(code: str, **fields: Any) -> Edit:
    return Edit("product_model", code, fields)


def options(attribute: str, *codes: str) -> list[Edit]:
    return [Edit("attribute_option", code, {"labels": {"en_GB": code.title()}}, owner=attribute) for code in codes]


def a_small_catalogue() -> list[Edit]:
    """Two locales, two channels, shoes in colours and sizes: the structure that most tests need."""
    return [
        *(Edit("locale", code, {}) for code in ("fr_FR", "en_GB", "de_DE")),
        *(Edit("currency", code, {"enabled": True}) for code in ("EUR", "GBP")),
        Edit("measurement_family", "Weight", WEIGHT),
        Edit("attribute_group", "general", {}),
        an_attribute("sku", "identifier"),
        an_attribute("name", localizable=True, useable_as_grid_filter=True),
        an_attribute("description", "textarea", localizable=True, scopable=True),
        an_attribute("ean", unique=True),
        an_attribute("price", "price_collection", useable_as_grid_filter=True),
        an_attribute("weight", "metric", metric_family="Weight", useable_as_grid_filter=True),
        an_attribute("pages", "number", decimals_allowed=False, number_min="1"),
        an_attribute("color", "simpleselect", useable_as_grid_filter=True),
        an_attribute("size", "simpleselect"),
        an_attribute("tags", "multiselect", useable_as_grid_filter=True),
        an_attribute("waterproof", "boolean", useable_as_grid_filter=True),
        an_attribute("release", "date", useable_as_grid_filter=True),
        an_attribute("picture", "image", allowed_extensions=["png", "jpg"]),
        *options("color", "red", "blue", "green"),
        *options("size", "s", "m", "l"),
        *options("tags", "new", "sale"),
        Edit("category", "master", {}),
        Edit("category", "outdoor", {"parent": "master"}),
        Edit("category", "home", {"parent": "master"}),
        a_channel("web"),
        a_channel("print", locales=["fr_FR"]),
        Edit("association_type", "upsell", {}),
        Edit("association_type", "pair", {"is_two_way": True}),
        Edit("association_type", "set", {"is_quantified": True}),
        Edit("group_type", "related", {}),
        Edit("group", "gifts", {"type": "related"}),
        a_family("shoes", SHOE_ATTRIBUTES, attribute_requirements={"web": ["name", "price"], "print": ["description"]}),
        a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight"])),
        a_family_variant("shoes_color_size", "shoes", (["color"], ["price"]), (["size"], ["ean", "weight"])),
        a_family("books", ["sku", "name", "pages", "price"]),
    ]


def a_record(reference_entity: str, code: str, **fields: Any) -> Edit:
    return Edit("record", code, fields, owner=reference_entity)


def an_asset(family: str, code: str, **fields: Any) -> Edit:
    return Edit("asset", code, fields, owner=family)


def brands_and_packshots() -> list[Edit]:
    """Beside the small catalogue: brands that may belong to brands, pictures of products, and links to both."""
    return [
        Edit("reference_entity", "brand", {"labels": {"fr_FR": "Marque", "en_GB": "Brand"}}),
        Edit("asset_family", "packshot", {"labels": {"en_GB": "Packshots"}}),
        Edit("reference_entity_attribute", "story", {"type": "text", "value_per_locale": True}, owner="brand"),
        Edit("reference_entity_attribute", "founded", {"type": "number", "min_value": "1800"}, owner="brand"),
        Edit("reference_entity_attribute", "country", {"type": "single_option"}, owner="brand"),
        Edit("reference_entity_attribute_option", "fr", {"labels": {"en_GB": "France"}}, owner="brand/country"),
        Edit(
            "reference_entity_attribute", "house",
            {"type": "reference_entity_single_link", "reference_entity_code": "brand"}, owner="brand",
        ),
        Edit("asset_family_attribute", "angle", {"type": "text"}, owner="packshot"),
        Edit("asset_family_attribute", "film", {"type": "media_link", "media_type": "youtube",
             "prefix": "https://films.example/", "suffix": ".mp4"}, owner="packshot"),
        _a_link("brand", "akeneo_reference_entity", "brand", useable_as_grid_filter=True),
        _a_link("makers", "akeneo_reference_entity_collection", "brand"),
        _a_link("packshots", "pim_catalog_asset_collection", "packshot"),
    ]  # fmt: skip


def _a_link(code: str, type: str, target: str, **fields: Any) -> Edit:
    return Edit("attribute", code, {"type": type, "group": "general", "reference_data_name": target, **fields})


SHOE_ATTRIBUTES = ["sku", "name", "description", "ean", "price", "weight", "color", "size", "tags", "waterproof"]

WEIGHT: Document = {
    "standard_unit_code": "KILOGRAM",
    "units": {
        "KILOGRAM": {"code": "KILOGRAM", "convert_from_standard": [{"operator": "mul", "value": "1"}], "symbol": "kg"},
        "GRAM": {"code": "GRAM", "convert_from_standard": [{"operator": "mul", "value": "0.001"}], "symbol": "g"},
    },
}


def a_channel(code: str, **fields: Any) -> Edit:
    defaults = {"locales": ["fr_FR", "en_GB"], "currencies": ["EUR"], "category_tree": "master"}
    return Edit("channel", code, {**defaults, **fields})


def a_structure(edits: Iterable[Edit] = ()) -> Structure:
    """The structure of `edits` (default: the small catalogue) without a database: documents as given."""
    structure = Structure()
    for number, edit in enumerate([*(edits or a_small_catalogue())], start=1):
        document = {"code": edit.code, **(edit.patch or {}), **owner_fields(edit.kind, edit.owner)}
        structure.put(Entity(number, edit.kind, edit.code or "", document, NOW, NOW, 1, owner=edit.owner))
    return structure


def commit(database: Database, *edits: Edit, at: datetime = NOW, origin: Origin = ORIGIN) -> Committed:
    """One changeset in a transaction of its own; refused edits are in the outcomes."""
    with database.session() as session:
        return commit_changeset(session, edits, origin, at)


def given(database: Database, *edits: Edit) -> None:
    """The small catalogue and then `edits`; every one must be accepted."""
    for changeset in (a_small_catalogue(), edits):
        refused = [o for o in commit(database, *changeset).outcomes if o.refused]
        assert not refused, refused


def document_of(session: Session, kind: str, code: str) -> Document:
    """The stored document of a product or product model."""
    from pim.catalog import store

    find = store.products_by_code if kind == "product" else store.product_models_by_code
    (entity,) = find(session, [code])
    return entity.document


def messages(committed: Committed) -> list[str]:
    return [violation.message for outcome in committed.outcomes for violation in outcome.violations]
