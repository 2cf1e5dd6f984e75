"""Structure over HTTP: one set of handlers, tried with every resource."""

import json

from tests.api.clients import batch

NEW = {
    "/families": {"code": "tents", "attributes": ["name", "sku"], "labels": {"fr_FR": "Tentes"}},
    "/families/shoes/variants": {
        "code": "by_size", "variant_attribute_sets": [{"level": 1, "axes": ["size"], "attributes": ["ean"]}],
    },
    "/attributes": {"code": "maker", "type": "pim_catalog_text", "group": "general", "labels": {"en_GB": "Maker"}},
    "/attributes/color/options": {"code": "pink", "labels": {"fr_FR": "Rose"}},
    "/attribute-groups": {"code": "technical", "labels": {"en_GB": "Technical"}},
    "/association-types": {"code": "pack", "labels": {"en_GB": "Pack"}},
    "/channels": {"code": "app", "locales": ["fr_FR"], "currencies": ["EUR"], "category_tree": "master"},
    "/categories": {"code": "tents", "parent": "outdoor", "labels": {"fr_FR": "Tentes"}},
    "/locales": {"code": "it_IT"},
    "/currencies": {"code": "CHF"},
    "/group-types": {"code": "season"},
    "/groups": {"code": "summer", "type": "related"},
}  # fmt: skip


def test_everything_is_created_read_changed_listed_and_deleted(client):
    for path, document in NEW.items():
        created = client.post(path, json=document)
        assert (created.status_code, created.content) == (201, b""), created.text
        here = created.headers["location"]
        read = client.get(here).json()
        assert {key: read[key] for key in document if key != "attributes"} == {
            key: value for key, value in document.items() if key != "attributes"
        }
        assert client.post(path, json=document).status_code == 422, path
        assert client.patch(here, json=read).status_code == 204, path  # what was read may be sent back
        codes = [item["code"] for item in client.get(path, params={"limit": 100}).json()["_embedded"]["items"]]
        assert document["code"] in codes
        assert codes == sorted(codes)
        assert [client.delete(here).status_code, client.delete(here).status_code] == [204, 404], path
        assert client.get(here).status_code == 404, path


def test_a_batch_answers_each_line_by_its_code(client):
    for path, document in NEW.items():
        answers = batch(client, path, document, document, {"labels": {}}, {**document, "surprise": 1})
        assert [(line.get("code"), line["status_code"]) for line in answers] == [
            (document["code"], 201), (document["code"], 204), (None, 422), (document["code"], 422),
        ], path  # fmt: skip
        assert "surprise" in answers[3]["message"]


def test_documents_have_the_fields_that_clients_expect(client):
    attribute = client.get("/attributes/color").json()
    assert attribute["group_labels"] == {}
    assert attribute["type"] == "pim_catalog_simpleselect"
    assert client.get("/attributes/color/options/red").json() == {
        "code": "red", "attribute": "color", "sort_order": 0, "labels": {"en_GB": "Red"},
    }  # fmt: skip
    assert "color" in client.get("/attribute-groups/general").json()["attributes"]
    assert set(client.get("/categories/outdoor").json()) == {"code", "parent", "updated", "labels"}
    assert set(client.get("/families/shoes/variants/shoes_color").json()) == {
        "code", "labels", "variant_attribute_sets",
    }  # fmt: skip
    enabled = {one: client.get(f"/locales/{one}").json()["enabled"] for one in ("fr_FR", "de_DE")}
    assert enabled == {"fr_FR": True, "de_DE": False}


def test_what_is_in_use_is_not_deleted_and_the_answer_lists_who_needs_it(client):
    answer = client.delete("/categories/master")
    assert answer.status_code == 409
    assert "channel" in answer.json()["message"]
    assert "web" in answer.json()["message"]
    assert client.delete("/attributes/color").status_code == 409
    assert client.delete("/families/shoes").status_code == 409


def test_an_attribute_that_an_export_maps_is_not_deleted(client):
    client.post("/attributes", json={"code": "meta_title", "type": "pim_catalog_text", "group": "general"})
    answer = client.delete("/attributes/meta_title")
    assert answer.status_code == 409
    assert "mapping of export" in answer.json()["message"]


def test_options_of_an_attribute_that_is_not_there_are_not_found(client):
    for answer in (client.get("/attributes/none/options"), client.patch("/families/none/variants/x", json={})):
        assert answer.status_code == 404
        assert "`none`" in answer.json()["message"]


def test_a_code_that_differs_from_the_address_is_refused(client):
    answer = client.patch("/families/shoes", json={"code": "socks"})
    assert answer.status_code == 422
    assert "socks" in answer.json()["errors"][0]["message"]
    answer = client.patch("/attributes/color/options/red", json={"attribute": "size"})
    assert answer.status_code == 422


def test_two_who_label_one_family_at_once_are_told_by_its_etag(client):
    etag = client.get("/families/shoes").headers["etag"]
    first = client.patch("/families/shoes", json={"labels": {"fr_FR": "C"}}, headers={"If-Match": etag})
    late = client.patch("/families/shoes", json={"labels": {"en_GB": "S"}}, headers={"If-Match": etag})
    assert (first.status_code, late.status_code) == (204, 412)


def test_measurement_families_are_listed_whole_and_written_as_an_array(client):
    unit = {"code": "LITER", "labels": {}, "symbol": "l", "convert_from_standard": [{"operator": "mul", "value": "1"}]}
    volume = {"code": "Volume", "labels": {}, "standard_unit_code": "LITER", "units": {"LITER": unit}}
    answers = client.patch("/measurement-families", json=[volume, volume, {"labels": {}}, {**volume, "x": 1}]).json()
    assert [(one.get("code"), one["status_code"]) for one in answers] == [
        ("Volume", 201), ("Volume", 204), (None, 422), ("Volume", 422),
    ]  # fmt: skip
    listed = client.get("/measurement-families").json()
    assert [one["code"] for one in listed] == ["Volume", "Weight"]
    assert listed[0] == volume
    assert client.patch("/measurement-families", json={}).status_code == 400


BAD = [
    ("PATCH", "/families/x", b"{", "application/json", 400),
    ("PATCH", "/families/x", b"[]", "application/json", 400),
    ("PATCH", "/families/x", b'"\xff"', "application/json", 400),
    ("PATCH", "/families/x", b"[" * 100_000, "application/json", 400),
    ("PATCH", "/families/x", b"{}", "text/plain", 415),
    ("POST", "/families", b"{}", "application/json", 422),
    ("POST", "/families", b'{"code": 3}', "application/json", 422),
    ("PATCH", "/families", b"{}", "application/json", 415),
    ("PATCH", "/families", b"", "application/vnd.akeneo.collection+json", 400),
    ("PUT", "/families", b"{}", "application/json", 405),
    ("GET", "/nothing", b"", "application/json", 404),
]


def test_a_bad_request_is_told_in_the_shape_of_the_dialect(client):
    for method, path, body, content_type, status in BAD:
        answer = client.request(method, path, content=body, headers={"Content-Type": content_type})
        assert answer.status_code == status, (method, path, body[:20])
        assert json.loads(answer.text)["code"] == status
        assert answer.json()["message"]


def test_only_json_is_served(client):
    assert client.get("/families", headers={"Accept": "text/html"}).status_code == 406
    assert client.get("/families", headers={"Accept": "text/html, application/json;q=0.5"}).status_code == 200
