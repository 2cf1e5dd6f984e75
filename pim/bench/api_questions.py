"""What is asked of the API, and the condition by which SQL finds the same products."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import quote

import msgspec

from pim.catalog.structure import Structure

_LIST = "/products?pagination_type=search_after&limit=100"
_TEXT: LiteralString = "id IN (SELECT entity_id FROM filter_value WHERE attribute_id = %s AND text = %s)"
_RANGE: LiteralString = """
    id IN (
        WITH held AS (
            SELECT entity_id FROM filter_value
            WHERE attribute_id = %s AND number BETWEEN %s AND %s AND text IS NOT DISTINCT FROM %s
        )
        SELECT entity_id FROM held UNION ALL SELECT product.id FROM product WHERE parent_id = ANY(ARRAY(
            SELECT entity_id FROM held
            UNION ALL SELECT product_model.id FROM product_model JOIN held ON product_model.parent_id = entity_id
        ))
    )
"""
"""Products that hold such a value, and variants of the product models that do."""


@dataclass(frozen=True, slots=True)
class Question:
    """The address of a GET; the condition on `product`, and its parameters."""

    name: str
    path: str
    where: LiteralString
    parameters: list[Any]


def questions(structure: Structure, code: str, products: int) -> Iterator[Question]:
    """A page and a product; and searches that find few of many: by a text, by a range of prices, and variants by what
    their product models say."""
    yield Question("page_100", _LIST, "true", [])
    yield Question("one", f"/products/{code}", "code = %s", [code])
    text = "CR-0000050"
    yield Question("filter.text", _search({"mpn": [("=", text)]}), _TEXT, [_id(structure, "mpn"), text])
    around = 20_000 / products  # euros to either side: some hundred products, whatever their number
    least, most = f"{200 - around:.2f}", f"{200 + around:.2f}"
    prices = [(">=", {"amount": least, "currency": "EUR"}), ("<=", {"amount": most, "currency": "EUR"})]
    yield Question("filter.price", _search({"price": prices}), _RANGE, [_id(structure, "price"), least, most, "EUR"])
    deep = 6000 - min(4500, 9_000_000 // products)
    search = _search({"waterproof_rating": [(">=", deep)], "parent": [("NOT EMPTY", None)]})
    of_variants: LiteralString = _RANGE + " AND parent_id IS NOT NULL"
    yield Question("filter.variants", search, of_variants, [_id(structure, "waterproof_rating"), deep, 10_000, None])


def _id(structure: Structure, attribute: str) -> int:
    return structure.id_of("attribute", attribute)


def _search(conditions: dict[str, list[tuple[str, Any]]]) -> str:
    search = {
        name: [{"operator": operator} | ({} if value is None else {"value": value}) for operator, value in of_one]
        for name, of_one in conditions.items()
    }
    return f"{_LIST}&search={quote(msgspec.json.encode(search))}"
