"""The vocabulary of parameters."""

from typing import Any

from pim.api.openapi.operation import TEXT, Parameter, Schema
from pim.api.openapi.shapes import BOOLEAN, INTEGER, a_ref
from pim.api.paging import LARGEST_LIMIT

FLAG: Schema = {**BOOLEAN, "default": False}


def in_path(name: str, description: str, example: Any, schema: Schema = TEXT) -> Parameter:
    """`example` is a name of the demo catalogue."""
    return Parameter(name, description, {**schema, "minLength": 1}, "path", example)


LIMIT = Parameter("limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": LARGEST_LIMIT, "default": 10})
PAGE = Parameter("page", "Which page, with `pagination_type=page`", {**INTEGER, "minimum": 1, "default": 1})
PAGINATION_TYPE = Parameter(
    "pagination_type", "`page` numbers pages; `search_after` goes on from a cursor, however far",
    {"enum": ["page", "search_after"], "default": "page"},
)  # fmt: skip
SEARCH_AFTER = Parameter("search_after", "The cursor in the link `next` of the page before")
WITH_COUNT = Parameter("with_count", "Whether to count everything found, as `items_count`", FLAG)

_LONG_LIMIT = Parameter(
    "limit", "How many at most", {**INTEGER, "minimum": 1, "maximum": LARGEST_LIMIT, "default": LARGEST_LIMIT}
)

CURSORS = (_LONG_LIMIT, SEARCH_AFTER, WITH_COUNT)
"""Of lists that have no numbered pages."""

PAGING = (LIMIT, PAGE, PAGINATION_TYPE, SEARCH_AFTER, WITH_COUNT)

SEARCH = Parameter(
    "search", "Conditions, all of which hold. A wrong one is answered with what would be right.", a_ref("Search"),
    as_json=True,
)  # fmt: skip

READING = (
    Parameter("scope", "A channel: only products of its category tree, only its values, prices in its currencies"),
    Parameter("locales", "Only values of these locales, separated by commas"),
    Parameter("attributes", "Only values of these attributes, separated by commas"),
    Parameter("with_completenesses", "Add `completenesses`: how complete it is by channel and locale", FLAG),
    Parameter("with_quality_scores", "Add `quality_scores`: a letter from A to E by channel and locale", FLAG),
    Parameter("with_quality_scores", "Add `quality_scores`: how good it is by channel and locale, from A to E", FLAG),
    Parameter("with_attribute_options", "Add `linked_data`: the option itself beside each code of one", FLAG),
    Parameter("convert_measurements", "In the units that the channel `scope` has chosen", FLAG),
)
"""What to see of products."""

WITH_TABLE_SELECT_OPTIONS = Parameter(
    "with_table_select_options", "Add the options of columns to `table_configuration`", FLAG
)

SEARCH_PLACES = (
    Parameter("search_locale", "The locale of conditions that name none"),
    Parameter("search_scope", "The channel of conditions that name none"),
)

IF_MATCH = Parameter("If-Match", "Write only if it is still what this ETag names; else 412", place="header")
IF_NONE_MATCH = Parameter("If-None-Match", "Send it only if it is not what this ETag names; else 304", place="header")
