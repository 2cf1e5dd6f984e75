"""What the OpenAPI document says of drafts, with examples that work on the demo catalogue."""

from dataclasses import replace

from pim.api.openapi.answers import EMPTY, sends, sends_page, writes
from pim.api.openapi.operation import TEXT, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import INSTANT, INTEGER, a_list, a_ref, an_object, or_null
from pim.api.openapi.wording import DRAFTS
from pim.versioning.drafts.model import SIDES, STATES
from pim.versioning.names import KINDS

WRITTEN, HANDED_IN, REFUSED, NEW = "summer_sale", "new_names", "too_cheap", "autumn"
READY, PLANNED = "tidied", "at_midnight"
"""Drafts of the examples: one to write in, one to approve, one to reject, one that is made; one to apply, one to
schedule."""

_CELL: dict[str, Schema] = {
    "kind": TEXT,
    "owner": {**TEXT, "description": "The attribute of an option, the family of a variant; else empty"},
    "code": {**TEXT, "description": "As it was called when the edit was written"},
    "path": {**TEXT, "description": "`values`, `categories`, `labels.fr_FR`, …; `+` creates, `-` deletes"},
    "attribute": or_null(TEXT),
    "locale": or_null(TEXT),
    "scope": or_null(TEXT),
    "base": {"description": "What the catalogue held when the edit was written"},
}

_STAYS = an_object(
    {
        "subject": {**TEXT, "description": "`product/TEN-EST6`"},
        "path": TEXT,
        "attribute": or_null(TEXT),
        "locale": or_null(TEXT),
        "scope": or_null(TEXT),
        "code": {**TEXT, "description": "`changed_since`, or the rule that stands against it"},
        "message": TEXT,
    }
)

_DRAFT: dict[str, Schema] = {
    "_links": a_ref("Links"),
    "code": TEXT,
    "author": TEXT,
    "reason": or_null(TEXT),
    "state": {"enum": list(STATES)},
    "reviewer": {**or_null(TEXT), "description": "Who approved or rejected it"},
    "revision": {**or_null(INTEGER), "description": "That applying it made"},
    "starts_at": {**or_null(INSTANT), "description": "When it is applied by itself"},
    "ends_at": {**or_null(INSTANT), "description": "When what it did is taken back by itself"},
    "exports": {**a_list(TEXT), "description": "That are run at both times"},
    "job_id": {**or_null(INTEGER), "description": "The job that applies it"},
    "end_job_id": {**or_null(INTEGER), "description": "The job that takes it back"},
    "ended_revision": {**or_null(INTEGER), "description": "That taking it back made"},
    "stays": {**a_list(_STAYS), "description": "What was not taken back, as others changed it since"},
    "created": INSTANT,
    "updated": INSTANT,
}

_EDIT = an_object(
    {
        "edit": {**INTEGER, "description": "The number by which it is dropped, or its conflict resolved"},
        **_CELL,
        "uuid": or_null({**TEXT, "format": "uuid"}),
        "base_revision": INTEGER,
        "data": {"description": "What it shall hold"},
    }
)

_EVENT = an_object({"at": INSTANT, "author": TEXT, "what": TEXT, "comment": or_null(TEXT)})

_CONFLICT = an_object(
    {
        "edit": INTEGER,
        **_CELL,
        "ours": {"description": "What the draft says"},
        "theirs": {"description": "What the catalogue says now"},
        "reason": {"enum": ["changed", "deleted", "exists", "invalid"]},
        "message": TEXT,
    }
)

_WRITTEN_EDIT: Schema = {
    "type": "object",
    "properties": {
        "kind": {"enum": sorted(KINDS)},
        "owner": {**TEXT, "description": "The attribute of an option, the family of a variant, …"},
        "code": {**TEXT, "description": "Of a product its identifier"},
        "uuid": {**TEXT, "format": "uuid", "description": "Of a product, instead of its identifier"},
        "patch": {"type": "object", "description": "What shall be different, as in a PATCH of it"},
        "delete": {"type": "boolean"},
    },
    "required": ["kind"],
    "additionalProperties": False,
}

_ENABLED = {"kind": "product", "code": "AMA-THY-150", "patch": {"enabled": False}}


def _body(properties: dict[str, Schema], needed: tuple[str, ...] = ()) -> Schema:
    required = {"required": list(needed)} if needed else {}
    return {"type": "object", "properties": properties, **required, "additionalProperties": False}


def _of(example: str) -> Parameter:
    return in_path("code", "The name of the draft", example)


_COMMENT = [Content(_body({"comment": {**TEXT, "description": "Kept with the draft"}}), example={"comment": "good"})]
_LEFT = {200: sends(an_object(_DRAFT), "The draft as it is now")}

