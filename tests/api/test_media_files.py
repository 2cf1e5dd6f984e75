"""Pictures go in with the value that holds them and come out byte for byte."""

import json
from io import BytesIO

import pytest
from PIL import Image


@pytest.fixture
def picture():
    buffer = BytesIO()
    Image.new("RGB", (5, 3), "red").save(buffer, "png")
    return buffer.getvalue()


def upload(client, content, name="a photo.png", **parts):
    return client.post(
        "/media-files", files={"file": (name, content)}, data={k: json.dumps(v) for k, v in parts.items()}
    )


def test_an_uploaded_picture_is_the_products_value_and_comes_back_byte_for_byte(client, picture):
    client.post("/products", json={"identifier": "tent"})
    place = {"identifier": "tent", "attribute": "picture", "locale": None, "scope": None}
    answer = upload(client, picture, product=place)
    assert (answer.status_code, answer.content) == (201, b"")
    code = client.get("/products/tent").json()["values"]["picture"][0]["data"]
    assert answer.headers["location"].endswith(f"/media-files/{code}")
    assert code.count("/") == 4
    told = client.get(answer.headers["location"]).json()
    assert (told["code"], told["original_filename"], told["mime_type"], told["size"], told["extension"]) == (
        code, "a photo.png", "image/png", len(picture), "png",
    )  # fmt: skip
    download = client.get(told["_links"]["download"]["href"], headers={"Accept": "*/*"})
    assert download.content == picture
    assert download.headers["content-type"] == "image/png"


def test_a_picture_of_a_product_model_and_of_a_product_by_uuid(client, picture):
    client.post("/product-models", json={"code": "boot", "family": "shoes", "family_variant": "shoes_color"})
    client.patch("/families/shoes", json={"attributes": ["name", "picture", "color", "ean", "size", "weight", "price"]})
    assert upload(client, picture, product_model={"code": "boot", "attribute": "picture"}).status_code == 201
    assert client.get("/product-models/boot").json()["values"]["picture"]
    here = client.post("/products-uuid", json={}).headers["location"]
    uuid = here.rpartition("/")[2]
    assert upload(client, picture, product={"uuid": uuid, "attribute": "picture"}).status_code == 201
    assert client.get(here).json()["values"]["picture"]
    listed = client.get("/media-files", params={"with_count": "true"}).json()
    assert listed["items_count"] == 1  # the same file, kept once


REFUSED = [
    ("a.txt", {"identifier": "tent", "attribute": "picture"}, 422),
    ("a.png", {"identifier": "tent", "attribute": "color"}, 422),
    ("a.png", {"identifier": "none", "attribute": "picture"}, 404),
    ("a.png", {"attribute": "picture"}, 422),
    ("a.png", {"identifier": "tent"}, 422),
    ("a.png", [], 400),
]


def test_a_refused_upload_keeps_no_file(client, picture):
    client.post("/products", json={"identifier": "tent"})
    for name, place, status in REFUSED:
        answer = upload(client, picture, name, product=place)
        assert answer.status_code == status, (name, place)
        assert answer.json()["message"]
    assert client.get("/media-files", params={"with_count": "true"}).json()["items_count"] == 0


def test_a_file_larger_than_its_attribute_allows_is_refused_with_both_sizes(client):
    client.patch("/attributes/picture", json={"max_file_size": "0.002"})
    client.post("/products", json={"identifier": "tent"})
    place = {"identifier": "tent", "attribute": "picture"}
    assert upload(client, b"x" * 2000, product=place).status_code == 201
    answer = upload(client, b"x" * 2010, product=place)
    assert answer.status_code == 422
    assert "2,010 bytes; at most 2,000" in answer.json()["errors"][0]["message"]


def test_an_upload_says_which_part_is_missing(client, picture):
    assert client.post("/media-files", files={"file": ("a.png", picture)}).status_code == 422
    answer = client.post("/media-files", files={"other": ("a.png", picture)}, data={"product": "{}"})
    assert "`file`" in answer.json()["errors"][0]["message"]
    assert client.post("/media-files", json={}).status_code == 415


def test_a_media_file_that_is_not_there_is_not_found(client):
    assert client.get("/media-files/a/b/c/none.png").status_code == 404
    assert client.get("/media-files/a/b/c/none.png/download").status_code == 404
