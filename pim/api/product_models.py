"""Product models: what variants share. Deleting one takes its variants with it."""

from litestar.types import ControllerRouterHandler

from pim.api.product_routes import Surface, routes_of
from pim.catalog.model import PRODUCT_MODEL

PRODUCT_MODELS = Surface("/product-models", PRODUCT_MODEL, "code")

ROUTES: list[ControllerRouterHandler] = routes_of(PRODUCT_MODELS)
