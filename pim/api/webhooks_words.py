"""What the OpenAPI document says of webhooks."""

from pim.api.openapi.answers import EMPTY, sends, sends_page
from pim.api.openapi.operation import TEXT, Answer, Content, Operation, Schema
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import ANYTHING, BOOLEAN, INSTANT, INTEGER, NO_OPTIONS, a_list, a_ref, an_object, or_null
from pim.api.openapi.wording import WEBHOOKS
from pim.delivery.webhooks.tell import EVENTS

_WRITTEN: dict[str, Schema] = {
    "url": {**TEXT, "description": "Where to POST, https://…"},
    "events": {**a_list({"enum": list(EVENTS)}), "description": "What it wants to hear; empty for all"},
    "exports": {**a_list(TEXT), "description": "Of which exports; empty for all"},
    "enabled": {**BOOLEAN, "description": "Whether anything is sent; true again takes a pause away"},
}
_OURS: dict[str, Schema] = {
    "_links": a_ref("Links"),
    "id": INTEGER,
    "paused": {**or_null(TEXT), "description": "Why nothing is sent"},
    "author": TEXT,
    "created": INSTANT,
}
_WEBHOOK = an_object({**_OURS, **_WRITTEN})
_SECRET: Schema = {**TEXT, "description": "Signs what is sent (`webhook-signature`); shown this once"}
_WITH_SECRET = an_object({**_OURS, **_WRITTEN, "secret": _SECRET})
_SENT = an_object(_WRITTEN, optional=("events", "exports", "enabled"))
_CHANGES = an_object(_WRITTEN, optional=tuple(_WRITTEN))

_MESSAGE = an_object(
    {
        "id": INTEGER,
        "event": TEXT,
        "body": {**ANYTHING, "description": "As it is sent: `type`, `timestamp` and `data`"},
        "state": {"enum": ["waiting", "delivered", "failed"]},
        "attempts": INTEGER,
        "answer": or_null(TEXT),
        "created": INSTANT,
        "next_attempt": or_null(INSTANT),
        "ended": or_null(INSTANT),
    }
)

_ID = in_path("webhook_id", "The number of the webhook", 1, {**INTEGER, "minimum": 1})

LIST = Operation(
    id="listWebhooks",
    tag=WEBHOOKS,
    summary="List webhooks",
    parameters=PAGING,
    answers={200: sends_page(_WEBHOOK, "A page of webhooks, oldest first")},
    errors=(422,),
)

CREATE = Operation(
    id="createWebhook",
    tag=WEBHOOKS,
    summary="Create a webhook",
    description="The answer shows the secret, once.",
    body=[Content(_SENT, example={"url": "https://shop.example/hooks", "events": ["delivery.failed"]})],
    answers={201: Answer("Created", [Content(_WITH_SECRET)], ["Location"])},
)

GET = Operation(
    id="getWebhook",
    tag=WEBHOOKS,
    summary="Get a webhook",
    path="/webhooks/{webhook_id}",
    parameters=[_ID],
    answers={200: sends(_WEBHOOK, "The webhook, without its secret")},
    errors=(404,),
)

CHANGE = Operation(
    id="changeWebhook",
    tag=WEBHOOKS,
    summary="Change a webhook",
    description="What is left out stays.",
    path="/webhooks/{webhook_id}",
    parameters=[_ID],
    body=[Content(_CHANGES, example={"exports": ["google_merchant"], "enabled": True})],
    answers={200: sends(_WEBHOOK, "The webhook as it is now")},
    errors=(404,),
)

DELETE = Operation(
    id="deleteWebhook",
    tag=WEBHOOKS,
    summary="Delete a webhook",
    path="/webhooks/{webhook_id}",
    parameters=[_ID],
    answers={204: EMPTY},
    errors=(404,),
)

RENEW = Operation(
    id="renewWebhookSecret",
    tag=WEBHOOKS,
    summary="Give a webhook another secret",
    description="Whatever is sent from now on is signed with it. The answer shows it, once.",
    path="/webhooks/{webhook_id}/renew-secret",
    parameters=[_ID],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={200: sends(_WITH_SECRET, "The webhook with its secret")},
    errors=(404,),
)

TEST = Operation(
    id="testWebhook",
    tag=WEBHOOKS,
    summary="Send a webhook a test",
    description="The event `webhook.test`, also to one that is paused.",
    path="/webhooks/{webhook_id}/test",
    parameters=[_ID],
    body=[Content(NO_OPTIONS, example={})],
    body_required=False,
    answers={202: sends(_MESSAGE, "The message, which is sent in a moment")},
    errors=(404,),
)

MESSAGES = Operation(
    id="listWebhookMessages",
    tag=WEBHOOKS,
    summary="List what a webhook was told",
    description="Newest first, for thirty days.",
    path="/webhooks/{webhook_id}/messages",
    parameters=[_ID, *PAGING],
    answers={200: sends_page(_MESSAGE, "A page of messages")},
    errors=(404, 422),
)
