"""What the OpenAPI document says to its reader before the operations: how it all works, the chapters, who may ask."""

from typing import Any

PRODUCTS = "Products"
PRODUCTS_BY_UUID = "Products by uuid"
PRODUCT_MODELS = "Product models"
SEARCHING = "Search"
MEDIA_FILES = "Media files"
FAMILIES = "Families"
ATTRIBUTES = "Attributes"
CATEGORIES = "Categories"
CHANNELS = "Channels, locales, currencies"
ASSOCIATIONS = "Associations and groups"
REFERENCE_ENTITIES = "Reference entities"
ASSETS = "Assets"
MEASUREMENTS = "Measurement families"
HISTORY = "History"
DRAFTS = "Drafts"
JOBS = "Jobs"
EXPORTS = "Exports"
IMPORTS = "Imports"
FEEDS = "Feeds"
DELIVERIES = "Deliveries"
WEBHOOKS = "Webhooks"
ACCESS = "Access"
ABOUT = "About this service"

TAGS = {
    ACCESS: "A token for an hour, in exchange for a password or for a refresh token.",
    PRODUCTS: "What is sold, by identifier. A variant is shown with what its product models say.",
    PRODUCTS_BY_UUID: "The same products by uuid, also those without an identifier; the identifier is a value here.",
    PRODUCT_MODELS: "What variants share. Deleting one takes its variants with it.",
    SEARCHING: "Words, filters and facets over products, within what the user sees; and searches that people keep.",
    MEDIA_FILES: "Pictures and documents, uploaded together with the value that holds them.",
    FAMILIES: "Which attributes a kind of product has, which of them each channel requires, and how it varies.",
    ATTRIBUTES: "What can be said of products, and the options of selects.",
    CATEGORIES: "Trees of categories; each channel has one.",
    CHANNELS: "The places we publish to, and what they speak and charge in.",
    ASSOCIATIONS: "How products belong together.",
    REFERENCE_ENTITIES: "What products link to and what has attributes of its own: brands, designers, materials.",
    ASSETS: "Pictures, films and documents with attributes of their own, in families.",
    MEASUREMENTS: "Units that convert into each other.",
    HISTORY: "Who changed what, when and why; what has changed since; and how to take it back.",
    DRAFTS: "Edits that wait beside the catalogue until they are reviewed and merged into it, all together.",
    IMPORTS: "Files taken in as a whole, each line taken or told.",
    EXPORTS: "What channels get, made from one revision: run, look at what was left out, go back.",
    JOBS: "Work in the background, its progress and its end.",
    DELIVERIES: "Publications handed over to destinations: every attempt, trying again, what is paused.",
    WEBHOOKS: "Who is told when a run has finished, a feed is held or published, a delivery arrives or fails. Messages "
    "are POSTed and signed after Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.",
    FEEDS: "What channels pull: complete files from stable addresses, with ETags, ranges and compression.",
    ABOUT: "Which addresses there are, whether it works, and how it is.",
}
"""Chapters of the document, in the order in which a reader wants them."""

INTRODUCTION = """\
The catalogue, its history and its feeds over HTTP.

**Begin** with a connection and a user (`pim connection create shop`, `pim user create me --role editor`), ask
`POST /api/oauth/v1/token` for an access token, and send it as `Authorization: Bearer …`. Examples are of the demo
catalogue (`make demo`) and can be sent as they are.

**Read.** Lists are HAL pages: follow `_links.next`. With `pagination_type=search_after` that goes on however much there
is. One document comes with a strong `ETag`; send it back as `If-None-Match` and what has not changed is a 304 without a
body.

**Write.** `PATCH` merges: objects merge, scalars and arrays replace, what is left out stays. `values` merge by
attribute, locale and scope, and `"data": null` erases one. Every write is a changeset in the log; what changes nothing
makes no revision. A batch is one changeset: one JSON document a line, each taken or refused by itself.

**Together.** Different values of one product merge when two people write them at once. To be told when somebody was
faster on the same one, send the `ETag` as `If-Match`: the answer is then 412, and nothing is lost.

**Refusals** name the thing, the value and the way out. 422 lists every part that is wrong, not only the first. After a
429 or a 503, wait as many seconds as `Retry-After` says. Decimals travel as strings, integers as numbers, times in
ISO 8601. Codes may hold slashes, which may be sent as they are.
"""


def security(address: str) -> dict[str, Any]:
    """`address` is where others reach this service: tokens are asked for at an absolute address."""
    token = f"{address}/api/oauth/v1/token"
    return {
        "oauth": {
            "type": "oauth2",
            "description": "A connection's client id and secret, and a user's name and password",
            "flows": {"password": {"tokenUrl": token, "refreshUrl": token, "scopes": {}}},
        },
        "token": {"type": "http", "scheme": "bearer", "description": "An access token"},
        "client": {"type": "http", "scheme": "basic", "description": "Client id and secret of a connection"},
        "feed_token": {"type": "http", "scheme": "bearer", "description": "The token of one feed"},
        "metrics_token": {"type": "http", "scheme": "bearer", "description": "What `PIM_METRICS_TOKEN` says"},
        "feed_token_in_query": {"type": "apiKey", "in": "query", "name": "token",
                                "description": "The token of one feed, for channels that cannot send headers"},
    }  # fmt: skip