LIST = Operation(
    id="listDrafts",
    tag=DRAFTS,
    summary="List drafts",
    description="In order of their names. Users who do not see everything see their own.",
    parameters=[
        *PAGING,
        Parameter("state", "Only those in one of these states, with commas between them"),
        Parameter("author", "Only those that this user began"),
    ],
    answers={200: sends_page(an_object(_DRAFT), "A page of drafts")},
    errors=(422,),
)
CREATE = Operation(
    id="createDraft",
    tag=DRAFTS,
    summary="Begin a draft",
    body=[Content(_body({"code": TEXT, "reason": or_null(TEXT)}, ("code",)), example={"code": NEW})],
    answers={201: writes("Begun")},
    errors=(409,),
)
GET = Operation(
    id="getDraft",
    tag=DRAFTS,
    summary="Get a draft",
    description="With its edits, and with what was done with it and said of it. What the catalogue looks like with it: "
    "`draft` of whatever is read.",
    parameters=[_of(WRITTEN)],
    answers={
        200: sends(an_object({**_DRAFT, "edits": a_list(_EDIT), "events": a_list(_EVENT)}), "The draft"),
    },
    errors=(404,),
)
DELETE = Operation(
    id="deleteDraft",
    tag=DRAFTS,
    summary="Delete a draft",
    description="By its author, or by somebody who reviews. One that was applied belongs to the history and stays.",
    parameters=[_of(NEW)],
    answers={204: EMPTY},
    errors=(404, 409),
)
EDIT = Operation(
    id="editDraft",
    tag=DRAFTS,
    summary="Put edits into a draft",
    description="All of them or none. They are checked against the catalogue and against what the draft holds already. "
    "What was approved is a draft again.",
    parameters=[_of(WRITTEN)],
    body=[Content(_body({"edits": a_list(_WRITTEN_EDIT)}, ("edits",)), example={"edits": [_ENABLED]})],
    answers=_LEFT,
    errors=(404, 409),
)
DROP = Operation(
    id="dropDraftEdit",
    tag=DRAFTS,
    summary="Take an edit out of a draft",
    parameters=[_of(WRITTEN), in_path("number", "The number of the edit", 1, {**INTEGER, "minimum": 1})],
    path="/drafts/{code}/edits/{number}",
    answers=_LEFT,
    errors=(404, 409),
)
CONFLICTS = Operation(
    id="getDraftConflicts",
    tag=DRAFTS,
    summary="List the conflicts of a draft",
    description="What would keep it from being applied now, value by value: what it began from, what it says, and what "
    "the catalogue says.",
    parameters=[_of(WRITTEN)],
    answers={200: sends(an_object({"conflicts": a_list(_CONFLICT)}), "All of them")},
    errors=(404, 409),
)
RESOLVE = Operation(
    id="resolveDraft",
    tag=DRAFTS,
    summary="Settle conflicts by choice",
    description="`draft` writes the draft's side over what is there now, `catalogue` drops the edit. Without any "
    "conflicts left, a draft that was to be applied is in review again.",
    parameters=[_of(WRITTEN)],
    body=[
        Content(
            _body(
                {
                    "take": {"enum": list(SIDES)},
                    "edits": {**a_list(INTEGER), "description": "Numbers of edits in conflict; none: all"},
                },
                ("take",),
            ),
            example={"take": "draft"},
        )
    ],
    answers=_LEFT,
    errors=(404, 409),
)
SUBMIT = Operation(
    id="submitDraft",
    tag=DRAFTS,
    summary="Hand a draft in for review",
    parameters=[_of(WRITTEN)],
    body=_COMMENT,
    body_required=False,
    answers=_LEFT,
    errors=(404, 409),
)
APPROVE = replace(SUBMIT, id="approveDraft", summary="Approve a draft", parameters=[_of(HANDED_IN)])
REJECT = replace(
    SUBMIT,
    id="rejectDraft",
    summary="Reject a draft",
    description="It stays, can be edited and handed in again.",
    parameters=[_of(REFUSED)],
)
COMMENT = Operation(
    id="commentDraft",
    tag=DRAFTS,
    summary="Say something about a draft",
    parameters=[_of(WRITTEN)],
    body=[Content(_body({"comment": TEXT}, ("comment",)), example={"comment": "Until when?"})],
    answers=_LEFT,
    errors=(404,),
)
SCHEDULE = Operation(
    id="scheduleDraft",
    tag=DRAFTS,
    summary="Apply a draft at a time, and take it back at another",
    description="An approved one, once, whatever becomes of workers meanwhile; then the exports named here are run. In "
    "conflict with the catalogue it is `conflicted` and nothing is written. With `until`, what it changed and nobody "
    "changed since goes back then; the draft is `ended`, or `partly_ended` with what `stays`. A scheduled one is "
    "scheduled anew; of one that is applied, `until` alone says when it ends.",
    parameters=[_of(PLANNED)],
    body=[
        Content(
            _body(
                {
                    "at": {**TEXT, "description": "`2026-12-01T00:00:00+01:00`, or without an offset, in `zone`"},
                    "until": {**TEXT, "description": "When it ends, written so as well"},
                    "zone": {**TEXT, "description": "`Europe/Paris`; UTC unless said otherwise"},
                    "exports": a_list(TEXT),
                },
            ),
            example={
                "at": "2099-12-01T00:00",
                "until": "2099-12-27T00:00",
                "zone": "Europe/Paris",
                "exports": ["website"],
            },
        )
    ],
    answers=_LEFT,
    errors=(404, 409),
)
UNSCHEDULE = Operation(
    id="unscheduleDraft",
    tag=DRAFTS,
    summary="Do not apply a draft by itself, nor take it back",
    description="It is approved, as it was, or applied for good.",
    parameters=[_of(PLANNED)],
    body=[Content(_body({}), example={})],
    body_required=False,
    answers=_LEFT,
    errors=(404, 409),
)
APPLY = Operation(
    id="applyDraft",
    tag=DRAFTS,
    summary="Merge a draft into the catalogue",
    description="As one changeset, all of it. Where it and the catalogue disagree nothing is written: every conflict "
    "is listed with 409, and the draft is `conflicted`.",
    parameters=[_of(READY)],
    body=[Content(_body({}), example={})],
    body_required=False,
    answers=_LEFT,
    errors=(404, 409),
)
