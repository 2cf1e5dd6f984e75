"""RSS 2.0 with the fields of each item in a namespace of their own, as shopping channels read it."""

import re
from typing import Any

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.text import NEEDS_ESCAPE, language_tag, option_text, xml_attribute, xml_text

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
        plain = frozenset(feed.options.get("plain", ("title", "link", "description")))
        self._outer = Tags(feed.export, self._namespace["prefix"], plain, "\n")
        self._inner = Tags(feed.export, self._namespace["prefix"], frozenset(), "")

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
        self._elements(item.fields, self._outer, out)
        out.append("</item>\n")
        return "".join(out).encode()

    def footer(self) -> bytes:
        return b"</channel>\n</rss>\n"

    def _elements(self, fields: dict[str, Any], tags: "Tags", out: list[str]) -> None:
        """The hot path: most values are short texts that need no escape."""
        for name, value in fields.items():
            for one in value if type(value) is list else (value,):
                if not one and (one is None or one in ("", {}, [])):
                    continue
                start, end = tags[name]
                out.append(start)
                if type(one) is str:
                    out.append(one if NEEDS_ESCAPE.search(one) is None else xml_text(one))
                elif type(one) is dict:
                    self._elements(one, self._inner, out)
                else:
                    out.append(str(one).lower() if one is True or one is False else xml_text(str(one)))
                out.append(end)


class Tags(dict[str, tuple[str, str]]):
    """Field → start and end tag, made when first met. `plain` are elements without the namespace."""

    def __init__(self, export: str, prefix: str, plain: frozenset[str], end: str) -> None:
        super().__init__()
        self._export, self._prefix, self._plain, self._end = export, prefix, plain, end

    def __missing__(self, name: str) -> tuple[str, str]:
        if not ELEMENT_NAME.match(name):
            message = f"field `{name}` cannot be an XML element; use letters, digits, `_`, `-` and `.`"
            raise InvalidInput([Violation("mapping", "element_name", message)], f"export `{self._export}`")
        full = name if name in self._plain else f"{self._prefix}:{name}"
        tag = self[name] = (f"<{full}>", f"</{full}>{self._end}")
        return tag
