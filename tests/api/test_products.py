"""Products and product models over HTTP, as a client of the dialect sees them."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.api.clients import a_token, batch
from tests.makers import document_of, value, values

TENT = {"identifier": "tent", "family": "shoes", "categories": ["outdoor"]}


def create(client, **fields):
    answer = client.post("/products", json={**TENT, **fields})
    assert answer.status_code == 201, answer.text
    return answer


def test_a_created_product_is_read_back_whole(client):
    written = values(name={"fr_FR": "Tente", "en_GB": "Tent"}, weight={"amount": "800", "unit": "GRAM"}, color="red")
    location = create(client, values=written).headers["location"]
    read = client.get(location).json()
    assert read["values"]["name"] == [*value("Tent", "en_GB"), *value("Tente", "fr_FR")]
    assert read["values"]["color"] == value("red")
    assert {key: read[key] for key in ("identifier", "enabled", "family", "parent", "categories", "groups")} == {
        "identifier": "tent", "enabled": True, "family": "shoes", "parent": None, "categories": ["outdoor"],
        "groups": [],
    }  # fmt: skip
    assert read["created"] == read["updated"]
    assert read["created"].endswith("+00:00")


def test_what_was_read_can_be_sent_back_and_changes_nothing(client, database):
    create(client, values=values(name={"fr_FR": "Tente"}))
    read = client.get("/products/tent", params={"with_completenesses": "true"})
    assert client.patch("/products/tent", json=read.json()).status_code == 204
    again = client.get("/products/tent", params={"with_completenesses": "true"})
    assert again.headers["etag"] == read.headers["etag"]


def test_creating_a_product_twice_is_refused_with_the_way_out(client):
    create(client)
    answer = client.post("/products", json=TENT)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["property"] == "identifier"
    assert "patch it" in error["message"]


def test_patch_creates_then_merges_and_null_erases(client):
    first = client.patch("/products/tent", json={"values": values(name={"fr_FR": "Tente", "en_GB": "Tent"})})
    assert (first.status_code, first.content) == (201, b"")
    assert first.headers["location"].endswith("/api/rest/v1/products/tent")
    second = client.patch("/products/tent", json={"values": {"name": value(None, "en_GB")}})
    assert (second.status_code, second.content) == (204, b"")
    assert client.get("/products/tent").json()["values"]["name"] == value("Tente", "fr_FR")


def test_an_identifier_may_hold_slashes_and_letters_of_any_language(client):
    name = "été/2026 a&b"
    location = create(client, identifier=name).headers["location"]
    assert client.get(location).json()["identifier"] == name
    assert client.delete(location).status_code == 204
    assert client.get(location).status_code == 404


def test_a_body_that_names_another_product_is_refused(client):
    answer = client.patch("/products/tent", json={"identifier": "sock"})
    assert answer.status_code == 422
    assert 'identifier "sock"' in answer.json()["errors"][0]["message"]


def test_an_error_of_a_value_names_attribute_locale_and_scope(client):
    answer = client.patch("/products/tent", json={"values": {"description": value("x", "xx_XX", "web")}})
    assert answer.json()["code"] == 422
    (error,) = answer.json()["errors"]
    assert (error["property"], error["attribute"], error["locale"], error["scope"]) == (
        "values", "description", "xx_XX", "web",
    )  # fmt: skip


def test_an_unknown_property_is_told_with_a_link_to_the_documentation(client):
    body = client.patch("/products/tent", json={"extra": 1}).json()
    assert body["message"].startswith('Property "extra" does not exist')
    assert client.get("/families", headers={"Accept": "*/*"}).status_code == 200
    assert body["_links"]["documentation"]["href"]


def test_a_product_is_read_and_written_by_its_uuid(client):
    sock = client.post("/products-uuid", json={"values": values(sku="sock")}).headers["location"]
    uuid = client.get(sock).json()["uuid"]
    link = {"upsell": {"products": [uuid]}}
    tent = str(uuid4())
    assert client.patch(f"/products-uuid/{tent}", json={"associations": link}).status_code == 201
    read = client.get(f"/products-uuid/{tent}").json()
    assert "identifier" not in read
    assert read["associations"]["upsell"]["products"] == [uuid]
    assert client.get(sock).json()["values"]["sku"] == value("sock")
    client.patch(f"/products-uuid/{tent}", json={"values": values(sku="tent")})
    assert client.get("/products/tent").json()["associations"]["upsell"]["products"] == ["sock"]


def test_quantified_associations_name_products_as_the_reader_does(client):
    create(client, identifier="sock")
    uuid = client.get("/products/sock").json()["uuid"]
    create(client, quantified_associations={"set": {"products": [{"identifier": "sock", "quantity": 2}]}})
    by_identifier = client.get("/products/tent").json()
    assert by_identifier["quantified_associations"]["set"] == {
        "products": [{"identifier": "sock", "quantity": 2}], "product_models": [],
    }  # fmt: skip
    by_uuid = client.get(f"/products-uuid/{by_identifier['uuid']}").json()
    assert by_uuid["quantified_associations"]["set"]["products"] == [{"uuid": uuid, "quantity": 2}]


def test_categories_are_added_and_removed_without_naming_the_others(client):
    create(client, categories=["outdoor"])
    assert client.patch("/products/tent", json={"add_categories": ["home"]}).status_code == 204
    assert client.get("/products/tent").json()["categories"] == ["home", "outdoor"]
    assert client.patch("/products/tent", json={"remove_categories": ["outdoor"]}).status_code == 204
    assert client.get("/products/tent").json()["categories"] == ["home"]


def test_a_variant_shows_what_its_model_says_and_deleting_the_model_takes_it_along(client):
    model = {"code": "boot", "family": "shoes", "family_variant": "shoes_color", "values": values(name={"fr_FR": "B"})}
    assert client.post("/product-models", json=model).status_code == 201
    create(client, identifier="boot-red", parent="boot", values=values(color="red"))
    read = client.get("/products/boot-red").json()
    assert read["values"]["name"] == value("B", "fr_FR")
    assert read["parent"] == "boot"
    assert client.get("/product-models/boot").json()["family_variant"] == "shoes_color"
    assert client.delete("/product-models/boot").status_code == 204
    assert client.get("/products/boot-red").status_code == 404


def test_each_line_of_a_batch_has_its_own_answer_and_later_lines_see_earlier_ones(client):
    answers = batch(
        client, "/products",
        {"identifier": "a", "family": "shoes"},
        {"identifier": "a", "values": values(tags=["new"])},
        {"identifier": "b", "associations": {"upsell": {"products": ["a"]}}},
        "not json",
        {"family": "shoes"},
        {"identifier": "c", "values": values(color="pink")},
        {"identifier": "d", "extra": 1},
        '{"identifier": "' + "x" * 1_000_000 + '"}',
    )  # fmt: skip
    assert [line["line"] for line in answers] == [*range(1, 9)]
    assert [line["status_code"] for line in answers] == [201, 204, 201, 400, 422, 422, 422, 413]
    assert answers[5]["errors"][0]["attribute"] == "color"
    assert client.get("/products/a").json()["values"]["tags"] == value(["new"])


def test_a_common_value_on_a_variant_is_told_as_a_warning(client):
    model = {"code": "boot", "family": "shoes", "family_variant": "shoes_color"}
    batch(client, "/product-models", model)
    variant = {"identifier": "r", "parent": "boot", "values": values(color="red", name={"fr_FR": "Botte"})}
    (answer,) = batch(client, "/products", variant)
    assert answer["status_code"] == 201
    assert "name" in answer["warnings"][0]


def test_a_batch_of_101_lines_and_one_of_another_media_type_are_refused_whole(client):
    headers = {"Content-Type": "application/vnd.akeneo.collection+json"}
    lines = "\n".join(json.dumps({"identifier": f"p{n}"}) for n in range(101))
    assert client.patch("/products", content=lines, headers=headers).status_code == 413
    assert client.patch("/products", json={"identifier": "a"}).status_code == 415
    assert client.get("/products", params={"with_count": "true"}).json()["items_count"] == 0


def test_an_etag_answers_304_until_the_document_changes(client):
    create(client)
    etag = client.get("/products/tent").headers["etag"]
    assert client.get("/products/tent", headers={"If-None-Match": etag}).status_code == 304
    client.patch("/products/tent", json={"enabled": False})
    assert client.get("/products/tent", headers={"If-None-Match": etag}).status_code == 200


def test_a_write_that_was_overtaken_is_refused_with_412(client):
    create(client)
    etag = client.get("/products/tent").headers["etag"]
    assert client.patch("/products/tent", json={"enabled": False}, headers={"If-Match": etag}).status_code == 204
    late = client.patch("/products/tent", json={"enabled": True}, headers={"If-Match": etag})
    assert late.status_code == 412
    assert "read it again" in late.json()["message"]
    assert client.delete("/products/tent", headers={"If-Match": etag}).status_code == 412
    assert client.patch("/products/none", json={}, headers={"If-Match": "*"}).status_code == 412
    assert client.get("/products/tent").json()["enabled"] is False


def test_a_change_of_the_model_counts_for_the_etag_of_its_variant(client):
    model = {"code": "boot", "family": "shoes", "family_variant": "shoes_color"}
    batch(client, "/product-models", model)
    create(client, identifier="r", parent="boot", values=values(color="red"))
    etag = client.get("/products/r").headers["etag"]
    client.patch("/product-models/boot", json={"values": values(name={"fr_FR": "Botte"})})
    assert client.patch("/products/r", json={"enabled": False}, headers={"If-Match": etag}).status_code == 412


def test_a_channel_trims_values_locales_prices_and_converts_measures(client):
    client.patch("/channels/print", json={"conversion_units": {"weight": "KILOGRAM"}})
    prices = [{"amount": "9.90", "currency": "EUR"}, {"amount": "8.50", "currency": "GBP"}]
    text = [*value("W", "fr_FR", "web"), *value("P", "fr_FR", "print")]
    own = values(name={"fr_FR": "Tente", "en_GB": "Tent"}, price=prices, weight={"amount": "800", "unit": "GRAM"})
    create(client, values={**own, "description": text})
    query = {"scope": "print", "convert_measurements": "true"}
    read = client.get("/products/tent", params=query).json()["values"]
    assert read["name"] == value("Tente", "fr_FR")
    assert read["description"] == value("P", "fr_FR", "print")
    assert read["price"] == value([{"amount": "9.90", "currency": "EUR"}])
    assert read["weight"] == value({"amount": "0.8000", "unit": "KILOGRAM"})
    only = client.get("/products/tent", params={"locales": "en_GB", "attributes": "name,color"}).json()["values"]
    assert only == {"name": value("Tent", "en_GB")}


def test_completenesses_and_the_labels_of_options_are_added_on_request(client):
    create(client, values=values(name={"fr_FR": "T"}, color="red", tags=["new", "sale"]))
    query = {"with_completenesses": "true", "with_attribute_options": "true"}
    read = client.get("/products/tent", params=query).json()
    ratios = {(one["scope"], one["locale"]): one["data"] for one in read["completenesses"]}
    assert ratios["web", "fr_FR"] > ratios["web", "en_GB"]
    assert read["values"]["color"][0]["linked_data"]["labels"] == {"en_GB": "Red"}
    assert set(read["values"]["tags"][0]["linked_data"]) == {"new", "sale"}


def test_reading_with_an_unknown_channel_locale_or_attribute_names_each(client):
    answer = client.get("/products", params={"scope": "moon", "locales": "xx", "attributes": "nothing"})
    assert answer.status_code == 422
    assert [error["property"] for error in answer.json()["errors"]] == ["scope", "locales", "attributes"]


def test_threads_that_patch_different_places_of_one_product_lose_nothing(client):
    create(client)
    create(client, identifier="sock")
    patches = [
        {"values": {"name": value("Tente", "fr_FR")}},
        {"values": {"name": value("Tent", "en_GB")}},
        {"values": {"color": value("red")}},
        {"values": {"description": value("W", "fr_FR", "web")}},
        {"values": {"description": value("P", "fr_FR", "print")}},
        {"associations": {"upsell": {"products": ["sock"]}}},
        {"associations": {"pair": {"products": ["sock"]}}},
        {"add_categories": ["home"]},
        {"enabled": False},
    ]
    with ThreadPoolExecutor(len(patches)) as threads:
        answers = [*threads.map(lambda patch: client.patch("/products/tent", json=patch), patches)]
    assert {answer.status_code for answer in answers} == {204}
    read = client.get("/products/tent").json()
    assert [len(read["values"][name]) for name in ("name", "color", "description")] == [2, 1, 2]
    assert set(read["associations"]) == {"upsell", "pair"}
    assert read["categories"] == ["home", "outdoor"]
    assert read["enabled"] is False


def test_a_reader_may_not_write_and_a_limited_editor_only_within_their_limits(client, database):
    create(client, values=values(name={"fr_FR": "Tente", "en_GB": "Tent"}))
    reader = {"Authorization": f"Bearer {a_token(database, 'reader')}"}
    assert client.patch("/products/tent", json={"enabled": False}, headers=reader).status_code == 403
    limited = a_token(database, "editor", edit={"locales": ["fr_FR"]})
    editor = {"Authorization": f"Bearer {limited}"}
    french, english = ({"values": {"name": value("X", locale)}} for locale in ("fr_FR", "en_GB"))
    assert client.patch("/products/tent", json=french, headers=editor).status_code == 204
    refused = client.patch("/products/tent", json=english, headers=editor)
    assert refused.status_code == 403
    assert "en_GB" in refused.json()["message"]


def test_without_a_token_nothing_is_told(client):
    answer = client.get("/products/none", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.json()["code"] == 401


def test_a_variant_that_is_read_and_sent_back_takes_nothing_over_from_its_model(client, database):
    create(client, identifier="sock")
    shared = {"categories": ["outdoor"], "associations": {"pair": {"products": ["sock"]}}}
    model = {"code": "boot", "family": "shoes", "family_variant": "shoes_color", **shared}
    batch(client, "/product-models", {**model, "values": values(name={"fr_FR": "Botte"})})
    create(client, identifier="r", parent="boot", categories=["home"], values=values(color="red"))
    read = client.get("/products/r")
    assert read.json()["categories"] == ["home", "outdoor"]
    assert read.json()["associations"]["pair"]["products"] == ["sock"]
    assert client.patch("/products/r", json=read.json()).status_code == 204
    assert client.get("/products/r").headers["etag"] == read.headers["etag"]
    with database.session() as session:
        own = document_of(session, "product", "r")
    assert (own["categories"], own["associations"], set(own["values"])) == (["home"], {}, {"color"})


def test_quality_scores_are_letters_by_channel_and_locale(client):
    create(client, values=values(name={"fr_FR": "Tente"}, price=[{"amount": "9", "currency": "EUR"}]))
    scores = client.get("/products/tent", params={"with_quality_scores": "true"}).json()["quality_scores"]
    assert {(one["scope"], one["locale"]) for one in scores} == {("web", "fr_FR"), ("web", "en_GB"), ("print", "fr_FR")}
    assert {one["data"] for one in scores} <= set("ABCDE")
    listed = client.get("/products", params={"with_quality_scores": "true"}).json()["_embedded"]["items"]
    assert listed[0]["quality_scores"] == scores
    assert "quality_scores" not in client.get("/products/tent").json()


def test_a_product_model_is_judged_by_what_it_may_hold_itself(client):
    shoe = {"code": "shoe", "family": "shoes", "family_variant": "shoes_color", "values": values(price=[])}
    assert client.post("/product-models", json=shoe).status_code == 201
    model = client.get("/product-models/shoe", params={"with_quality_scores": "true"}).json()
    assert {one["data"] for one in model["quality_scores"]} == {"E"}
