"""The routes of the catalogue under `/api/rest/v1`: who is let in, and what all of them ask of a request."""

from litestar import Router
from litestar.handlers import BaseRouteHandler

from pim.api import (
    audit,
    changes,
    changesets,
    deliveries,
    diff,
    drafts,
    export_decisions,
    export_items,
    export_preview,
    export_schedules,
    exports,
    feedback,
    import_mappings,
    imports,
    jobs,
    linked,
    linked_media,
    measurement_families,
    media_files,
    product_models,
    products,
    saved_searches,
    search,
    structure,
    webhooks,
)
from pim.api.applicable import check_applicable
from pim.api.bodies import check_accept
from pim.api.dialect_errors import BASE
from pim.api.event_stream import EVENTS
from pim.api.identity import Connection, needs
from pim.api.storable import check_storable


def _speaks_json(connection: Connection, handler: BaseRouteHandler) -> None:
    """All answers are JSON but the bytes of files and streams of events."""
    path = connection.url.path.removeprefix(BASE)
    to_files = path.startswith(tuple(linked_media.PATHS.values()))
    if not to_files and not path.endswith((media_files.DOWNLOAD, EVENTS, imports.REJECTED)):
        check_accept(connection)


CATALOGUE = Router(
    BASE,
    route_handlers=[
        *products.ROUTES,
        *product_models.ROUTES,
        *search.ROUTES,
        *saved_searches.ROUTES,
        *structure.ROUTES,
        *measurement_families.ROUTES,
        *media_files.ROUTES,
        *changes.ROUTES,
        *jobs.ROUTES,
        *linked.ROUTES,
        *linked_media.ROUTES,
        *changesets.ROUTES,
        *drafts.ROUTES,
        *diff.ROUTES,
        *exports.ROUTES,
        *audit.ROUTES,
        *export_decisions.ROUTES,
        *export_items.ROUTES,
        *export_preview.ROUTES,
        *export_schedules.ROUTES,
        *deliveries.ROUTES,
        *webhooks.ROUTES,
        *feedback.ROUTES,
        *imports.ROUTES,
        *import_mappings.ROUTES,
    ],
    guards=[needs(), _speaks_json, check_storable, check_applicable],
)
