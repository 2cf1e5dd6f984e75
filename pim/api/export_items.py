"""The lineage of an item of an export: for every field where it comes from."""

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler
from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import visible_attributes
from pim.api.bodies import JSON
from pim.api.exports_shown import ONE, AnyRequest, asked_export
from pim.api.exports_words import NAME
from pim.api.identity import signed_in
from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Operation, Parameter, Schema
from pim.api.openapi.parameters import in_path
from pim.api.openapi.shapes import BOOLEAN, INTEGER, a_list, an_object, of_struct, or_null
from pim.api.openapi.wording import EXPORTS
from pim.api.paging import parameters_of
from pim.api.past import AS_OF, asked_revision
from pim.api.rejected_items import seen_items
from pim.base.database import Database
from pim.base.errors import NotFound
from pim.exports.load import load_definition
from pim.syndication.explain import Explanation, explain
from pim.syndication.lineage import sources_of
from pim.syndication.model import FieldViolation
from pim.syndication.trace import Origin, Step
from pim.versioning import store

_TRACE: Schema = an_object(
    {
        "value": {"description": "As the item has it; null where it is left out"},
        "source": {**TEXT, "description": "The kind of specification: `from`, `first_of`, `template`, …"},
        "of": {**or_null(TEXT), "description": "The variant that this part is of"},
        "origins": {**a_list(of_struct(Origin)), "description": "What was tried, in order, up to what was used"},
        "steps": {**a_list(of_struct(Step)), "description": "Each transform with the value after it"},
        "parts": {"type": "object", "description": "The same of each part", "additionalProperties": {"type": "object"}},
    }
)

_LOCALE = an_object(
    {
        "locale": TEXT,
        "verdict": {"enum": ["accepted", "rejected", "left_out"]},
        "why": {"type": "object", "additionalProperties": TEXT, "description": "Product → why it is left out"},
        "violations": a_list(of_struct(FieldViolation)),
        "fields": {"type": "object", "additionalProperties": _TRACE},
    }
)

EXPLAIN = Operation(
    id="explainExportItem",
    tag=EXPORTS,
    summary="Explain an item",
    description="Of each field: the attribute, the product or model and the changeset it is taken from, the fallback "
    "taken, every transform with the value after it, and what the item schema says. As of the revision that is "
    "published, or the one asked for.",
    path="/exports/{name}/items/{identifier}",
    parameters=[
        NAME,
        in_path("identifier", "A product's identifier, or a product model's code", "TEN-BIV2-VRT"),
        Parameter("field", "Only this field: `price`, `variants.0.price`"),
        Parameter("locale", "Only in this locale"),
        AS_OF,
    ],
    answers={
        200: sends(
            an_object(
                {"export": TEXT, "item": TEXT, "kind": TEXT, "root": TEXT, "revision": INTEGER,
                 "publication": or_null(INTEGER), "same_definition": BOOLEAN, "locales": a_list(_LOCALE)}
            ),
            "The item, locale by locale",
        )
    },
    errors=(404, 422),
)  # fmt: skip


@get(ONE + "/items/{identifier:path}", sync_to_thread=True, operation=EXPLAIN)
def explain_item(request: AnyRequest, state: State) -> Response[bytes]:
    """As far as its reader sees the product and the attributes behind its fields."""
    parameters = parameters_of(request)
    name, code = asked_export(request, state), str(request.path_params["identifier"]).lstrip("/")
    database: Database = state.database
    with database.snapshot_session() as session:
        revision = asked_revision(session, parameters)
        asked = parameters.get("field"), parameters.get("locale")
        found = explain(session, state.settings, name, code, *asked, revision)
        sources = sources_of(load_definition(state.settings.exports_folder / name))
        seen = _seen(session, signed_in(request), found, sources)
    return Response(msgspec.json.encode(seen), media_type=JSON)


def _seen(session: Session, user: User, found: Explanation, sources: dict[str, list[str]]) -> Explanation:
    """Without locales, fields and violations out of the user's view. Raises NotFound for a product that is."""
    if user.view.is_everything:
        return found
    structure = store.current_structure(session)
    row = {"kind": found.kind, "item": found.item}
    if (found.kind, found.item) not in seen_items(session, user, structure, [row]):
        raise NotFound(f"there is no item `{found.item}` that you may see")
    attributes = visible_attributes(user, structure)

    def is_seen(field: str) -> bool:
        steps = [step for step in field.split(".") if not step.isdigit()]
        return attributes is None or attributes.issuperset(sources.get(steps[0], ()))

    locales = [
        msgspec.structs.replace(
            one,
            fields={field: trace for field, trace in one.fields.items() if is_seen(field)},
            violations=[violation for violation in one.violations if is_seen(violation.field)],
        )
        for one in found.locales
        if user.view.locales is None or one.locale in user.view.locales
    ]
    return msgspec.structs.replace(found, locales=locales)


ROUTES: list[ControllerRouterHandler] = [explain_item]
