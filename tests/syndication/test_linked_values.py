"""Mappings read records and assets: their labels, their values behind a dot, as of the run's revision."""

import json
from typing import Any

import pytest

from pim.catalog.model import Entity
from pim.exports.catalogue_check import check_against_catalogue
from pim.syndication.mapping import compile_mapping
from tests.makers import a_family, a_product, a_record, brands_and_packshots, commit, given, values
from tests.syndication.makers import a_context, a_definition, a_structure, an_entity, attribute, value
from tests.syndication.makers import a_product as resolved
from tests.syndication.runs import an_export, path_of, run

LABEL = {"type": "text", "value_per_locale": True}
STRUCTURE = [
    an_entity("reference_entity", "brand"),
    an_entity("asset_family", "packshot", attribute_as_main_media="picture"),
    an_entity("reference_entity_attribute", "label", reference_entity="brand", **LABEL),
    an_entity("reference_entity_attribute", "story", reference_entity="brand", **LABEL),
    an_entity("reference_entity_attribute", "founded", reference_entity="brand", type="number"),
    an_entity("reference_entity_attribute", "country", reference_entity="brand", type="single_option"),
    an_entity("reference_entity_attribute", "house", reference_entity="brand", type="reference_entity_single_link",
              reference_entity_code="brand"),
    an_entity("reference_entity_attribute_option", "fr", reference_entity="brand", attribute="country",
              labels={"fr_FR": "France"}),
    an_entity("asset_family_attribute", "picture", asset_family="packshot", type="media_file", media_type="image"),
    an_entity("asset_family_attribute", "film", asset_family="packshot", type="media_link", media_type="youtube",
              prefix="https://films.example/", suffix=".mp4"),
    attribute("maker"),
    an_entity("attribute", "brand", type="akeneo_reference_entity", reference_data_name="brand"),
    an_entity("attribute", "brands", type="akeneo_reference_entity_collection", reference_data_name="brand"),
    an_entity("attribute", "shots", type="pim_catalog_asset_collection", reference_data_name="packshot"),
]  # fmt: skip
LINKED: dict[tuple[str, str, str], dict[str, Any]] = {
    ("record", "brand", "fanal"): {
        "label": [value("Fanal SA", "fr_FR")], "story": [value("A lamp.", "en_GB")], "country": [value("fr")],
        "founded": [value(1949)],
    },
    ("record", "brand", "lueur"): {"house": [value("fanal")]},
    ("asset", "packshot", "front"): {"picture": [value("a/front.png")], "film": [value("turn")]},
    ("asset", "packshot", "back"): {"picture": [value("a/back.png")]},
}  # fmt: skip
LAMP = resolved(brand="fanal", brands=["lueur", "fanal"], shots=["front", "gone", "back"])


def field(spec: Any, *entities: Entity) -> Any:
    context = a_context(a_structure(*(entities or STRUCTURE)), {"field": spec}, linked=lambda *key: LINKED.get(key))
    return compile_mapping(context)(LAMP).fields.get("field")


READ = [
    ("brand", "fanal"),
    ({"from": "brand", "then": ["label"]}, "Fanal SA"),
    ({"from": "brands", "then": ["label"]}, ["lueur", "Fanal SA"]),
    ("brand.story", "A lamp."),
    ("brand.founded", 1949),
    ({"from": "brand.country", "then": ["label"]}, "France"),
    ({"from": ["brand.motto", "maker", "brand.label"]}, "Fanal SA"),
    ("brands.house", ["fanal"]),
    ("brands.house.label", ["Fanal SA"]),
    ({"from": "shots.$main_media", "then": ["media_url"]},
     ["https://pim.example/media/a/front.png", "https://pim.example/media/a/back.png"]),
    ({"from": "shots.film", "then": ["media_url"]}, ["https://films.example/turn.mp4"]),
    ({"for_each": {"list": "brands", "give": {"from": "$entry", "then": ["label"]}}}, ["lueur", "Fanal SA"]),
    ({"const": "yes", "when": {"brand.country": {"is": "fr"}}}, "yes"),
    ({"const": "yes", "when": {"brand.house": "present"}}, None),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "expected"), READ, ids=[str(case[0])[:60] for case in READ])
def test_a_mapping_reads_what_a_product_links_to(spec, expected):
    assert field(spec) == expected


def test_what_the_catalogue_lacks_behind_a_dot_is_told():
    definition = a_definition({"a": "brand.story", "b": "brand.motto", "c": "maker.story", "d": "shots.$main_media"})
    (warning,) = check_against_catalogue(definition, a_structure(*STRUCTURE))
    assert "has no attribute brand.motto, maker.story;" in warning


def test_a_feed_of_the_past_shows_records_as_they_were(database, settings):
    given(database, *brands_and_packshots(), a_family("lamps", ["sku", "name", "price", "brand"]))
    label = {"label": [{"locale": "fr_FR", "channel": None, "data": "Fanal"}]}
    lamp = values(name={"fr_FR": "Lampe"}, brand="fanal", price=[{"amount": "10", "currency": "EUR"}])
    product = a_product("lamp", family="lamps", categories=["outdoor"], values=lamp)
    first = commit(database, a_record("brand", "fanal", values=label), product).revision
    label["label"][0]["data"] = "Fanal SA"
    commit(database, a_record("brand", "fanal", values=label))
    mapping = {"sku": "$code", "name": {"from": "brand", "then": ["label"]}, "currency": "$currency",
               "price": {"from": "price", "then": ["amount_text"]}}  # fmt: skip
    export = an_export(
        settings, mapping=mapping, locales=["fr_FR"], files=[{"name": "{locale}.jsonl", "writer": "jsonl"}]
    )
    seen = []
    for revision in (None, first):
        result = run(database, export, as_of=revision)
        seen.append(json.loads(path_of(result, "fr_FR.jsonl").read_text())["name"])
    assert seen == ["Fanal SA", "Fanal"]
