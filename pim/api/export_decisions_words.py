"""What the OpenAPI document says of what differs between publications, and of decisions about them."""

from dataclasses import replace

from pim.api.exports_words import NAME, PUBLICATION
from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import PAGING
from pim.api.openapi.shapes import INSTANT, INTEGER, a_list, a_page, an_object, of_struct, or_null
from pim.api.openapi.wording import EXPORTS
from pim.syndication.comparison import Difference, FileDifference

APPROVED, REJECTED = "mobile_app", "website"
"""Exports of the examples: what waits is let out of one and thrown away of the other."""

_COMMENT: Schema = {**TEXT, "description": "Why; kept on record"}

_ONLY = {
    "type": "object",
    "properties": {
        "publication": {**INTEGER, "minimum": 1, "description": "Only if this is the one that waits; else 409"},
        "comment": _COMMENT,
    },
    "additionalProperties": False,
}

_DIFF = a_page(
    of_struct(Difference),
    {"name": TEXT, "publication": INTEGER, "state": TEXT, "reason": or_null(TEXT), "against": INTEGER,
     "files": a_list(of_struct(FileDifference))},
)  # fmt: skip

_DECISION = an_object(
    {
        "publication": INTEGER,
        "verdict": {"enum": ["approved", "rejected", "rolled_back"]},
        "author": TEXT,
        "decided": INSTANT,
        "held_because": {**or_null(TEXT), "description": "What the gate said"},
        "comment": or_null(TEXT),
    }
)


def _named(export: str) -> Parameter:
    return replace(NAME, example=export)


DIFF = Operation(
    id="getExportDiff",
    tag=EXPORTS,
    summary="Compare two publications",
    description="What waits for approval with what is current; where nothing waits, what is current with what was "
    "before; or any two that are kept. Numbers by file, and a row an item that came or went or a field that changed.",
    parameters=[
        NAME,
        *PAGING,
        Parameter("publication", "The number of a publication", {**INTEGER, "minimum": 1}),
        Parameter("against", "The number of the one to compare it with", {**INTEGER, "minimum": 1}),
        Parameter("file", "Only of this feed"),
    ],
    answers={200: sends(_DIFF, "A page of differences")},
    errors=(404, 422),
)

APPROVE = Operation(
    id="approveExport",
    tag=EXPORTS,
    summary="Let a held publication out",
    description="Byte for byte as it was checked; refused with the reason when another one is current than it was "
    "compared with.",
    parameters=[_named(APPROVED)],
    body=[Content(_ONLY, example={"comment": "the sale begins"})],
    body_required=False,
    answers={200: sends(PUBLICATION, "The publication that is current now")},
    errors=(404, 409),
)

REJECT = Operation(
    id="rejectExport",
    tag=EXPORTS,
    summary="Throw a held publication away",
    description="What is current stays.",
    parameters=[_named(REJECTED)],
    body=[Content(_ONLY, example={"comment": "half the prices are wrong"})],
    body_required=False,
    answers={200: sends(an_object({"export": TEXT, "rejected": INTEGER}), "The number of what was thrown away")},
    errors=(404, 409),
)

ROLL_BACK = Operation(
    id="rollBackExport",
    tag=EXPORTS,
    summary="Go back to a kept publication",
    description="Its files go out again at once, under a new number; readers never see less than a whole feed.",
    parameters=[NAME],
    body=[Content(
        {
            "type": "object",
            "properties": {"to": {**INTEGER, "minimum": 1, "description": "By default the one before the current one"},
                           "comment": _COMMENT},
            "additionalProperties": False,
        },
        example={"to": 1},
    )],
    body_required=False,
    answers={201: Answer("The publication that is current now", [Content(PUBLICATION)], ["Location"])},
    errors=(404, 409),
)  # fmt: skip

DECISIONS = Operation(
    id="listExportDecisions",
    tag=EXPORTS,
    summary="List decisions about an export",
    description="Newest first: who let what out, threw it away or went back, when and why.",
    parameters=[NAME, *PAGING],
    answers={200: sends_page(_DECISION, "A page of decisions")},
    errors=(404, 422),
)
