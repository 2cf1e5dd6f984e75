"""What the OpenAPI document says of changesets and of the history of products."""

from pim.api.openapi.answers import sends, sends_page
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Parameter, Schema
from pim.api.openapi.parameters import CURSORS, FLAG, IF_NONE_MATCH, PAGING, in_path
from pim.api.openapi.resource import ResourceWords, camel
from pim.api.openapi.shapes import INSTANT, INTEGER, NULL, a_list, a_page, a_ref, an_object, or_null
from pim.api.openapi.wording import HISTORY

_WHO_AND_WHEN: dict[str, Schema] = {
    "revision": {**INTEGER, "description": "That it made"},
    "committed_at": INSTANT,
    "author": TEXT,
    "source": {**TEXT, "description": "What it came through: `api`, `import`, `revert`, …"},
    "reason": or_null(TEXT),
    "import": {**or_null(INTEGER), "description": "The import that it is a part of"},
}

_CELL: dict[str, Schema] = {
    "path": {**TEXT, "description": "`values`, `categories`, `labels.fr_FR`, …; `created`, `deleted`"},
    "attribute": or_null(TEXT),
    "locale": or_null(TEXT),
    "scope": or_null(TEXT),
    "old": {"description": "Before; null where there was nothing. Of a deletion the document"},
    "new": {"description": "After; null where there is nothing"},
}

_CHANGESET: dict[str, Schema] = {
    "_links": a_ref("Links"),
    **_WHO_AND_WHEN,
    "reverts": {**or_null(INTEGER), "description": "The revision, or the import, that it takes back"},
    "changes": {**INTEGER, "description": "How many values and fields it changed"},
    "entities": {**INTEGER, "description": "How many products and other things it changed"},
}

_CHANGE = an_object(
    {
        "_links": a_ref("Links"),
        "kind": TEXT,
        "code": or_null(TEXT),
        "owner": {**TEXT, "description": "The attribute of an option, the family of a variant"},
        "uuid": {**TEXT, "format": "uuid"},
        **_CELL,
    },
    optional=("_links", "owner", "uuid"),
)

_ENTRY = an_object({**_WHO_AND_WHEN, **_CELL, "rows": {"description": "Of a table: row by row"}}, optional=("rows",))

_WORD = {"type": "array", "prefixItems": [{"enum": ["same", "old", "new"]}, TEXT], "minItems": 2, "maxItems": 2}

_CELL_DIFF = an_object(
    {
        **_CELL,
        "words": {**a_list(_WORD), "description": "Of two texts: what stayed, went and came, word by word"},
        "rows": {"description": "Of a table: row by row"},
    },
    optional=("words", "rows"),
)

_DIFF = an_object(
    {
        "_links": a_ref("Links"),
        "kind": TEXT,
        "code": TEXT,
        "owner": {**TEXT, "description": "The attribute of an option, the family of a variant; else empty"},
        "uuid": or_null({**TEXT, "format": "uuid"}),
        "family": or_null(TEXT),
        "op": {"enum": ["created", "changed", "deleted"]},
        "cells": a_list(_CELL_DIFF),
    },
    optional=("_links",),
)

_COUNTS: Schema = {"type": "object", "additionalProperties": INTEGER}

_SUMMARY = an_object({
    "kinds": {"type": "object", "additionalProperties": _COUNTS, "description": "Kind → created, changed, deleted"},
    "attributes": {**_COUNTS, "description": "Attribute → how many of its values differ"},
    "families": {**_COUNTS, "description": "Family → how many of its products and models differ"},
})  # fmt: skip

_REVISION = in_path("revision", "The revision that the changeset made", 19, {**INTEGER, "minimum": 1})

LIST = Operation(
    id="listChangesets",
    tag=HISTORY,
    summary="List changesets",
    description="Newest first, those in which there is something for the user to see.",
    parameters=[
        *PAGING,
        Parameter("author", "Only those of this user"),
        Parameter("source", "Only those that came through this: `api`, `import`, `revert`, …"),
        Parameter("import", "Only those of the import with this number", {**INTEGER, "minimum": 1}),
        Parameter("since", "From this revision, day or moment on"),
        Parameter("until", "Up to and with this revision, day or moment"),
        Parameter("entity", "Only those that changed this: `product/LIV-CAR`, `attribute_option/color/red`"),
    ],
    answers={200: sends_page(an_object(_CHANGESET), "A page of changesets")},
    errors=(422,),
)

GET = Operation(
    id="getChangeset",
    tag=HISTORY,
    summary="Get a changeset",
    description="With a page of its changes, in their order.",
    path="/changesets/{revision}",
    parameters=[_REVISION, *PAGING, IF_NONE_MATCH],
    answers={
        200: Answer("The changeset", [Content(a_page(_CHANGE, _CHANGESET))], ["ETag"]),
        304: Answer("It is still what `If-None-Match` names", headers=["ETag"]),
    },
    errors=(404, 422),
)

