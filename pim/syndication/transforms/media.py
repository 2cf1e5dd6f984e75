"""Transforms of media codes and addresses."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pim.syndication.context import MappingContext

PLAIN, PLAIN_PATH = re.compile(r"[A-Za-z0-9\-._~]*\Z"), re.compile(r"[A-Za-z0-9\-._~/]*\Z")
"""What stands in an address as it is; most codes do, and asking costs less than encoding."""

ADDRESSES = ("https://", "http://")

Text = Callable[[Any], str | None]


def media_url(context: MappingContext) -> Text:
    """What is an address already, as a media link of an asset is, stays what it is."""
    base = f"{context.public_url}/media/"

    def url(code: Any) -> str:
        if PLAIN_PATH.match(code):
            return base + str(code)
        return str(code) if code.startswith(ADDRESSES) else base + quote(code, safe="/-._~")

    return url


def image(context: MappingContext, facets: dict[str, str]) -> Callable[[Any], dict[str, Any] | None]:
    """`facets` is output name ← code, url, width, height, media_type, size; nothing for a file that is not there."""
    url, info = media_url(context), context.media_info

    def step(code: Any) -> dict[str, Any] | None:
        known = info(code)
        if known is None:
            return None
        facts = {**known, "code": code, "url": url(code)}
        return {name: facts[facet] for name, facet in facets.items() if facts.get(facet) is not None}

    return step


def image_within(
    context: MappingContext, side: int = 0, megapixels: int | None = None, megabytes: float | None = None
) -> Text:
    info = context.media_info

    def step(code: Any) -> str | None:
        known = info(code)
        if known is None:
            return None
        width, height = known.get("width") or 0, known.get("height") or 0
        too_big = megapixels is not None and width * height > megapixels * 1_000_000
        too_heavy = megabytes is not None and (known.get("size") or 0) > megabytes * 1_000_000
        return None if min(width, height) < side or too_big or too_heavy else str(code)

    return step


def url_encode(context: MappingContext) -> Text:
    return lambda text: text if PLAIN.match(text := str(text)) else quote(text, safe="-._~")


def absolute_url(context: MappingContext, base: str = "{public_url}") -> Text:
    base = context.fill(base).rstrip("/")

    def step(text: Any) -> str | None:
        try:
            parts = urlsplit(str(text) if "://" in str(text) else f"{base}/{str(text).lstrip('/')}")
            host = (parts.hostname or "").encode("idna").decode()
            port = f":{parts.port}" if parts.port else ""
        except (ValueError, UnicodeError):
            return None
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            return None
        path, query = quote(parts.path, safe="/%:@!$&'()*+;=-._~"), quote(parts.query, safe="/?%:@!$&'()*+;=-._~")
        return urlunsplit((parts.scheme, host + port, path, query, quote(parts.fragment, safe="/?%:@!$&'()*+;=-._~")))

    return step
