"""What the OpenAPI document says of imports."""

from pim.api.bodies import COLLECTION, JSON
from pim.api.history_words import REVERT_ANSWERS, REVERT_BODY
from pim.api.jobs_words import LAUNCHED
from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter
from pim.api.openapi.parameters import FLAG, PAGING, in_path
from pim.api.openapi.shapes import ANYTHING, INSTANT, INTEGER, a_page, a_ref, an_object, or_null
from pim.api.openapi.wording import IMPORTS
from pim.api.uploads import ENDINGS
from pim.intake.store import ABANDONED, DONE, REVERTED, RUNNING

_ID = in_path("import_id", "The number of the import", 2, {**INTEGER, "minimum": 1})

_COUNTS = {"type": "object", "additionalProperties": INTEGER}

_IMPORT = an_object(
    {
        "_links": a_ref("Links"),
        "id": INTEGER,
        "state": {"enum": [RUNNING, DONE, REVERTED, ABANDONED]},
        "author": TEXT,
        "source": {**TEXT, "description": "The name of the file"},
        "format": TEXT,
        "digest": {**TEXT, "description": "Of the content: the same again resumes it, and changes nothing else"},
        "totals": {"description": "How many lines were created, updated, unchanged, rejected", **_COUNTS},
        "counts": {"description": "The same by kind", "type": "object", "additionalProperties": _COUNTS},
        "warnings": {"description": "What was left out of lines that were taken, and of how many", **_COUNTS},
        "started": INSTANT,
        "finished": or_null(INSTANT),
    }
)

_REJECTION = an_object(
    {
        "resource": TEXT,
        "file": TEXT,
        "line": or_null(INTEGER),
        "subject": or_null(TEXT),
        "column": or_null(TEXT),
        "value": ANYTHING,
        "reason": an_object({"code": TEXT, "message": TEXT}),
    }
)

_EXAMPLES = {"application/x-ndjson": '{"identifier": "LIV-CAR", "enabled": true}\n'}

_FORM = {
    "type": "object",
    "properties": {
        "file": {"description": "The bytes, with their file name", "type": "string", "format": "binary"},
        "dry_run": {"enum": ["true", "false"]},
        "mapping": TEXT,
        "name": TEXT,
    },
    "required": ["file"],
    "additionalProperties": False,
}

UPLOAD = Operation(
    id="createImport",
    tag=IMPORTS,
    summary="Import a file",
    description="Akeneo folders packed as ZIP, NDJSON, CSV, XLSX and ODS, as the body or as the part `file` of a form. "
    "A job takes it in: every line is taken or told, and the rest goes on.",
    parameters=[
        Parameter("name", "The name of the file; its ending says what it is"),
        Parameter("mapping", "The code of the column mapping by which a sheet is read"),
        Parameter("dry_run", "Write nothing; tell what would change", FLAG),
    ],
    body=[
        *(Content(ANYTHING, kind, _EXAMPLES.get(kind)) for kind in ENDINGS if kind != COLLECTION),
        Content(_FORM, "multipart/form-data"),
    ],
    answers={202: LAUNCHED},
    errors=(404,),
)

LIST = Operation(
    id="listImports",
    tag=IMPORTS,
    summary="List imports",
    description="Newest first. Users who do not see everything see their own.",
    parameters=[
        *PAGING,
        Parameter("state", "Only in this state", {"enum": [RUNNING, DONE, REVERTED, ABANDONED]}),
        Parameter("author", "Only those of this user"),
    ],
    answers={200: sends_page(_IMPORT, "A page of imports")},
    errors=(422,),
)

GET = Operation(
    id="getImport",
    tag=IMPORTS,
    summary="Get an import",
    parameters=[_ID],
    answers={200: sends(_IMPORT, "The import as it is now")},
    errors=(404,),
)

REJECTED = Operation(
    id="listRejectedLines",
    tag=IMPORTS,
    summary="List what an import left out",
    description="A row a reason: which line, which column, which value, why, and what would be accepted. With "
    "`Accept: text/csv` all of them as CSV.",
    parameters=[_ID, *PAGING],
    answers={200: Answer("A page of reasons, or all as CSV",
                         [Content(a_page(_REJECTION), JSON), Content(TEXT, "text/csv")])},
    errors=(404, 422),
)  # fmt: skip

REVERT = Operation(
    id="revertImport",
    tag=IMPORTS,
    summary="Take an import back",
    description="All that it did, as one new changeset. What has changed since is never overwritten: it is listed with "
    "409, and nothing is taken back.",
    parameters=[_ID],
    body=REVERT_BODY,
    body_required=False,
    answers=REVERT_ANSWERS,
    errors=(404, 409),
)
