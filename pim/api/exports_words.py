"""What the OpenAPI document says of exports, their reports and their publications."""

from pim.api.jobs_words import LAUNCHED
from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import (
    ADDRESS,
    BOOLEAN,
    INSTANT,
    INTEGER,
    NO_OPTIONS,
    a_list,
    a_page,
    a_ref,
    an_object,
    of_struct,
    or_null,
)
from pim.api.openapi.wording import EXPORTS
from pim.exports.model import Assortment, Gate
from pim.exports.schedule import Schedule
from pim.syndication.model import FieldViolation

NAME = in_path("name", "The name of the export", "google_merchant")

_FILE = an_object(
    {
        "name": TEXT,
        "url": {**ADDRESS, "description": "Where it is pulled; of the current publication"},
        "locale": or_null(TEXT),
        "media_type": TEXT,
        "items": or_null(INTEGER),
        "rejected": or_null(INTEGER),
        "bytes": INTEGER,
        "sha256": TEXT,
    },
    optional=("url",),
)

_PUBLISHED: dict[str, Schema] = {
    "_links": a_ref("Links"),
    "number": INTEGER,
    "state": {"enum": ["current", "kept", "held", "expired"]},
    "reason": {**or_null(TEXT), "description": "Why it waits for a person"},
    "revision": {**INTEGER, "description": "That it shows"},
    "items": INTEGER,
    "rejected": INTEGER,
    "rollback_of": {**or_null(INTEGER), "description": "The number under which the same files went out first"},
    "created": INSTANT,
    "current_since": or_null(INSTANT),
    "files": a_list(_FILE),
}

PUBLICATION = an_object(_PUBLISHED)

_SUMMARY: dict[str, Schema] = {
    "labels": {"type": "object", "additionalProperties": TEXT},
    "channel": a_list(TEXT),
    "locales": a_list(TEXT),
    "grain": {"enum": ["product", "root"]},
    "schema": TEXT,
    "schedule": or_null(of_struct(Schedule)),
    "keep": {**INTEGER, "description": "How many publications stay for going back"},
    "needs_token": BOOLEAN,
    "assortment": of_struct(Assortment),
    "gate": of_struct(Gate),
    "files": a_list(an_object({"name": TEXT, "writer": TEXT})),
}

_EXPORT = an_object(
    {
        "_links": a_ref("Links"),
        "name": TEXT,
        **_SUMMARY,
        "problems": {**a_list(TEXT), "description": "What is wrong with its definition; without a summary then"},
        "current": or_null(PUBLICATION),
        "held": or_null(PUBLICATION),
    },
    optional=_SUMMARY,
)

_ROW = of_struct(FieldViolation, dict.fromkeys(("item", "kind", "root", "locale"), TEXT))

_REPORT = a_page(
    _ROW,
    {"publication": INTEGER, "state": TEXT, "reason": or_null(TEXT), "revision": INTEGER, "items": INTEGER,
     "rejected_items": INTEGER},
)  # fmt: skip

LIST = Operation(
    id="listExports",
    tag=EXPORTS,
    summary="List exports",
    description="By name, each with what is current of it and what waits for a person.",
    parameters=PAGING,
    answers={200: sends_page(_EXPORT, "A page of exports")},
    errors=(422,),
)

GET = Operation(
    id="getExport",
    tag=EXPORTS,
    summary="Get an export",
    parameters=[NAME],
    answers={200: sends(_EXPORT, "The export")},
    errors=(404,),
)

RUN_ALL = Operation(
    id="runExports",
    tag=EXPORTS,
    summary="Run every export",
    description="A job renders all of them from one revision, so that no channel contradicts another.",
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={202: LAUNCHED},
)

RUN = Operation(
    id="runExport",
    tag=EXPORTS,
    summary="Run an export",
    parameters=[NAME],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={202: LAUNCHED},
    errors=(404,),
)

REPORT = Operation(
    id="getExportReport",
    tag=EXPORTS,
    summary="List what an export left out",
    description="Of the newest publication, or the one asked for: a row a broken rule, with the value and the "
    "attribute to mend.",
    parameters=[
        NAME,
        *PAGING,
        Parameter("publication", "The number of a publication", {**INTEGER, "minimum": 1}),
        Parameter("item", "Only of this item"),
        Parameter("locale", "Only in this locale"),
        Parameter("field", "Only of this field"),
        Parameter("rule", "Only those that break this rule: `required`, `maxLength`, …"),
        Parameter("attribute", "Only of fields that are taken from this attribute"),
    ],
    answers={200: sends(_REPORT, "A page of broken rules")},
    errors=(404, 422),
)

LIST_PUBLICATIONS = Operation(
    id="listPublications",
    tag=EXPORTS,
    summary="List an export's publications",
    description="Newest first: the current one, those that are kept, and the one that waits for a person.",
    parameters=[NAME, *PAGING],
    answers={200: sends_page(PUBLICATION, "A page of publications")},
    errors=(404, 422),
)

GET_PUBLICATION = Operation(
    id="getPublication",
    tag=EXPORTS,
    summary="Get a publication",
    description="With its manifest: what it was made from, and what it holds.",
    parameters=[NAME, in_path("number", "The number of the publication", 1, {**INTEGER, "minimum": 1})],
    answers={200: sends(an_object({**_PUBLISHED, "manifest": {"type": "object"}}), "The publication")},
    errors=(404,),
)
