"""What the OpenAPI document says of the addresses for those who keep the service running."""

from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Answer, Content, Operation
from pim.api.openapi.shapes import BOOLEAN, an_object
from pim.api.openapi.wording import ABOUT

_CHECK = an_object({"ok": BOOLEAN, "detail": TEXT})

_READINESS = an_object(
    {"ready": BOOLEAN, "checks": {"type": "object", "additionalProperties": _CHECK}},
)

HEALTH = Operation(
    id="getHealth",
    tag=ABOUT,
    summary="Say that the process is up",
    description="Asks nobody else: an answer means that this process answers.",
    answers={200: sends(an_object({"status": {"const": "up"}, "version": TEXT}), "It is up")},
    security=[],
)

READY = Operation(
    id="getReadiness",
    tag=ABOUT,
    summary="Say whether it can do its work",
    description="The database answers and has the program's tables, the storage can be written. What cannot, is named.",
    answers={200: sends(_READINESS, "It can"), 503: sends(_READINESS, "It cannot; the checks say why")},
    security=[],
)

METRICS = Operation(
    id="getMetrics",
    tag=ABOUT,
    summary="Get metrics for Prometheus",
    description="For the bearer of `PIM_METRICS_TOKEN`; where that is not set, for whoever asks on the host itself.",
    answers={200: Answer("Metrics in Prometheus' text format", [Content(TEXT, "text/plain")])},
    errors=(401,),
    security=[{}, {"metrics_token": []}],
)
