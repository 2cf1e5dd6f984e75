"""The rows by which products are filtered."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pim.catalog.filter_values import filter_rows
from tests.makers import a_small_catalogue, a_structure, an_attribute, value

STRUCTURE = a_structure([*a_small_catalogue(), an_attribute("story", "textarea", useable_as_grid_filter=True)])

ROWS = [
    ("name", "Tente", "fr_FR", [("Tente", None, None)]),
    ("color", "red", None, [("red", None, None)]),
    ("tags", ["new", "sale"], None, [("new", None, None), ("sale", None, None)]),
    ("waterproof", True, None, [(None, Decimal(1), None)]),
    ("waterproof", False, None, [(None, Decimal(0), None)]),
    ("release", "2026-03-01T00:00:00+00:00", None, [(None, None, datetime(2026, 3, 1, tzinfo=UTC))]),
    ("weight", {"amount": "250", "unit": "GRAM"}, None, [(None, Decimal("0.25"), None)]),
    (
        "price", [{"amount": "9.90", "currency": "EUR"}, {"amount": "8", "currency": "GBP"}], None,
        [("EUR", Decimal("9.90"), None), ("GBP", Decimal(8), None)],
    ),
    ("story", "é" * 300, None, [("é" * 255, None, None)]),
    ("ean", "12", None, []),
]  # fmt: skip


@pytest.mark.parametrize(("attribute", "data", "locale", "wanted"), ROWS, ids=lambda value: str(value)[:20])
def test_a_value_of_a_filterable_attribute_has_its_rows(attribute, data, locale, wanted):
    rows = list(filter_rows(7, {attribute: value(data, locale)}, STRUCTURE))
    assert [row[4:] for row in rows] == wanted
    assert {row[:4] for row in rows} <= {(7, STRUCTURE.id_of("attribute", attribute), locale, None)}


def test_measures_compare_whatever_their_units():
    (grams,) = filter_rows(1, {"weight": value({"amount": "1000", "unit": "GRAM"})}, STRUCTURE)
    (kilo,) = filter_rows(1, {"weight": value({"amount": "1", "unit": "KILOGRAM"})}, STRUCTURE)
    assert grams == kilo
