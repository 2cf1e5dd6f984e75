"""What the OpenAPI document says of reports that come back."""

from pim.api.exports_words import NAME
from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Content, Operation, Parameter
from pim.api.openapi.parameters import PAGING
from pim.api.openapi.shapes import ANYTHING, INSTANT, INTEGER, an_object, of_struct
from pim.api.openapi.wording import EXPORTS
from pim.delivery.feedback.model import SEVERITIES, STATES
from pim.delivery.feedback.state import FeedbackIssue
from pim.exports.feedback import FORMATS

KINDS = (
    "text/csv",
    "application/json",
    "application/x-ndjson",
    "text/tab-separated-values",
    "application/octet-stream",
)
"""Media types in which reports may be sent."""

_EXAMPLE = "Item ID,Issue title,Attribute name,Severity\nLIV-CAR,Missing value,gtin,Disapproved\n"

_NARROWING = (
    Parameter("state", "`rejected`: we still say what was sent; `mended`: the item is due again; `cleared`: their "
              "report is clean. Default: all but these.", {"enum": list(STATES)}),
    Parameter("severity", "Only of this severity", {"enum": list(SEVERITIES)}),
    Parameter("item", "Only of this product"),
    Parameter("attribute", "Only what is taken from this attribute"),
)  # fmt: skip

LIST_ALL = Operation(
    id="listAllFeedback",
    tag=EXPORTS,
    summary="List what is rejected where and why",
    description="Of all exports: what those who got the feeds say of items, with the attribute to mend.",
    path="/feedback",
    parameters=[*PAGING, *_NARROWING],
    answers={200: sends_page(of_struct(FeedbackIssue), "A page of issues")},
    errors=(422,),
)

LIST = Operation(
    id="listFeedback",
    tag=EXPORTS,
    summary="List what is rejected of an export",
    description="What those who got the feed say of its items: which field, which attribute of which product or model "
    "it is taken from, and what was sent. What is mended is due again.",
    parameters=[NAME, *PAGING, *_NARROWING],
    answers={200: sends_page(of_struct(FeedbackIssue), "A page of issues")},
    errors=(404, 422),
)

_REPORT = an_object(
    {"report": INTEGER, "export": TEXT, "publication": INTEGER, "revision": INTEGER, "format": {"enum": list(FORMATS)},
     "name": TEXT, "author": TEXT, "received": INSTANT,
     "counts": {"type": "object", "description": "Issues by severity, and how many the report has cleared",
                "additionalProperties": INTEGER}}
)  # fmt: skip

ADD = Operation(
    id="addFeedback",
    tag=EXPORTS,
    summary="Take in a report",
    description="As it came from those who got the feed. What it says again stays, what it does not say any more of "
    "items that were sent is cleared. The same report again changes nothing, and is answered with 200.",
    parameters=[
        NAME,
        Parameter("format", "How to read it, other than the export's definition says", {"enum": list(FORMATS)},
                  example="amazon"),
        Parameter("publication", "What it is about; default: what was delivered last", {**INTEGER, "minimum": 1}),
        Parameter("name", "What the report is called"),
    ],
    body=[Content(ANYTHING, kind, _EXAMPLE if kind == "text/csv" else None) for kind in KINDS],
    answers={201: sends(_REPORT, "It is taken in"), 200: sends(_REPORT, "It was taken in before")},
    errors=(404, 415, 422),
)  # fmt: skip
