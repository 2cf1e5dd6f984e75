"""The routes of the catalogue under `/api/rest/v1`: who is let in, and what all of them ask of a request."""

from litestar import Router
from litestar.handlers import BaseRouteHandler

from pim.api import measurement_families, structure
from pim.api.bodies import check_accept
from pim.api.dialect_errors import BASE
from pim.api.identity import Connection, needs


def _speaks_json(connection: Connection, handler: BaseRouteHandler) -> None:
    check_accept(connection)


CATALOGUE = Router(
    BASE,
    route_handlers=[
        *structure.ROUTES,
        *measurement_families.ROUTES,
    ],
    guards=[needs(), _speaks_json],
)
