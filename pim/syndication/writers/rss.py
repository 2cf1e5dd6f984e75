"""RSS 2.0 with the fields of each item in a namespace of their own, as shopping channels read it."""

import re
from typing import Any

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.text import language_tag, option_text, xml_attribute, xml_text

GOOGLE = {"prefix": "g", "uri": "http://base.google.com/ns/1.0"}
ELEMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


class RssWriter:
    """Options: `title`, `link`, `description` of the channel (a text, or texts by locale); `namespace` {prefix, uri},
    Google's by default; `plain`, the fields that are RSS's own elements.

    A list is a repeated element, an object a nested group; empty values are left out.
    """

    media_type = "application/rss+xml"
    separator = b""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._namespace: dict[str, str] = feed.options.get("namespace", GOOGLE)
        self._plain = frozenset(feed.options.get("plain", ("title", "link", "description")))
        self._tags: dict[tuple[str, bool], tuple[str, str]] = {}

    def header(self) -> bytes:
        feed, prefix, uri = self._feed, self._namespace["prefix"], xml_attribute(self._namespace["uri"])
        channel = "".join(
            f"<{name}>{xml_text(option_text(feed, name, default))}</{name}>\n"
            for name, default in (("title", feed.export), ("link", feed.public_url), ("description", feed.name))
        )
        language = f"<language>{language_tag(feed.locale).lower()}</language>\n" if feed.locale else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<rss version="2.0" xmlns:{prefix}="{uri}">\n<channel>\n{channel}{language}'
        ).encode()

    def item(self, item: Item) -> bytes:
        out = ["<item>\n"]
        for name, value in item.fields.items():
            if type(value) is str:
                if value:
                    start, end = self._tags.get((name, True)) or self._tag(name, True)
                    out += (start, xml_text(value), end)
            elif value is not None:
                self._element(name, value, True, out)
        out.append("</item>\n")
        return "".join(out).encode()

    def footer(self) -> bytes:
        return b"</channel>\n</rss>\n"

    def _element(self, name: str, value: Any, top: bool, out: list[str]) -> None:
        if value is None or value in ("", [], {}):
            return
        if isinstance(value, list):
            for one in value:
                self._element(name, one, top, out)
            return
        start, end = self._tags.get((name, top)) or self._tag(name, top)
        out.append(start)
        if isinstance(value, dict):
            for inner, content in value.items():
                self._element(inner, content, False, out)
        else:
            out.append(xml_text(_plain_text(value)))
        out.append(end)

    def _tag(self, name: str, top: bool) -> tuple[str, str]:
        if not ELEMENT_NAME.match(name):
            message = f"field `{name}` cannot be an XML element; use letters, digits, `_`, `-` and `.`"
            raise InvalidInput([Violation("mapping", "element_name", message)], f"export `{self._feed.export}`")
        full = name if top and name in self._plain else f"{self._namespace['prefix']}:{name}"
        tag = (f"<{full}>", f"</{full}>\n" if top else f"</{full}>")
        self._tags[(name, top)] = tag
        return tag


def _plain_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
