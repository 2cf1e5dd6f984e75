"""RSS 2.0 with the fields of each item in a namespace of their own, as shopping channels read it."""

import re
from collections.abc import Callable
from typing import Any

from pim.base.errors import InvalidInput, Violation
from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.known_objects import KnownObjects
from pim.syndication.writers.text import language_tag, option_text, xml_attribute, xml_text

GOOGLE = {"prefix": "g", "uri": "http://base.google.com/ns/1.0"}
SHORT, MOST_TEXTS = 100, 1_000
"""Characters of a text whose element is remembered, and texts of one field."""
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
        self._outer = Elements(feed.export, self._namespace["prefix"], plain, "\n")
        self._inner = Elements(feed.export, self._namespace["prefix"], frozenset(), "")

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
        return f"<item>\n{''.join(self._elements(item.fields, self._outer))}</item>\n".encode()

    def footer(self) -> bytes:
        return b"</channel>\n</rss>\n"

    def _elements(self, fields: dict[str, Any], elements: "Elements") -> list[str]:
        """The hot path: most values are short texts, and many objects are shared between items."""
        out: list[str] = []
        for name, value in fields.items():
            element = elements[name]
            for one in value if value.__class__ is list else (value,):
                if one.__class__ is str:
                    out.append(element[one])
                elif one.__class__ is dict:
                    known = element.known.get(id(one))
                    out.append(known[1] if known else element.group(one, self._group))
                elif one is not None and one != []:
                    out.append(element[str(one).lower() if one is True or one is False else str(one)])
        return out

    def _group(self, fields: dict[str, Any]) -> str:
        return "".join(self._elements(fields, self._inner))


class Elements(dict[str, "Element"]):
    """The element of each field, made when first met. `plain` are elements without the namespace."""

    def __init__(self, export: str, prefix: str, plain: frozenset[str], end: str) -> None:
        super().__init__()
        self._export, self._prefix, self._plain, self._end = export, prefix, plain, end

    def __missing__(self, name: str) -> "Element":
        if not ELEMENT_NAME.match(name):
            message = f"field `{name}` cannot be an XML element; use letters, digits, `_`, `-` and `.`"
            raise InvalidInput([Violation("mapping", "element_name", message)], f"export `{self._export}`")
        full = name if name in self._plain else f"{self._prefix}:{name}"
        element = self[name] = Element(f"<{full}>", f"</{full}>{self._end}")
        return element


class Element(dict[str, str]):
    """Text → the whole element around it, nothing for no text. Short ones are remembered, as values repeat."""

    def __init__(self, start: str, end: str) -> None:
        super().__init__()
        self._start, self._end = start, end
        self.known = KnownObjects()

    def __missing__(self, text: str) -> str:
        element = f"{self._start}{xml_text(text)}{self._end}" if text else ""
        if len(text) <= SHORT:
            if len(self) >= MOST_TEXTS:
                self.clear()
            self[text] = element
        return element

    def group(self, fields: dict[str, Any], inside: Callable[[dict[str, Any]], str]) -> str:
        """The element around the fields of an object; from now on it is `known`."""
        return self.known.keep(fields, f"{self._start}{inside(fields)}{self._end}" if fields else "")
