"""Shapes of what the API sends that no file in `schemas/` describes, and small builders for more of them."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from pim.api.openapi.operation import TEXT, Schema

INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
ADDRESS: Schema = {"type": "string", "format": "uri-reference"}
ANYTHING: Schema = {}
NO_OPTIONS: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
"""Of a body that may be left out and can say nothing so far."""
NULL: Schema = {"type": "null"}


def a_ref(name: str) -> Schema:
    """One of the document's own schemas: `Product`, `Error`, …"""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(properties: Mapping[str, Schema], optional: Collection[str] = ()) -> Schema:
    """Every property is there but the `optional` ones. Later versions may add others."""
    schema: dict[str, object] = {"type": "object", "properties": dict(properties)}
    if required := [name for name in properties if name not in optional]:
        schema["required"] = required
    return schema


def of_struct(struct: type[msgspec.Struct], beside: Mapping[str, Schema] = {}) -> Schema:
    """As msgspec encodes it, every field; `beside` are properties that come with them. A struct within it stands where
    it is used."""
    shapes = msgspec.json.schema(struct)["$defs"]

    def spelled_out(name: str) -> dict[str, Schema]:
        return {field: shape(of) for field, of in shapes[name]["properties"].items()}

    def shape(of: Schema) -> Schema:
        if "$ref" in of:
            return an_object(spelled_out(of["$ref"].rpartition("/")[2]))
        kept = {key: of[key] for key in of if key != "default"}
        if "anyOf" in of:
            kept["anyOf"] = [shape(one) for one in of["anyOf"]]
        if "items" in of:
            kept["items"] = shape(of["items"])
        return kept

    return an_object({**beside, **spelled_out(struct.__name__)})


def a_list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, NULL]}


def a_page(items: Schema, beside: Mapping[str, Schema] = {}, optional: Iterable[str] = ()) -> Schema:
    """A HAL page. `current_page` is there with numbered pages, `items_count` when asked for; `beside` are properties of
    what it is a page of, all there but those that are `optional`."""
    return an_object(
        {
            **beside,
            "_links": a_ref("PageLinks"),
            "current_page": {**INTEGER, "minimum": 1},
            "items_count": {**INTEGER, "minimum": 0},
            "_embedded": an_object({"items": a_list(items)}),
        },
        optional=("current_page", "items_count", *optional),
    )


LINK: Schema = an_object({"href": ADDRESS})

ERROR_LINE: Schema = an_object(
    {
        "property": {**TEXT, "description": "Where in what was sent: `values`, `labels.fr_FR`, `limit`"},
        "message": TEXT,
        "attribute": or_null(TEXT),
        "locale": or_null(TEXT),
        "scope": or_null(TEXT),
        "subject": {**TEXT, "description": "What it is about, where a request is about several: which product, say"},
    },
    optional=("attribute", "locale", "scope", "subject"),
)

_PAGE_LINKS = ("self", "first", "previous", "next")

SHAPES: dict[str, Schema] = {
    "Link": LINK,
    "Links": {
        "description": "Addresses of this, and of what belongs to it",
        "type": "object",
        "additionalProperties": a_ref("Link"),
    },
    "PageLinks": {
        "description": "`next` is missing on the last page; follow it as it is rather than making one up",
        **an_object({name: a_ref("Link") for name in _PAGE_LINKS}, optional=_PAGE_LINKS[1:]),
    },
    "ErrorLine": {"description": "One rule broken by one part of what was sent", **ERROR_LINE},
    "Error": {
        "description": "Why a request was refused. `message` is for people; `errors` names every part that is wrong.",
        **an_object(
            {
                "code": {**INTEGER, "description": "The HTTP status once more", "minimum": 400, "maximum": 599},
                "message": TEXT,
                "errors": a_list(a_ref("ErrorLine")),
                "_links": a_ref("Links"),
                "request_id": {**TEXT, "description": "Names the request in the log; sent with 5xx"},
            },
            optional=("errors", "_links", "request_id"),
        ),
    },
    "Violation": an_object(
        dict.fromkeys(("path", "code", "message", "attribute", "locale", "scope", "subject"), TEXT),
        optional=("attribute", "locale", "scope", "subject"),
    ),
    "Problem": {
        "description": "A problem document (RFC 9457)",
        **an_object(
            {"type": ADDRESS, "title": TEXT, "status": INTEGER, "detail": TEXT, "errors": a_list(a_ref("Violation")),
             "request_id": TEXT, "code": {**TEXT, "description": "For programs: `cursor_expired`"}},
            optional=("errors", "request_id", "code"),
        ),
    },
    "Search": {
        "description": "Field or attribute → its conditions: `family` and `IN`, `price` and `<`, `updated` and `>`, "
        "`completeness` and `=`. Values of variants are searched as they inherit them.",
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": an_object(
                {"operator": TEXT, "value": {}, "locale": TEXT, "scope": TEXT, "locales": a_list(TEXT)},
                optional=("value", "locale", "scope", "locales"),
            ),
        },
        "examples": [{"family": [{"operator": "IN", "value": ["books"]}]}],
    },
    "BatchLine": {
        "description": "What became of one line, named as the line names itself. 201 created, 204 updated or the same "
        "as before; else the line changed nothing and says why.",
        **an_object(
            {
                "line": {**INTEGER, "minimum": 1},
                "identifier": TEXT, "uuid": TEXT, "code": TEXT,
                "status_code": {"enum": [201, 204, 400, 403, 404, 409, 412, 413, 422]},
                "message": TEXT,
                "errors": a_list(a_ref("ErrorLine")),
                "_links": a_ref("Links"),
                "warnings": {**a_list(TEXT), "description": "What was left out of a line that was taken"},
            },
            optional=("line", "identifier", "uuid", "code", "message", "errors", "_links", "warnings"),
        ),
    },
}  # fmt: skip
"""By their names in the document."""
