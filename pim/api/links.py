"""The address of anything in the catalogue, by kind and name."""

from typing import Any
from uuid import UUID

from litestar import Request

from pim.api import linked
from pim.api.measurement_families import KIND as MEASUREMENT_FAMILY
from pim.api.paging import address
from pim.api.product_models import PRODUCT_MODELS
from pim.api.products import BY_UUID
from pim.api.structure import RESOURCES
from pim.catalog.model import PRODUCT, PRODUCT_MODEL

_RESOURCES = {resource.kind: resource for resource in (*RESOURCES, *linked.RESOURCES)}


def link_to(request: Request[Any, Any, Any], kind: str, code: str, owner: str, uuid: UUID | None) -> str | None:
    """Products go by their uuid, which nothing can rename. None for what has no address of its own."""
    if kind == PRODUCT:
        return address(request, BY_UUID.path, str(uuid))
    if kind == PRODUCT_MODEL:
        return address(request, PRODUCT_MODELS.path, code)
    if kind == MEASUREMENT_FAMILY:
        return address(request, "/measurement-families")
    resource = _RESOURCES.get(kind)
    return address(request, resource.at(owner), code) if resource else None
