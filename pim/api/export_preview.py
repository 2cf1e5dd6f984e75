"""What an export takes and what it leaves out, and why, before anything is rendered."""

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from pim.api.bodies import JSON
from pim.api.exports_shown import ONE, PATH, AnyRequest, asked_export
from pim.api.exports_words import NAME
from pim.api.identity import signed_in
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import Operation, Parameter
from pim.api.openapi.parameters import PAGING
from pim.api.openapi.shapes import INTEGER, a_list, a_page, of_struct
from pim.api.openapi.wording import EXPORTS
from pim.api.paging import asked_page, hal_page, parameters_of
from pim.api.past import AS_OF, asked_revision
from pim.api.query_pages import streamed
from pim.api.rejected_items import seen_previews
from pim.base.database import Database
from pim.syndication.assortment import RULES
from pim.syndication.preview import LEFT_OUT, TAKEN, LocaleCounts, PreviewRow, preview

PREVIEW = Operation(
    id="previewExport",
    tag=EXPORTS,
    summary="Preview what an export takes",
    description="Product by product what the assortment takes and what it leaves out, by which of its rules; of the "
    "definition and the catalogue of now. With `with_count`, also `counts` of the whole catalogue by locale and rule.",
    path="/exports/{name}/preview",
    parameters=[
        NAME,
        *PAGING,
        Parameter("verdict", "Only what is taken, or left out", {"enum": [TAKEN, LEFT_OUT]}),
        Parameter("rule", "Only what this key of the assortment leaves out", {"enum": list(RULES)}),
        Parameter("item", "Only this product"),
        AS_OF,
    ],
    answers={
        200: sends(
            a_page(
                of_struct(PreviewRow),
                {"revision": INTEGER, "counts": a_list(of_struct(LocaleCounts))},
                optional=("counts",),
            ),
            "A page of products",
        )
    },
    errors=(404, 422),
)


@get(ONE + "/preview", sync_to_thread=True, operation=PREVIEW)
def preview_export(request: AnyRequest, state: State) -> Response[bytes]:
    """As far as its reader sees the products; the counts are of all."""
    parameters = parameters_of(request)
    asked, name = asked_page(parameters), asked_export(request, state)
    database: Database = state.database
    with database.snapshot_session() as session:
        found = preview(session, state.settings, name, asked_revision(session, parameters))
        rows = found.rows(parameters.get("verdict"), parameters.get("rule"), parameters.get("item"))
        shown, last = streamed(seen_previews(session, signed_in(request), rows), asked)
    told = {"revision": found.revision} | ({"counts": found.counts} if asked.with_count else {})
    page = hal_page(request, f"{PATH}/{name}/preview", asked, shown.rows, last, shown.more, shown.count)
    return Response(msgspec.json.encode({**told, **page}), media_type=JSON)


ROUTES: list[ControllerRouterHandler] = [preview_export]
