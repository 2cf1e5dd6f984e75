"""Prefixes as ranges, which an index in byte order answers whatever the plan."""

from typing import Any

from sqlalchemy import ColumnElement, and_

_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xE000)


def starts_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """For a column in byte order (`COLLATE "C"`), which in UTF-8 is the order of code points."""
    end = after_prefix(prefix)
    return and_(column >= prefix, column < end) if end is not None else column >= prefix


def after_prefix(prefix: str) -> str | None:
    """The least text behind all those that start with `prefix`; None where there is none."""
    kept = prefix.rstrip(chr(_LAST))
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_SURROGATES[1] if following == _SURROGATES[0] else following)
