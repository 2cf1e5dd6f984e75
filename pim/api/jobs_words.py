"""What the OpenAPI document says of jobs."""

from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import ANYTHING, BOOLEAN, INSTANT, INTEGER, NO_OPTIONS, a_ref, an_object, or_null
from pim.api.openapi.wording import JOBS
from pim.base.jobs.model import STATES

_JOB = an_object(
    {
        "_links": a_ref("Links"),
        "id": INTEGER,
        "kind": TEXT,
        "state": {"enum": list(STATES)},
        "author": or_null(TEXT),
        "arguments": ANYTHING,
        "progress": an_object({"done": INTEGER, "total": or_null(INTEGER), "what": or_null(TEXT)}),
        "result": {"description": "What came of it, when it is done"},
        "error": {**or_null(TEXT), "description": "Why it failed"},
        "cancel_requested": BOOLEAN,
        "attempts": INTEGER,
        "worker": or_null(TEXT),
        "created": INSTANT,
        "started": or_null(INSTANT),
        "finished": or_null(INSTANT),
    }
)

_ID = in_path("job_id", "The number of the job", 1, {**INTEGER, "minimum": 1})

LAUNCHED = Answer(
    "The job, which goes on in the background",
    [Content(an_object({"execution_id": {**TEXT, "description": "The number of the job"}}))],
    ["Location"],
)

LIST = Operation(
    id="listJobs",
    tag=JOBS,
    summary="List jobs",
    description="Newest first: one's own, or everybody's for administrators.",
    parameters=[
        *PAGING,
        Parameter("state", f"Only in these states, separated by commas: {', '.join(STATES)}"),
        Parameter("kind", "Only of these kinds, separated by commas"),
        Parameter("author", "Only those this user asked for; for administrators"),
    ],
    answers={200: sends_page(_JOB, "A page of jobs")},
    errors=(422,),
)

GET = Operation(
    id="getJob",
    tag=JOBS,
    summary="Get a job",
    path="/jobs/{job_id}",
    parameters=[_ID],
    answers={200: sends(_JOB, "The job as it is now")},
    errors=(404,),
)

CANCEL = Operation(
    id="cancelJob",
    tag=JOBS,
    summary="Cancel a job",
    path="/jobs/{job_id}/cancel",
    parameters=[_ID],
    answers={
        200: sends(_JOB, "It will never begin"),
        202: sends(_JOB, "It runs, and stops at the next safe point"),
    },
    errors=(404, 409),
)

STREAM = Operation(
    id="streamJob",
    tag=JOBS,
    summary="Follow a job",
    description="Server-sent events: the job at once and after each change, until it has ended.",
    path="/jobs/{job_id}/events",
    parameters=[_ID, Parameter("Last-Event-ID", "What was told last; only what is newer comes", place="header")],
    answers={
        200: Answer("Events: `progress`, and in the end the state it ended in", [Content(TEXT, "text/event-stream")]),
        204: Answer("There will be nothing newer"),
    },
    errors=(404,),
)

_DRY_RUN: Schema = {
    "type": "object",
    "properties": {"dry_run": {**BOOLEAN, "description": "Write nothing; tell what would change"}},
    "additionalProperties": False,
}

LAUNCH_EXPORT = Operation(
    id="launchExport",
    tag=JOBS,
    summary="Run an export",
    path="/jobs/export/{code}",
    parameters=[in_path("code", "The name of the export", "google_merchant")],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={200: LAUNCHED},
    errors=(404,),
)

LAUNCH_IMPORT = Operation(
    id="launchImport",
    tag=JOBS,
    summary="Import what lies in the inbox",
    description="What the inbox holds under this name, as it is now; a sheet by the column mapping of this name.",
    path="/jobs/import/{code}",
    parameters=[in_path("code", "The name of what lies in the inbox", "prices")],
    body=[Content(_DRY_RUN, example={"dry_run": True})],
    body_required=False,
    answers={200: LAUNCHED},
    errors=(404,),
)
