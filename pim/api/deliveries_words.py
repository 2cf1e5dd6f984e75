"""What the OpenAPI document says of deliveries and destinations."""

from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Content, Operation, Parameter
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import BOOLEAN, INSTANT, INTEGER, NO_OPTIONS, a_list, a_ref, an_object, or_null
from pim.api.openapi.wording import DELIVERIES
from pim.delivery.model import STATES

EXPORT, DESTINATION = "shopify", "partner"
"""What the examples are of."""

_SUMMARY = {
    "_links": a_ref("Links"),
    "id": INTEGER,
    "export": TEXT,
    "destination": TEXT,
    "publication": INTEGER,
    "part": {**or_null(TEXT), "description": "What was sent, when it is not the whole publication"},
    "revision": INTEGER,
    "state": {"enum": list(STATES)},
    "file_count": INTEGER,
    "arrived_count": {**INTEGER, "description": "How many of the files have arrived"},
    "attempt_count": {**INTEGER, "description": "Since somebody last asked for it"},
    "error": {**or_null(TEXT), "description": "Why it has not arrived"},
    "author": TEXT,
    "created": INSTANT,
    "next_attempt": or_null(INSTANT),
    "ended": or_null(INSTANT),
}

_FILE = an_object(
    {
        "name": {**TEXT, "description": "What it is called there"},
        "of": {**a_list(TEXT), "description": "The published files in it; none in checksums and manifests"},
        "bytes": or_null(INTEGER),
        "sha256": or_null(TEXT),
        "has_arrived": BOOLEAN,
    }
)

_ATTEMPT = an_object(
    {
        "started": INSTANT,
        "seconds": or_null({"type": "number"}),
        "files": INTEGER,
        "bytes": INTEGER,
        "outcome": {"enum": ["delivered", "try_again", "failed", "interrupted", None]},
        "answer": {**or_null(TEXT), "description": "What the other side said, or why it said nothing"},
        "worker": TEXT,
    }
)

_DELIVERY = an_object({**_SUMMARY, "files": a_list(_FILE), "attempts": a_list(_ATTEMPT)})

_DESTINATION = an_object(
    {
        "_links": a_ref("Links"),
        "export": TEXT,
        "name": TEXT,
        "transport": {"enum": ["folder", "s3", "sftp", "http"]},
        "paused": or_null(an_object({"reason": TEXT, "author": TEXT, "since": INSTANT})),
    }
)

_ID = in_path("delivery_id", "The number of the delivery", 1, {**INTEGER, "minimum": 1})
_PLACE = [
    in_path("export", "The name of the export", EXPORT),
    in_path("destination", "The name of its destination", DESTINATION),
]

LIST = Operation(
    id="listDeliveries",
    tag=DELIVERIES,
    summary="List deliveries",
    description="Newest first: each is one publication handed over to one destination.",
    parameters=[
        *PAGING,
        Parameter("export", "Only of these exports, separated by commas"),
        Parameter("destination", "Only to these destinations, separated by commas"),
        Parameter("state", f"Only in these states, separated by commas: {', '.join(STATES)}"),
    ],
    answers={200: sends_page(an_object(_SUMMARY), "A page of deliveries")},
    errors=(422,),
)

GET = Operation(
    id="getDelivery",
    tag=DELIVERIES,
    summary="Get a delivery",
    description="With its files under the names they have there, and every attempt.",
    path="/deliveries/{delivery_id}",
    parameters=[_ID],
    answers={200: sends(_DELIVERY, "The delivery as it is now")},
    errors=(404,),
)

RETRY = Operation(
    id="retryDelivery",
    tag=DELIVERIES,
    summary="Try a delivery again",
    description="At once, the same files under the same names; what was delivered is sent once more. 409 while it is "
    "sent, while its destination is paused, and when a newer publication is current.",
    path="/deliveries/{delivery_id}/retry",
    parameters=[_ID],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={202: sends(an_object(_SUMMARY), "The delivery, which is due now")},
    errors=(404, 409),
)

DESTINATIONS = Operation(
    id="listDestinations",
    tag=DELIVERIES,
    summary="List destinations",
    description="Of all exports, as their definitions say, and which of them are paused.",
    parameters=PAGING,
    answers={200: sends_page(_DESTINATION, "A page of destinations, by export and name")},
    errors=(422,),
)

PAUSE = Operation(
    id="pauseDestination",
    tag=DELIVERIES,
    summary="Pause a destination",
    description="Nothing goes there until somebody resumes. One that is paused already stays so, with its reason.",
    parameters=_PLACE,
    body=[Content(an_object({"comment": TEXT}, optional=("comment",)), example={"comment": "They move"})],
    body_required=False,
    answers={200: sends(_DESTINATION, "The destination, paused")},
    errors=(404, 422),
)

RESUME = Operation(
    id="resumeDestination",
    tag=DELIVERIES,
    summary="Resume a destination",
    description="What has not arrived of the current publication goes out at once. 404 for one that is not paused.",
    parameters=_PLACE,
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={200: sends(_DESTINATION, "The destination, open again")},
    errors=(404,),
)
