"""The benchmark's catalogue: the same every time, of the size asked for, and a catalogue like people have."""

import json
from pathlib import Path

import pytest

from pim.bench.catalogue import write_products
from pim.catalog.gtin import valid_gtin
from pim.catalog.model import Document


def written(folder: Path, products: int, parts: int = 1) -> list[list[Document]]:
    """The documents of each part."""
    paths = write_products(folder, products, parts)
    return [[json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in paths]


def products_of(documents: list[Document]) -> list[Document]:
    return [document for document in documents if "identifier" in document]


def test_the_same_catalogue_is_written_every_time(tmp_path):
    first, second = (tmp_path / name for name in ("first", "second"))
    for folder in (first, second):
        folder.mkdir()
        write_products(folder, 150, 2)
    assert [path.read_bytes() for path in sorted(first.iterdir())] == [
        path.read_bytes() for path in sorted(second.iterdir())
    ]


@pytest.mark.parametrize("products", [100, 137, 400])
def test_it_has_as_many_products_as_asked_for_in_all_parts(tmp_path, products):
    parts = written(tmp_path, products, parts=3)
    assert sum(len(products_of(part)) for part in parts) == products


def test_no_root_is_divided_between_parts(tmp_path):
    for part in written(tmp_path, 400, parts=3):
        codes = {document["code"] for document in part if "code" in document}
        assert {document["parent"] for document in part if document["parent"]} <= codes


def test_three_products_in_ten_are_variants_of_models_of_one_or_two_levels(tmp_path):
    (documents,) = written(tmp_path, 1000)
    models = {document["code"]: document for document in documents if "code" in document}
    variants = [product for product in products_of(documents) if product["parent"]]
    depths = {1 if models[variant["parent"]]["parent"] is None else 2 for variant in variants}
    assert (len(variants), depths) == (300, {1, 2})


def test_every_product_has_a_valid_number_of_its_own_from_the_range_for_examples(tmp_path):
    (documents,) = written(tmp_path, 300)
    numbers = [product["values"]["ean"][0]["data"] for product in products_of(documents)]
    assert len(set(numbers)) == 300
    assert all(valid_gtin(number) and number.startswith("952") for number in numbers)
