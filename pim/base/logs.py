"""How the program logs: events with fields, one a line on standard error, as text or as JSON, and never a secret.

Modules log with `logging.getLogger`, or with `structlog.get_logger` where an event has fields; both come out alike.
What is bound with `structlog.contextvars` (the id of a request) is in every line until it is unbound.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog

TEXT, JSON = "text", "json"

_HIDDEN = "…"
_SECRET_FIELDS = {"password", "secret", "client_secret", "token", "access_token", "refresh_token", "authorization"}
_SECRETS = [
    (re.compile(r"([?&]token=)[^&\s\"]+"), rf"\1{_HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {_HIDDEN}"),
    (re.compile(r"(?i)\b((?:client_)?secret|password|(?:access|refresh)_token)(['\"]?\s*[=:]\s*['\"]?)[^'\"&\s,}]+"),
     rf"\1\2{_HIDDEN}"),
    (re.compile(r"(://[^:/@\s]+):[^@/\s]+@"), rf"\1:{_HIDDEN}@"),
]  # fmt: skip
"""What secrets look like in addresses, headers and messages of libraries."""

Event = MutableMapping[str, Any]


def set_up_logging(form: str, level: int = logging.INFO) -> None:
    """For this process; whoever comes again (tests) replaces what was set up."""
    shared: list[Callable[[Any, str, Event], Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                _renderer(form),
            ],
        )
    )
    handler.set_name("pim")
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != "pim"] + [handler]
    root.setLevel(level)
    for library in ("alembic", "asyncssh", "httpx"):
        logging.getLogger(library).setLevel(logging.WARNING)
    _let_uvicorn_through()


def without_secrets(logger: Any, method: str, event: Event) -> Event:
    """The last look at a line before it is written."""
    for name, value in event.items():
        if name in _SECRET_FIELDS:
            event[name] = _HIDDEN
        elif isinstance(value, str):
            event[name] = hide_secrets(value)
    return event


def hide_secrets(text: str) -> str:
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


def _renderer(form: str) -> Callable[[Any, str, Event], Any]:
    if form == JSON:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)


def _let_uvicorn_through() -> None:
    """Its loggers bring handlers of their own when it starts by itself; each request has its line from us."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"


def bound_request_id() -> str | None:
    """That of the request which is being answered here."""
    bound: Mapping[str, Any] = structlog.contextvars.get_contextvars()
    return bound.get("request_id")