DIFF = Operation(
    id="getDiff",
    tag=HISTORY,
    summary="Compare two revisions",
    description="What differs in the catalogue between two revisions, days or moments, value by value. What changed "
    "and changed back is no difference. It reads as well backwards, with the later one as `from`.",
    parameters=[
        Parameter("from", "A revision, a day (its end) or a moment; left out, the revision before `to`"),
        Parameter("to", "The same; left out, now"),
        *CURSORS,
        Parameter("entity", "Only this: `product/LIV-CAR`, `attribute_option/color/red`"),
        Parameter("attribute", "Only values of this attribute"),
        Parameter("family", "Only products and product models of this family"),
        Parameter("with_summary", "Add `summary`: how much differs, by kind, attribute and family", FLAG),
    ],
    answers={200: Answer(
        "A page of what differs",
        [Content(a_page(_DIFF, {"from": INTEGER, "to": INTEGER, "summary": or_null(_SUMMARY)}))],
    )},
    errors=(404, 422),
)  # fmt: skip

_REASON: Schema = {
    "type": "object",
    "properties": {"reason": {**TEXT, "description": "Why; kept in the log"}},
    "additionalProperties": False,
}

REVERT_BODY = [Content(_REASON, example={"reason": "wrong price list"})]

REVERT_ANSWERS = {
    201: Answer(
        "Taken back by a new revision",
        [Content(an_object({"_links": a_ref("Links"), "revision": INTEGER}))],
        ["Location"],
    ),
    200: sends(an_object({"revision": NULL, "message": TEXT}), "There was nothing to take back"),
}

REVERT = Operation(
    id="revertChangeset",
    tag=HISTORY,
    summary="Take a changeset back",
    description="As a new changeset. What has changed since is never overwritten: it is listed with 409, and nothing "
    "is taken back.",
    path="/changesets/{revision}/revert",
    parameters=[_REVISION],
    body=REVERT_BODY,
    body_required=False,
    answers=REVERT_ANSWERS,
    errors=(404, 409),
)


_AMOUNT: Schema = {**TEXT, "description": "A decimal"}

_PERIOD = an_object(
    {
        "amount": {**or_null(_AMOUNT), "description": "Null: there was no price"},
        "revision": {**INTEGER, "description": "That made it so"},
        "since": INSTANT,
        "until": {**or_null(INSTANT), "description": "Null: it is the price of now"},
    }
)

_REDUCTION = an_object(
    {
        "revision": INTEGER,
        "at": INSTANT,
        "old": _AMOUNT,
        "new": _AMOUNT,
        "lowest_before": {**_AMOUNT, "description": "The lowest price of the days before it"},
    }
)

_PRICES = an_object(
    {
        "attribute": TEXT,
        "locale": or_null(TEXT),
        "scope": or_null(TEXT),
        "days": INTEGER,
        "currencies": a_list(
            an_object(
                {
                    "currency": TEXT,
                    "current": or_null(_AMOUNT),
                    "lowest": {**or_null(_PERIOD), "description": "The lowest price of the last days"},
                    "reduction": {
                        **or_null(_REDUCTION),
                        "description": "That the price of now is; null when it is none",
                    },
                    "periods": {**a_list(_PERIOD), "description": "Newest first"},
                }
            )
        ),
    }
)


def prices_of(words: ResourceWords) -> Operation:
    """Of the products or product models that the words are about."""
    return Operation(
        id=f"getPricesOf{camel(words.one)}",
        tag=HISTORY,
        summary=f"Get the price history of a {words.one}",
        description="What the price was when, its lowest of the last days, and, of a reduced price, the lowest of the "
        "days before the reduction, which shops in the European Union have to name. Where a product model holds the "
        "price, it is that one's.",
        path=f"{words.path}/{{{words.key}}}/history/prices",
        parameters=[
            in_path(words.key, f"The {words.key} of the {words.one}", words.existing),
            Parameter("attribute", "Which price; left out, `price`, or the only attribute of prices"),
            Parameter("locale", "Of a localizable price"),
            Parameter("scope", "Of a scopable price: the channel"),
            Parameter("days", "Of how many days the lowest", {**INTEGER, "minimum": 1, "maximum": 3650, "default": 30}),
        ],
        answers={200: sends(_PRICES, "By currency")},
        errors=(404, 422),
    )


def history_of(words: ResourceWords) -> Operation:
    """Of the products, product models, records or assets that the words are about."""
    return Operation(
        id=f"getHistoryOf{camel(words.one)}",
        tag=HISTORY,
        summary=f"Get the history of a {words.one}",
        description="Newest first: who changed what, when and why, from what to what. What is deleted has one too.",
        path=f"{words.path}/{{{words.key}}}/history",
        parameters=[
            *words.above,
            in_path(words.key, f"The {words.key} of the {words.one}", words.existing),
            *PAGING,
            Parameter("attribute", "Only of this attribute's values"),
            Parameter("locale", "Only of values of this locale"),
            Parameter("scope", "Only of values of this channel"),
        ],
        answers={200: sends_page(_ENTRY, "A page of changes")},
        errors=(404, 422),
    )
