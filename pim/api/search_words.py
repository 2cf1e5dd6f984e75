"""What the OpenAPI document says of searching, with examples that work on the demo catalogue."""

from pim.api.openapi.answers import sends
from pim.api.openapi.operation import TEXT, Operation, Parameter, Schema
from pim.api.openapi.parameters import LIMIT, SEARCH_AFTER, WITH_COUNT, in_path
from pim.api.openapi.shapes import BOOLEAN, INTEGER, a_list, a_page, a_ref, an_object, or_null
from pim.api.openapi.wording import SEARCHING

MOST_SUGGESTED = 20
_UUID: Schema = {**TEXT, "format": "uuid"}

_ITEM = an_object(
    {
        "_links": a_ref("Links"),
        "uuid": _UUID,
        "identifier": or_null(TEXT),
        "label": {**TEXT, "description": "In the locale asked for, else in one that has it, else what it is called by"},
        "family": or_null(TEXT),
        "categories": a_list(TEXT),
        "enabled": BOOLEAN,
        "score": or_null({"type": "number", "description": "How well the words fit; null where none were asked for"}),
        "highlights": a_list(
            an_object(
                {
                    "attribute": TEXT,
                    "locale": or_null(TEXT),
                    "html": {**TEXT, "description": "Part of the text, `<em>` around what was asked for, else escaped"},
                }
            )
        ),
    }
)

_FACET = an_object(
    {
        "name": TEXT,
        "values": a_list(
            an_object(
                {
                    "value": TEXT,
                    "label": TEXT,
                    "count": INTEGER,
                    "query": {**TEXT, "description": "What to add to `q` to find just these"},
                }
            )
        ),
    }
)

_RESULTS = a_page(
    _ITEM,
    {
        "revision": or_null({**INTEGER, "description": "Words were looked up as of this revision; null without words"}),
        "corrections": a_list(an_object({"typed": TEXT, "instead": TEXT})),
        "did_you_mean": or_null({**TEXT, "description": "The search that was answered, its mistyped words corrected"}),
        "ignored": {**a_list(TEXT), "description": "Words that say nothing and were passed over"},
        "facets": a_list(_FACET),
    },
)

_Q = Parameter("q", "Words, phrases and filters: `tente \"deux places\" brand:altaterre price:<200EUR -category:books`",
               TEXT, example="tente family:tents")  # fmt: skip
_LOCALE = Parameter("locale", "Look into texts of this locale only; filters that vary by locale mean this one", TEXT)
_SCOPE = Parameter("scope", "The channel that filters mean, and whose currency", TEXT)

SEARCH_PRODUCTS = Operation(
    id="searchProducts",
    tag=SEARCHING,
    summary="Search products",
    description="Words forgive accents, endings and mistakes; filters find what the same conditions find in the list "
    "of products. Everything holds at once. The answer names the words that were corrected or passed over.",
    parameters=[
        _Q,
        _LOCALE,
        _SCOPE,
        Parameter("sort", "`relevance`, `identifier`, `family`, `enabled`, `created`, `updated` or a filterable "
                  "attribute (`price@EUR`, `name@fr_FR`); with `-` before it, the other way round", TEXT),
        Parameter("facets", "What to count of all that was found, separated by commas: `family`, `category`, "
                  "`complete`, attributes; `usual` for the usual ones", TEXT, example="usual"),
        Parameter("consistency", "`session` waits until everything committed before is found",
                  {"enum": ["eventual", "session"], "default": "eventual"}, example="session"),
        Parameter("saved", "A saved search: its words and settings, where the request has none of its own", TEXT),
        LIMIT, SEARCH_AFTER, WITH_COUNT,
    ],
    answers={200: sends(_RESULTS, "A page of products, the best first")},
    errors=(404, 422),
)  # fmt: skip

SUGGEST = Operation(
    id="suggestWhileTyping",
    tag=SEARCHING,
    summary="Suggest while somebody types",
    parameters=[
        Parameter("q", "What was typed so far; its last word is the beginning of one", TEXT, example="tente biv"),
        _LOCALE,
        Parameter("limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": MOST_SUGGESTED, "default": 8}),
    ],
    answers={200: sends(an_object({"words": a_list(TEXT), "products": a_list(_ITEM)}), "Words, and products")},
    errors=(422,),
)  # fmt: skip

SIMILAR = Operation(
    id="listSimilarProducts",
    path="/search/similar/{product}",
    tag=SEARCHING,
    summary="List similar products",
    description="Those that share the words which few others have.",
    parameters=[
        in_path("product", "A product's identifier or uuid", "TEN-BIV2-VRT"),
        _LOCALE,
        Parameter("limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": MOST_SUGGESTED, "default": 8}),
    ],
    answers={200: sends(an_object({"products": a_list(_ITEM)}), "The most alike first")},
    errors=(404, 422),
)
