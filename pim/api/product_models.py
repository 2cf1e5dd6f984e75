"""Product models: what variants share. Deleting one takes its variants with it."""

from litestar.types import ControllerRouterHandler

from pim.api.openapi.resource import ResourceWords
from pim.api.openapi.wording import PRODUCT_MODELS as CHAPTER
from pim.api.product_routes import Surface, routes_of
from pim.catalog.model import PRODUCT_MODEL

_NAME = {"name": [{"locale": "en_GB", "scope": None, "data": "Winter atlas"}]}

PRODUCT_MODELS = Surface(
    "/product-models", PRODUCT_MODEL, "code",
    ResourceWords(
        tag=CHAPTER, one="product model", many="product models", shape="ProductModel", path="/product-models",
        existing="tente_bivouac", upsert={"categories": ["camping_tents"]},
        sample={"code": "winter_atlas", "family": "books", "family_variant": "books_language", "values": _NAME},
    ),
)  # fmt: skip

ROUTES: list[ControllerRouterHandler] = routes_of(PRODUCT_MODELS)
