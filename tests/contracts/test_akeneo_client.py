"""A client made by others, for the dialect we speak, works on our server unchanged."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from akeneo_api_client.akeneo_client import AkeneoClient
from akeneo_api_client.client_builder import ClientBuilder
from akeneo_api_client.search.search_builder import SearchBuilder

from pim.access import accounts
from pim.base.clock import now
from pim.base.database import Database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.versioning.store import current_structure
from tests.api.servers import serving
from tests.makers import given, value, values

PASSWORD = "a long and quiet walk"


@pytest.fixture
def akeneo(settings: Settings, database: Database) -> Iterator[AkeneoClient]:
    given(database)
    with database.session() as session:
        accounts.create_user(session, "erp", PASSWORD, ["administrator"], now(), current_structure(session))
        client_id, secret = accounts.create_connection(session, "erp", now())
    with serving(settings, database, open_storage(settings), {}) as base:
        yield ClientBuilder(base).build_authenticated_by_password("erp", PASSWORD, client_id, secret)


def everything(pages: Any) -> list[Any]:
    return [item for page in pages for item in page]


def test_it_signs_in_again_when_its_token_is_worn_out(akeneo):
    assert akeneo.family_api.get("shoes")["code"] == "shoes"
    first = akeneo.authentication.refresh_token
    akeneo.authentication.access_token = "worn out"
    assert akeneo.family_api.get("shoes")["code"] == "shoes"
    assert akeneo.authentication.refresh_token != first


def test_it_creates_every_kind_of_structure_and_reads_it_back(akeneo):
    text = {"type": "pim_catalog_text", "group": "technical", "labels": {"en_GB": "Maker"}}
    level = {"level": 1, "axes": ["size"], "attributes": ["ean"]}
    made = [
        (akeneo.attribute_group_api, ["technical"], {"labels": {"en_GB": "Technical"}}),
        (akeneo.attribute_api, ["maker"], text),
        (akeneo.attribute_option_api, ["color", "pink"], {"labels": {"fr_FR": "Rose"}}),
        (akeneo.category_api, ["tents"], {"parent": "outdoor", "labels": {"fr_FR": "Tentes"}}),
        (akeneo.channel_api, ["app"], {"locales": ["fr_FR"], "currencies": ["EUR"], "category_tree": "master"}),
        (akeneo.family_api, ["lamps"], {"attributes": ["maker", "sku"], "labels": {"fr_FR": "Lampes"}}),
        (akeneo.family_variant_api, ["shoes", "by_size"], {"variant_attribute_sets": [level]}),
    ]
    for api, names, document in made:
        assert api.upsert(*names, dict(document)).status_code == 201, names
        read = api.get(*names)
        assert {key: read[key] for key in document} == document
        assert api.upsert(*names, {"labels": {"fr_FR": "Autre"}}).status_code == 204, names
        lines = api.upsert_list(*names[:-1], [{"code": names[-1]}, {"code": names[-1], "extra": 1}])
        assert [line["status_code"] for line in lines] == [204, 422]
        assert names[-1] in [item["code"] for item in everything(api.all(*names[:-1], 2, {}))]


def test_it_reads_locales_and_currencies_and_writes_measurement_families(akeneo):
    assert [item["code"] for item in everything(akeneo.locale_api.all(2, {}))] == ["de_DE", "en_GB", "fr_FR"]
    assert akeneo.locale_api.get("fr_FR")["enabled"] is True
    assert akeneo.currency_api.get("EUR") == {"code": "EUR", "enabled": True}
    families = akeneo.measurement_family_api.all()
    (answers,) = akeneo.measurement_family_api.upsert_list([{**families[0], "labels": {"en_GB": "Weight"}}])
    assert answers == [{"code": "Weight", "status_code": 204}]
    assert akeneo.measurement_family_api.all()[0]["labels"] == {"en_GB": "Weight"}


def test_it_creates_changes_and_deletes_products(akeneo):
    uuid = str(uuid4())
    written = {"uuid": uuid, "family": "shoes", "values": values(sku="tent", name={"fr_FR": "Tente"})}
    assert akeneo.product_uuid_api.create(written).status_code == 201
    assert akeneo.product_uuid_api.upsert(uuid, {"values": values(name={"en_GB": "Tent"})}).status_code == 204
    read = akeneo.product_uuid_api.get(uuid)
    assert read["values"]["sku"] == value("tent")
    assert [one["data"] for one in read["values"]["name"]] == ["Tent", "Tente"]
    assert akeneo.product_uuid_api.delete(uuid).status_code == 204


def test_it_writes_batches_with_good_and_bad_lines_and_pages_to_the_end(akeneo):
    lines = [{"uuid": str(uuid4()), "family": "shoes", "values": values(color="red")} for _ in range(25)]
    answers = akeneo.product_uuid_api.upsert_list([*lines, {"family": "shoes"}, {**lines[0], "family": "hats"}])
    assert [line["status_code"] for line in answers] == [201] * 25 + [422, 422]
    met = [item["uuid"] for item in everything(akeneo.product_uuid_api.all(10, {}))]
    assert sorted(met) == sorted(line["uuid"] for line in lines)


def test_it_writes_product_models_and_searches_their_variants(akeneo):
    model = {"family": "shoes", "family_variant": "shoes_color", "values": values(name={"fr_FR": "Botte"})}
    assert akeneo.product_model_api.create({"code": "boot", **model}).status_code == 201
    variants = [{"uuid": str(uuid4()), "parent": "boot", "values": values(color=c)} for c in ("red", "blue")]
    assert [one["status_code"] for one in akeneo.product_uuid_api.upsert_list(variants)] == [201, 201]
    search = SearchBuilder()
    search.add_filter("parent", "=", "boot")
    search.add_filter("color", "IN", ["red"])
    search.add_filter("name", "CONTAINS", "ott", {"locale": "fr_FR"})
    found = everything(akeneo.product_uuid_api.all(10, {"search": search.get_filters()}))
    assert [one["uuid"] for one in found] == [variants[0]["uuid"]]
    assert [one["code"] for one in everything(akeneo.product_model_api.all(10, {}))] == ["boot"]


def told(data: Any, locale: str | None = None) -> list[dict[str, Any]]:
    return [{"locale": locale, "channel": None, "data": data}]


def test_it_keeps_reference_entities_with_their_records(akeneo):
    assert akeneo.reference_entity_api.upsert("brand", {"labels": {"fr_FR": "Marque"}}).status_code == 201
    assert akeneo.reference_entity_api.get("brand") == {"code": "brand", "labels": {"fr_FR": "Marque"}, "image": None}
    assert [item["code"] for item in everything(akeneo.reference_entity_api.all())] == ["brand"]
    attributes = akeneo.reference_entity_attribute_api
    assert attributes.upsert("brand", "country", {"type": "single_option"}).status_code == 201
    assert attributes.get("brand", "country")["type"] == "single_option"
    assert [item["code"] for item in everything(attributes.all("brand"))] == ["country", "image", "label"]
    options = akeneo.reference_entity_attribute_option_api
    assert options.upsert("brand", "country", "fr", {"labels": {"fr_FR": "France"}}).status_code == 201
    assert options.all("brand", "country") == [options.get("brand", "country", "fr")]
    records = akeneo.reference_entity_record_api
    assert records.upsert("brand", "fanal", {"values": {"label": told("Fanal", "fr_FR")}}).status_code == 201
    assert records.get("brand", "fanal")["values"] == {"label": told("Fanal", "fr_FR")}
    lines = [{"code": f"b{n}", "values": {"country": told("fr" if n else "xx")}} for n in range(100)]
    (answers,) = records.upsert_list("brand", lines)
    assert [one["status_code"] for one in answers] == [422] + [201] * 99
    assert len(everything(records.all("brand", {"limit": 30}))) == 100


def test_it_keeps_asset_families_with_their_assets(akeneo):
    naming = {"source": {"property": "code", "channel": None, "locale": None}, "pattern": "/(?P<angle>.*)-.*/"}
    assert akeneo.asset_family_api.upsert("packshot", {"labels": {"fr_FR": "Photos"}}).status_code == 201
    attributes = akeneo.asset_attribute_api
    assert attributes.upsert("packshot", "angle", {"type": "text"}).status_code == 201
    assert attributes.upsert("packshot", "use", {"type": "multiple_options"}).status_code == 201
    assert attributes.get("packshot", "angle")["max_characters"] is None
    assert [item["code"] for item in attributes.all("packshot")] == ["angle", "label", "media", "use"]
    assert akeneo.asset_family_api.upsert("packshot", {"naming_convention": naming}).status_code == 204
    family = akeneo.asset_family_api.get("packshot")
    assert (family["attribute_as_main_media"], family["naming_convention"]) == ("media", naming)
    assert everything(akeneo.asset_family_api.all())[0]["code"] == "packshot"
    options = akeneo.asset_attribute_option_api
    assert options.upsert("packshot", "use", "web", {"labels": {"fr_FR": "Site"}}).status_code == 201
    assert options.all("packshot", "use") == [options.get("packshot", "use", "web")]
    assets = akeneo.asset_api
    assert assets.upsert("packshot", "lamp-1", {"values": {"use": told(["web"])}}).status_code == 201
    assert assets.get("packshot", "lamp-1")["values"]["use"] == told(["web"])
    (answers,) = assets.upsert_list("packshot", [{"code": "lamp-2"}, {"code": "lamp-3", "extra": 1}])
    assert [one["status_code"] for one in answers] == [201, 422]
    assert [item["code"] for item in everything(assets.all("packshot"))] == ["lamp-1", "lamp-2"]
    assert assets.delete("packshot", "lamp-1").status_code == 204
