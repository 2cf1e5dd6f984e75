import pytest

from pim.intake.readers.akeneo_columns import understand
from tests.catalog.table_makers import a_size_chart
from tests.makers import a_small_catalogue, a_structure

STRUCTURE = a_structure()

UNREADABLE = [
    ("colour", "unknown_attribute", "`colour` is neither an attribute nor an association type"),
    ("name", "bad_column", "`-locale` if it is localizable"),
    ("name-fr_FR-web", "bad_column", "`-channel` if it is scopable"),
    ("name-it_IT", "unknown_locale", "locale `it_IT` is not active in any channel"),
    ("description-en_GB-print", "locale_not_in_channel", "locale `en_GB` is not one of the channel `print`"),
    ("description-fr_FR-shop", "unknown_channel", "channel `shop` does not exist; known: print, web"),
    ("price-XXX", "bad_column", "column `price-XXX`"),
    ("", "no_column_name", "column 2 has no name"),
    ("sku", "repeated_column", "column `sku` is there twice"),
]


@pytest.mark.parametrize(("name", "code", "message"), UNREADABLE)
def test_a_column_without_meaning_is_told_and_not_read(name, code, message):
    columns = understand(["sku", name], STRUCTURE)
    assert [problem.code for problem in columns.problems] == [code]
    assert message in columns.problems[0].message
    assert columns.values == []


def test_a_measure_has_its_unit_beside_it():
    columns = understand(["sku", "weight-unit", "weight"], STRUCTURE)
    assert [(metric.index, metric.unit_index) for metric in columns.metrics] == [(2, 1)]


def test_prices_of_one_attribute_belong_together():
    columns = understand(["sku", "price-EUR", "name-fr_FR", "price-GBP"], STRUCTURE)
    assert [price.amounts for price in columns.prices] == [[("EUR", 1), ("GBP", 3)]]


def test_associations_know_their_targets_and_quantities():
    header = ["sku", "upsell-products", "upsell-product_models", "set-products", "set-products-quantity", "pair-groups"]
    found = [(c.association_type, c.target, c.quantities) for c in understand(header, STRUCTURE).associations]
    assert found == [
        ("upsell", "products", None),
        ("upsell", "product_models", None),
        ("set", "products", 4),
        ("pair", "groups", None),
    ]


def test_a_table_stands_in_its_cell_as_json():
    columns = understand(["sku", "chart"], a_structure([*a_small_catalogue(), a_size_chart()]))
    convert = columns.values[0].convert
    assert convert is not None
    assert convert('[{"size":"m","chest":"96"}]') == [{"size": "m", "chest": "96"}]
    assert convert("m: 96") == "m: 96"  # the rules name it
