"""Whether all exports say the same: `GET audit`."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON
from pim.api.exports_shown import AnyRequest
from pim.api.identity import signed_in
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Operation, Parameter
from pim.api.openapi.shapes import BOOLEAN, INTEGER, a_list, an_object, of_struct
from pim.api.openapi.wording import EXPORTS
from pim.api.paging import parameters_of
from pim.base.database import Database
from pim.base.errors import NotPermitted
from pim.syndication.audit import MOST, Audit, AuditedExport, Contradiction, audit

_CONTRADICTION = of_struct(Contradiction)
_CONTRADICTION["properties"]["declared"] = {
    "type": "object", "additionalProperties": TEXT, "description": "Export → why it differs on purpose",
}  # fmt: skip

AUDIT = Operation(
    id="auditExports",
    tag=EXPORTS,
    summary="Compare what all exports say",
    description="Price, availability, title, GTIN and image of each product, in every current publication: "
    f"contradictions, what differs on purpose (the first {MOST} of each, all are counted), and exports that show an "
    "older revision than others. Only for users whose view has no limits.",
    parameters=[Parameter("product", "Only what is said of this product")],
    answers={
        200: sends(
            an_object(
                {
                    "revision": INTEGER,
                    "is_clean": {**BOOLEAN, "description": "No contradiction, nothing stale, nothing unreadable"},
                    "exports": a_list(of_struct(AuditedExport)),
                    "products": {**INTEGER, "description": "That were compared"},
                    "contradictions_count": INTEGER,
                    "declared_count": INTEGER,
                    "contradictions": a_list(_CONTRADICTION),
                    "declared": a_list(_CONTRADICTION),
                }
            ),
            "What was compared, and what was found",
        )
    },
)


@get("/audit", sync_to_thread=True, operation=AUDIT)
def get_audit(request: AnyRequest, state: State) -> Response[bytes]:
    """Everything is compared, so who sees only a part cannot ask."""
    if not signed_in(request).view.is_everything:
        raise NotPermitted("the audit compares what is said of every product; your view is limited, ask somebody else")
    database: Database = state.database
    with database.snapshot_session() as session:
        found = audit(session, state.storage, state.settings, parameters_of(request).get("product"))
    return Response(msgspec.json.encode(_shown(found)), media_type=JSON)


def _shown(found: Audit) -> dict[str, Any]:
    return {"is_clean": found.is_clean, **msgspec.to_builtins(found)}


ROUTES: list[ControllerRouterHandler] = [get_audit]
