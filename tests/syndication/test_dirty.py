"""Every field of every kind of entity is changed in turn: whatever an export then shows otherwise must be dirty."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from pim.base.database import Database
from pim.base.settings import Settings
from pim.catalog.model import RECORD, STRUCTURE_KINDS, ProductDocument, ProductModelDocument
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.syndication.compiled_export import compile_export
from pim.syndication.dirty import dirty_roots
from pim.syndication.earlier import EarlierSequence
from pim.syndication.run_facts import facts_of
from pim.versioning.commit import commit_changeset
from pim.versioning.model import Edit
from pim.versioning.snapshot import Snapshot, open_snapshot
from pim.versioning.store import head_revision
from tests.conftest import emptied, settings_in
from tests.makers import (
    NOW,
    ORIGIN,
    SHOE_ATTRIBUTES,
    WEIGHT,
    a_product,
    a_product_model,
    an_attribute,
    given,
    value,
    values,
)
from tests.syndication.incremental import both_grains

PRICE = [{"amount": "10.00", "currency": "EUR"}]
NAMED = values(name={"fr_FR": "Chapeau", "en_GB": "Hat"}, price=PRICE)
FULL = values(weight={"amount": "2", "unit": "GRAM"}, tags=["new"], color="red", waterproof=True)
CATALOGUE = [
    an_attribute("note", "text"),
    a_product("hat", family="shoes", categories=["outdoor"], groups=["gifts"], values={**NAMED, **FULL}),
    a_product("mug", family="books", categories=["home"], values=NAMED),
    a_product("lamp", family="shoes", categories=["home"], values=NAMED),
    a_product_model("shoe", family="shoes", family_variant="shoes_color", categories=["home"], values=NAMED),
    a_product("shoe-red", parent="shoe", values=values(color="red")),
    a_product("shoe-blue", parent="shoe", values=values(color="blue")),
    a_product("mug", associations={"upsell": {"products": ["hat"]}, "pair": {"products": ["shoe-red"]}}),
    a_product("lamp", quantified_associations={"set": {"products": [{"identifier": "mug", "quantity": 2}]}}),
]

STRUCTURE = {
    "locale": "de_DE", "currency": "GBP", "measurement_family": "Weight", "attribute_group": "general",
    "attribute": "color", "attribute_option": "red", "category": "home", "channel": "web",
    "association_type": "upsell", "group_type": "related", "group": "gifts", "family": "shoes",
    "family_variant": "shoes_color",
}  # fmt: skip
OWNERS = {"attribute_option": "color", "family_variant": "shoes"}
KEYS = {"code", "attribute", "family", "uuid"}
"""What an entity goes by is not changed, or (of a product) changed under `identifier`."""
OTHERWISE: dict[str, dict[str, Any]] = {
    "attribute": {
        "group": "other", "sort_order": 9, "useable_as_grid_filter": False, "guidelines": {"fr_FR": "Dire vrai"},
        "auto_option_sorting": True,
    },
    "attribute_option": {"sort_order": 9},
    "attribute_group": {"sort_order": 9},
    "category": {"parent": "outdoor"},
    "channel": {
        "currencies": ["EUR", "GBP"], "locales": ["fr_FR"], "category_tree": "second",
        "conversion_units": {"weight": "KILOGRAM"},
    },
    "currency": {"enabled": False},
    "family": {
        "attributes": ["sku", "name", "description", "ean", "price", "weight", "color", "size", "tags"],
        "attribute_as_label": "name", "attribute_requirements": {"web": ["weight"]},
    },
    "measurement_family": {"units": {**WEIGHT["units"], "GRAM": {**WEIGHT["units"]["GRAM"], "symbol": "gr"}}},
    "product": {
        "identifier": "cap", "enabled": False, "family": "books", "categories": ["home"], "groups": [],
        "values": {"name": value("Casquette", "fr_FR")}, "associations": {"upsell": {"products": ["lamp"]}},
        "quantified_associations": {"set": {"products": [{"identifier": "lamp", "quantity": 3}]}},
    },
    "product_model": {
        "categories": ["outdoor"], "values": {"name": value("Botte", "fr_FR")},
        "associations": {"upsell": {"products": ["lamp"]}},
        "quantified_associations": {"set": {"products": [{"identifier": "lamp", "quantity": 3}]}},
    },
}  # fmt: skip
FIXED = {
    "association_type": {"is_quantified", "is_two_way"},
    "attribute": {"type", "localizable", "scopable", "unique"},
    "family_variant": {"variant_attribute_sets"},
    "group": {"type"},
    "measurement_family": {"standard_unit_code"},
    "product_model": {"family_variant", "parent"},
}
"""Fields that cannot be changed, or not here without changing another; their siblings take the same way."""
NOT_OF_ITS_TYPE = {
    "allowed_extensions", "metric_family", "default_metric_unit", "reference_data_name", "max_characters",
    "validation_rule", "validation_regexp", "wysiwyg_enabled", "number_min", "number_max", "decimals_allowed",
    "negative_allowed", "date_min", "date_max", "max_file_size", "minimum_input_length", "default_value",
    "available_locales", "table_configuration",
}  # fmt: skip
"""Rules of other attribute types: a select has none of them. One stands for all below."""


LINKED = {kind for kind in STRUCTURE_KINDS if kind.startswith(("reference_entity", "asset_family"))}
"""Whatever changes about records and assets renders all: some stand for the others."""


def changes() -> Iterator[tuple[str, Edit]]:
    """(what it is, the edit) for every field of every kind."""
    for kind, code in STRUCTURE.items():
        for field in (field.name for field in msgspec.structs.fields(STRUCTURE_KINDS[kind])):
            if field == "labels":
                yield f"{kind}.labels", Edit(kind, code, {"labels": {"fr_FR": "Autre"}}, OWNERS.get(kind, ""))
            elif field in OTHERWISE.get(kind, {}):
                yield f"{kind}.{field}", Edit(kind, code, {field: OTHERWISE[kind][field]}, OWNERS.get(kind, ""))
    for kind, code in (("product", "hat"), ("product_model", "shoe")):
        for field in OTHERWISE[kind]:
            yield f"{kind}.{field}", Edit(kind, code, {field: OTHERWISE[kind][field]})
    yield "product.parent", a_product("shoe-red", parent="boot")
    yield "product, in a model", a_product("shoe-red", identifier="shoe-crimson")
    pictured = {"attributes": [*SHOE_ATTRIBUTES, "picture"], "attribute_as_image": "picture"}
    yield "family.attribute_as_image", Edit("family", "shoes", pictured)
    yield "attribute.max_characters", Edit("attribute", "name", {"max_characters": 40})
    for kind, code in (("product", "hat"), ("product", "shoe-red"), ("product_model", "shoe")):
        yield f"{kind} {code} deleted", Edit(kind, code, None)
    yield "product created", a_product("bowl", family="shoes", categories=["home"], values=NAMED)
    yield "variant created", a_product("shoe-green", parent="shoe", values=values(color="green"))
    yield "attribute_option created", Edit("attribute_option", "white", {"labels": {"fr_FR": "blanc"}}, "color")
    yield "category created", Edit("category", "garden", {"parent": "master"})
    yield "reference_entity.labels", Edit("reference_entity", "brand", {"labels": {"fr_FR": "Marque"}})
    yield "record created", Edit(RECORD, "nivose", {}, "brand")
    yield "attribute deleted", Edit("attribute", "note", None)


MORE = [
    Edit("attribute_group", "other", {"labels": {"fr_FR": "Autres"}}),
    Edit("category", "second", {}),
    Edit("reference_entity", "brand", {}),
    a_product_model("boot", family="shoes", family_variant="shoes_color", categories=["home"], values=NAMED),
]


@dataclass(frozen=True)
class Shop:
    """The catalogue, exports of it, and what these show before any change."""

    database: Database
    settings: Settings
    definitions: list[ExportDefinition]
    shown: dict[str, list[Any]]


@pytest.fixture(scope="module")
def shop(one_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    given(emptied(one_database), *MORE, *CATALOGUE)
    settings = both_grains(settings_in(tmp_path_factory.mktemp("shop")))
    definitions = [load_definition(settings.exports_folder / name) for name in ("products", "roots")]
    with one_database.session() as session:
        return Shop(one_database, settings, definitions, _shown(open_snapshot(session), settings, definitions))


def test_every_field_of_every_kind_is_tried_or_cannot_change():
    kinds = {
        kind: {field.name for field in msgspec.structs.fields(of)}
        for kind, of in STRUCTURE_KINDS.items()
        if kind not in LINKED
    }
    kinds |= {
        "product": set(ProductDocument.__annotations__),
        "product_model": set(ProductModelDocument.__annotations__),
    }
    tried = {what for what, _ in changes()}
    left = {
        f"{kind}.{field}"
        for kind, fields in kinds.items()
        for field in fields - FIXED.get(kind, set()) - NOT_OF_ITS_TYPE
        if f"{kind}.{field}" not in tried and not (field in KEYS and (kind, field) != ("product", "family"))
    }
    assert left == {"family.parent"}


@pytest.mark.parametrize(("what", "edit"), list(changes()), ids=[what for what, _ in changes()])
def test_what_an_edit_shows_otherwise_is_dirty(shop, what, edit):
    with shop.database.session() as session:
        before = head_revision(session)
        committed = commit_changeset(session, [edit], ORIGIN, NOW)
        assert committed.revision, committed.outcomes
        after = open_snapshot(session)
        now = _shown(after, shop.settings, shop.definitions)
        changed = {key for key in shop.shown.keys() | now.keys() if shop.shown.get(key) != now.get(key)}
        dirty = dirty_roots(after, before, _no_report())
        assert dirty is None or changed <= set(dirty)
        session.rollback()


def _no_report() -> EarlierSequence:
    report = EarlierSequence(lambda: None, lambda part: None)  # type: ignore[arg-type, return-value]
    report.records = lambda: iter(())  # type: ignore[method-assign]
    return report


def _shown(snapshot: Snapshot, settings: Settings, definitions: list[ExportDefinition]) -> dict[str, list[Any]]:
    """Root key → what every item of it shows in every export."""
    shown: dict[str, list[Any]] = {}
    for definition in definitions:
        compiled = compile_export(definition, snapshot, facts_of(snapshot), settings)
        for root in snapshot.roots():
            shown.setdefault(root.key, []).extend(map(_said, compiled.outcomes(root)))
    return shown


def _said(outcome: Any) -> tuple[Any, ...]:
    return outcome.item_id, outcome.fields, outcome.rejected, outcome.next_change_at
