"""An application whose every answer is compared with its own OpenAPI document, whatever test asks for it."""

import gzip
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs
from litestar import Litestar

from pim.api.bodies import COLLECTION
from pim.api.openapi.document import openapi_document, routes, shown_path

LARGEST = 5_000_000
"""Larger answers are not looked into."""

Message = dict[str, Any]


class HeldToDocument:
    """`broken` says in what an answer differed; operations nobody has described are another test's business."""

    def __init__(self, app: Litestar) -> None:
        self.answer, app.asgi_handler = app.asgi_handler, self
        self.document = json.loads(json.dumps(openapi_document(app, "http://pim.example")))
        self.broken: list[str] = []
        self._shown: dict[tuple[str, str], list[str]] = {}
        for path, method, operations in routes(app):
            shown = [shown_path(path, operation) for operation in operations]
            self._shown[path, method] = sorted(shown, key=len, reverse=True)

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Message], Awaitable[None]]) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self.answer(scope, receive, keep)  # type: ignore[arg-type]
        if scope["type"] == "http" and messages:
            for difference in self._differences(scope, messages):
                request = f"{scope['method']} {scope['path']} answered {messages[0]['status']}"
                self.broken.append(f"{request}: {difference}")

    def _differences(self, scope: Any, messages: list[Message]) -> Iterator[str]:
        method = scope["method"]
        shown = self._shown.get((scope.get("path_template", ""), method), [])
        template = next((path for path in shown if re.fullmatch(pattern(path), scope["path"])), None)
        if template is None:
            return
        told = self.document["paths"][template][method.lower()]["responses"].get(str(messages[0]["status"]))
        if told is None:
            yield f"the status is not documented for {method} {template}"
            return
        told = self._resolved(told)
        headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        for name in told.get("headers", {}):
            if name.lower() not in headers:
                yield f"the header {name} is missing"
        if len(messages) == 1 or messages[-1].get("more_body"):
            return  # the client went away
        body = b"".join(message.get("body", b"") for message in messages[1:])
        contents = told.get("content", {})
        if body and "*/*" not in contents and headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        yield from self._body_differences(contents, headers.get("content-type", ""), body)

    def _body_differences(self, contents: dict[str, Any], content_type: str, body: bytes) -> Iterator[str]:
        kind = content_type.partition(";")[0]
        if not body or len(body) > LARGEST or "*/*" in contents:
            if contents and not body and "*/*" not in contents:
                yield "the body is empty"
            return
        if kind not in contents:
            yield f"`{kind}` is not documented; known: {', '.join(contents) or 'no body'}"
            return
        if kind == COLLECTION:
            content: Any = [json.loads(line) for line in body.split(b"\n")]
        elif kind.endswith("json"):
            content = json.loads(body)
        else:
            return
        for error in self._validator(json.dumps(contents[kind]["schema"])).iter_errors(content):
            yield f"{'/'.join(map(str, error.instance_path))}: {error.message}"[:400]

    def _resolved(self, told: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in told:
            return told
        _, _, kind, name = told["$ref"].split("/")
        return self.document["components"][kind][name]  # type: ignore[no-any-return]

    @lru_cache(maxsize=500)  # noqa: B019
    def _validator(self, schema: str) -> Any:
        components = {"schemas": closed(self.document["components"]["schemas"])}
        return jsonschema_rs.Draft202012Validator(
            {**closed(json.loads(schema)), "components": components}, validate_formats=True
        )


def pattern(template: str) -> str:
    """A regular expression for addresses of this template; names may hold slashes."""
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(template))


def closed(schema: Any) -> Any:
    """The schema with every property named that may be there: what we send, we say."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "type" in made and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made
