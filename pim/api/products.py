"""Products, by identifier and by uuid."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import RawBody
from litestar.types import ControllerRouterHandler

from pim.api.bodies import read_object
from pim.api.product_routes import Surface, answer_list, routes_of
from pim.catalog.model import PRODUCT

BY_IDENTIFIER = Surface("/products", PRODUCT, "identifier")
BY_UUID = Surface("/products-uuid", PRODUCT, "uuid")


@post("/products-uuid/search", sync_to_thread=True, status_code=200)
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
