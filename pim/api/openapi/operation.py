"""What is said of an operation in the OpenAPI document: plain data, written beside the handler that keeps it.

A handler is given it as `operation=` (a sequence when one address means several things); `document.py` puts all of
them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.handlers import BaseRouteHandler

from pim.api.bodies import JSON

Schema = Mapping[str, Any]
"""JSON Schema 2020-12, as OpenAPI 3.1 uses it."""

TEXT: Schema = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`place` is `query`, `path` or `header`; `as_json` sends the value as JSON text. Examples are of the demo
    catalogue."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: TEXT)
    place: str = "query"
    example: Any = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type. `example` works on the demo catalogue."""

    schema: Schema
    media_type: str = JSON
    example: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` are names of `HEADERS` in `answers.py`; `links` say what the answer is good for next."""

    description: str
    content: Sequence[Content] = ()
    headers: Sequence[str] = ()
    links: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`errors` are those that `document.py` cannot conclude from the rest: 404, 409, 412, … `path` is the template to
    show where the route's own says too little (`{name:path}`). `security` None asks for an access token."""

    id: str
    tag: str
    summary: str
    description: str = ""
    answers: Mapping[int, Answer]
    errors: Sequence[int] = ()
    parameters: Sequence[Parameter] = ()
    body: Sequence[Content] = ()
    body_required: bool = True
    path: str = ""
    security: Sequence[Mapping[str, Sequence[str]]] | None = None


def operations_of(handler: BaseRouteHandler) -> list[Operation]:
    """What the handler was given as `operation=`; [] when nobody has said anything."""
    told = handler.opt.get("operation", ())
    return [told] if isinstance(told, Operation) else list(told)
