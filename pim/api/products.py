"""Products, by identifier and by uuid."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.bodies import read_object
from pim.api.openapi.answers import sends_page
from pim.api.openapi.operation import Content, Operation
from pim.api.openapi.parameters import PAGING, READING, SEARCH, SEARCH_PLACES
from pim.api.openapi.resource import ResourceWords
from pim.api.openapi.shapes import an_object
from pim.api.openapi.wording import PRODUCTS, PRODUCTS_BY_UUID
from pim.api.product_routes import Surface, answer_list, routes_of
from pim.catalog.model import PRODUCT

_POSTER = {"family": "books", "categories": ["reading_stationery"], "values": {
    "name": [{"locale": "fr_FR", "scope": None, "data": "Affiche des sommets"},
             {"locale": "en_GB", "scope": None, "data": "Poster of the summits"}],
    "price": [{"locale": None, "scope": None, "data": [{"amount": "24.00", "currency": "EUR"}]}],
}}  # fmt: skip
_NEW_NAME = {"values": {"name": [{"locale": "en_GB", "scope": None, "data": "Trail notebook"}]}}
_UUID = "25566245-55c3-42ce-86d9-8610ac459fa8"

BY_IDENTIFIER = Surface(
    "/products", PRODUCT, "identifier",
    ResourceWords(
        tag=PRODUCTS, one="product", many="products", shape="Product", key="identifier", path="/products",
        existing="LIV-CAR", sample={"identifier": "POSTER-1", **_POSTER}, upsert=_NEW_NAME,
    ),
)  # fmt: skip
BY_UUID = Surface(
    "/products-uuid", PRODUCT, "uuid",
    ResourceWords(
        tag=PRODUCTS_BY_UUID, one="product by uuid", many="products by uuid", key="uuid", path="/products-uuid",
        shape="ProductByUuid", written_shape="ProductInput",
        existing=_UUID, sample={"uuid": _UUID, **_POSTER}, upsert=_NEW_NAME,
    ),
)  # fmt: skip

_QUERY = {one.name: one.schema for one in (*PAGING, SEARCH, *SEARCH_PLACES, *READING)}

SEARCH_OPERATION = Operation(
    id="searchProductsByUuid",
    tag=PRODUCTS_BY_UUID,
    summary="Search products",
    description="The query of a list as a JSON body, for searches too long for an address.",
    body=[Content(
        an_object(_QUERY, optional=_QUERY),
        example={"search": {"pages": [{"operator": ">", "value": 200}]}, "limit": 3},
    )],
    answers={200: sends_page("ProductByUuid", "A page of products")},
    errors=(404,),
)  # fmt: skip


@post("/products-uuid/search", sync_to_thread=True, status_code=200, operation=SEARCH_OPERATION)
def search_products(request: Request[Any, Any, Any], state: State, body: RawBody) -> Response[bytes]:
    """The query of a list as a JSON body, for searches too long for an address."""
    query = read_object(request, body)
    return answer_list(request, state, BY_UUID, {name: _as_parameter(value) for name, value in query.items()})


def _as_parameter(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(map(str, value))
    return msgspec.json.encode(value).decode()


ROUTES: list[ControllerRouterHandler] = [*routes_of(BY_IDENTIFIER), *routes_of(BY_UUID), search_products]
