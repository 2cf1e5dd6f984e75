"""The OpenAPI document, put together from the application's own routes and what their handlers say of themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.routes import HTTPRoute

from pim import __version__
from pim.api.bodies import JSON
from pim.api.dialect_errors import BASE
from pim.api.openapi.answers import ERRORS, HEADERS
from pim.api.openapi.operation import Answer, Content, Operation, Parameter, Schema, operations_of
from pim.api.openapi.published import published_shapes
from pim.api.openapi.shapes import SHAPES, a_ref
from pim.api.openapi.wording import INTRODUCTION, TAGS, security
from pim.api.problems import MEDIA_TYPE, speaks_dialect

ASKS_FOR_A_TOKEN: Sequence[Mapping[str, Sequence[str]]] = ({"oauth": []}, {"token": []})

Part = dict[str, Any]


def openapi_document(app: Litestar, address: str) -> Part:
    """`address` is where others reach this service."""
    paths: dict[str, Part] = {}
    for path, method, operation in described(app):
        paths.setdefault(path, {})[method.lower()] = _operation(operation, path)
    chapters = {tag for item in paths.values() for part in item.values() for tag in part["tags"]}
    return {
        "openapi": "3.1.1",
        "info": {"title": "pim", "version": __version__, "description": INTRODUCTION,
                 "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"}},
        # by their path alone, so that the page works under whatever name it was called
        "servers": [{"url": urlsplit(address).path or "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items() if name in chapters],
        "paths": dict(sorted(paths.items())),
        "components": _components(paths) | {"securitySchemes": security(address)},
    }  # fmt: skip


def described(app: Litestar) -> Iterator[tuple[str, str, Operation]]:
    """Path as the document has it, method, and what is said of it."""
    for path, method, operations in routes(app):
        for operation in operations:
            yield shown_path(path, operation), method, _of_head(operation) if method == "HEAD" else operation


def shown_path(path: str, operation: Operation) -> str:
    """The path of a route as the document has it."""
    if not operation.path:
        return path
    return BASE + operation.path if path.startswith(f"{BASE}/") else operation.path


def routes(app: Litestar) -> Iterator[tuple[str, str, list[Operation]]]:
    """Path as the application has it, method, and what is said of it; [] where nobody has said anything."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS" and handler.include_in_schema is not False:
                    yield route.path_format, str(method), operations_of(handler)


def errors_of(operation: Operation, path: str) -> set[int]:
    """Every status with which it may be refused: those it names, and those that follow from what it is."""
    errors = {500, 503, *operation.errors}
    if operation.security is None:
        errors |= {401, 403, 422, 429}
        kinds = {content.media_type for answer in operation.answers.values() for content in answer.content}
        errors |= {406} if not kinds or JSON in kinds else set()
    return errors | ({400, 408, 413, 415, 422} if operation.body else set())


def _of_head(operation: Operation) -> Operation:
    answers = {status: replace(answer, content=()) for status, answer in operation.answers.items()}
    name = operation.id[0].upper() + operation.id[1:]
    return replace(operation, id=f"head{name}", summary=f"{operation.summary}: headers only", answers=answers)


def _operation(operation: Operation, path: str) -> Part:
    part: Part = {"operationId": operation.id, "tags": [operation.tag], "summary": operation.summary}
    if operation.description:
        part["description"] = operation.description
    if operation.parameters:
        part["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body:
        part["requestBody"] = {"required": operation.body_required, "content": _contents(operation.body)}
    answers = {status: _answer(answer) for status, answer in operation.answers.items()}
    refusals = {status: {"$ref": f"#/components/responses/{_refusal(status, path)}"}
                for status in errors_of(operation, path)}  # fmt: skip
    part["responses"] = {str(status): shown for status, shown in sorted({**refusals, **answers}.items())}
    part["security"] = list(ASKS_FOR_A_TOKEN if operation.security is None else operation.security)
    return part


def _parameter(parameter: Parameter) -> Part:
    part: Part = {"name": parameter.name, "in": parameter.place, "description": parameter.description}
    if parameter.place == "path":
        part["required"] = True
    told: Part = {"schema": parameter.schema}
    if parameter.example is not None:
        told["example"] = parameter.example
    return part | ({"content": {JSON: told}} if parameter.as_json else told)


def _answer(answer: Answer) -> Part:
    part: Part = {"description": answer.description}
    if answer.headers:
        part["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers}
    if answer.content:
        part["content"] = _contents(answer.content)
    if answer.links:
        part["links"] = dict(answer.links)
    return part


def _contents(contents: Sequence[Content]) -> Part:
    return {
        content.media_type: {"schema": content.schema}
        | ({"example": content.example} if content.example is not None else {})
        for content in contents
    }


def _refusal(status: int, path: str) -> str:
    """Under the REST API in its dialect, elsewhere as a problem document."""
    return ERRORS[status].name + ("" if speaks_dialect(path) else "Problem")


def _components(paths: Part) -> Part:
    """All that the paths refer to, and what that refers to."""
    known: dict[str, Part] = {
        "schemas": published_shapes() | SHAPES,
        "responses": dict(_refusals()),
        "headers": {name: {"description": text, "schema": schema} for name, (text, schema) in HEADERS.items()},
    }
    used: dict[str, Part] = {kind: {} for kind in known}
    waiting: list[Any] = [paths]
    while waiting:
        for kind, name in _references(waiting.pop()):
            if name not in used[kind]:
                used[kind][name] = known[kind][name]
                waiting.append(used[kind][name])
    return {kind: dict(sorted(parts.items())) for kind, parts in used.items()}


def _refusals() -> Iterator[tuple[str, Part]]:
    for error in ERRORS.values():
        for suffix, schema, media_type in (("", "Error", JSON), ("Problem", "Problem", MEDIA_TYPE)):
            answer = Answer(error.description, [Content(a_ref(schema), media_type)], error.headers)
            yield error.name + suffix, _answer(answer)


def _references(part: Part | Sequence[Any] | Schema) -> Iterator[tuple[str, str]]:
    """(`schemas`, `Product`) of every reference in it."""
    if isinstance(part, Mapping):
        found = re.fullmatch(r"#/components/(\w+)/([\w-]+)", str(part.get("$ref", "")))
        if found:
            yield found[1], found[2]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _references(value)
