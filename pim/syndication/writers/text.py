"""Text as XML allows it, and options of a file that differ by locale."""

import re
from typing import Any

from pim.syndication.feed import Feed

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What XML 1.0 forbids, and the control characters it merely discourages."""

NEEDS_ESCAPE = re.compile("[&<>\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def xml_text(text: str) -> str:
    """Escaped for an element's content; forbidden characters are dropped, a carriage return becomes a line feed."""
    if NEEDS_ESCAPE.search(text) is None:
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = FORBIDDEN.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def xml_attribute(text: str) -> str:
    """Escaped for the value of an attribute between double quotes."""
    return xml_text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def option_text(feed: Feed, name: str, default: str) -> str:
    """A text option of the file, `filled`; one given by locale is looked up by the file's own, `*` being any other."""
    value: Any = feed.options.get(name, default)
    if isinstance(value, dict):
        value = value.get(feed.locale) or value.get("*") or next(iter(value.values()), default)
    return filled(feed, str(value))


def filled(feed: Feed, text: str) -> str:
    """With the names of constants in braces, `{locale}` and `{language}` filled in."""
    names = {"locale": feed.locale or "", "language": (feed.locale or "").partition("_")[0], **feed.constants}
    return PLACEHOLDER.sub(lambda found: str(names.get(found[1], found[0])), text)


def language_tag(locale: str) -> str:
    """`fr_FR` as BCP 47 has it: `fr-FR`."""
    return locale.replace("_", "-")
