"""The rules of HTTP (RFC 9110) by which a stored file is served: which representation, whether at all, which part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

BYTE_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True, slots=True)
class Representation:
    """One stored form of a file. `etag` is strong and differs per encoding: a range of one never fits the other."""

    key: str
    size: int
    etag: str
    media_type: str
    modified: datetime
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`status` 200, 206, 304 or 416; bytes from `start` up to but not including `end`."""

    status: int
    start: int
    end: int


def wants_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is acceptable and not liked less than the plain form. No header, no compression."""
    weights = _weights(accept_encoding or "")
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    identity = weights.get("identity", 0.0)
    return gzip > 0 and gzip >= identity


def decide(method: str, headers: Mapping[str, str], representation: Representation) -> Decision:
    """1. If-None-Match, or without it If-Modified-Since: 304. 2. Range, when If-Range allows: 206 or 416. 3. 200."""
    whole = Decision(200, 0, representation.size)
    if not _is_modified(headers, representation):
        return Decision(304, 0, 0)
    wanted = headers.get("range")
    if wanted is None or method != "GET" or not _range_applies(headers.get("if-range"), representation):
        return whole
    return _part(wanted, representation.size) or whole


def headers_of(representation: Representation, decision: Decision, cache: str, vary: bool) -> dict[str, str]:
    """`cache` is Cache-Control. A 304 carries what a 200 would, but for the description of its body."""
    headers = {
        "etag": representation.etag,
        "last-modified": http_date(representation.modified),
        "cache-control": cache,
    }
    if vary:
        headers["vary"] = "Accept-Encoding"
    if decision.status == 304:
        return headers
    headers["accept-ranges"] = "bytes"
    if decision.status == 416:
        return headers | {"content-range": f"bytes */{representation.size}", "content-length": "0"}
    headers["content-type"] = with_charset(representation.media_type)
    headers["content-length"] = str(decision.end - decision.start)
    if representation.encoding:
        headers["content-encoding"] = representation.encoding
    if decision.status == 206:
        headers["content-range"] = f"bytes {decision.start}-{decision.end - 1}/{representation.size}"
    return headers


def with_charset(media_type: str) -> str:
    """Text is UTF-8; JSON and XML say so themselves."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") and ";" not in media_type else media_type


def http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def _is_modified(headers: Mapping[str, str], representation: Representation) -> bool:
    known_tags = headers.get("if-none-match")
    if known_tags is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known_tags.split(",")}
        return "*" not in tags and representation.etag not in tags
    since = _date(headers.get("if-modified-since"))
    return since is None or representation.modified.replace(microsecond=0) > since


def _range_applies(if_range: str | None, representation: Representation) -> bool:
    """A part may be sent only of the very bytes the client has begun with: a strong tag, or the exact date."""
    if if_range is None:
        return True
    if if_range.startswith('"'):
        return if_range == representation.etag
    return _date(if_range) == representation.modified.replace(microsecond=0)


def _part(wanted: str, size: int) -> Decision | None:
    """None where the header is no single byte range: such a header is ignored, the whole file answers it."""
    found = BYTE_RANGE.match(wanted.strip().replace(" ", ""))
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        length = int(found[2])
        return Decision(206, max(0, size - length), size) if length and size else Decision(416, 0, 0)
    start = int(found[1])
    end = min(int(found[2]) + 1, size) if found[2] else size
    if found[2] and int(found[2]) < start:
        return None
    return Decision(206, start, end) if start < size else Decision(416, 0, 0)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for entry in header.split(","):
        coding, _, parameters = entry.partition(";")
        quality = parameters.strip().lower().removeprefix("q=") if parameters.strip() else "1"
        try:
            weights[coding.strip().lower()] = float(quality)
        except ValueError:
            weights[coding.strip().lower()] = 0.0
    return weights


def _date(text: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
