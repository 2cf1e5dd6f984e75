"""Transforms of text. Every text that enters a mapping has been through `clean` before."""

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import nh3

from pim.syndication.context import MappingContext

Text = Callable[[str], str | None]
Texts = Callable[[str], list[str] | None]

ALLOWED_TAGS = ("p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h2", "h3", "h4")
BLOCK_TAGS = "address|article|blockquote|div|dl|dt|dd|h[1-6]|hr|ol|p|pre|section|table|tr|ul"

# Control characters but tab and line feed, what XML 1.0 forbids, and lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile(rf"<br\s*/?>|</?(?:{BLOCK_TAGS})\b[^>]*>|</li\s*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!\w[^<>]*>")
_BLANKS = re.compile(r"[^\S\n]+")
_BULLET = re.compile(r"^(?:[-*•·–—▪►✓]\s*|\d{1,2}[.)]\s+)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[»\"”]?\s+(?=[\"«“(]?\s?[A-ZÀ-ÖØ-Þ0-9])")
_FOLDED = str.maketrans({"’": "-", "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def clean(text: str) -> str:
    """The hygiene all feeds share: NFC, line feeds only, no character that XML forbids."""
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def strip_html(context: MappingContext) -> Text:
    return plain


@lru_cache(maxsize=1024)
def plain(text: str) -> str | None:
    """Plain text of HTML; one line a block, no empty lines. Variants share their model's texts, hence the cache."""
    if "<" in text:
        text = _BLANKS.sub(" ", text.replace("\n", " ")) if _BREAK.search(text) or _ITEM.search(text) else text
        text = _UNSEEN.sub("", text)
        text = _ITEM.sub("\n- ", _BREAK.sub("\n", text))
        text = _TAG.sub("", text)
    if "&" in text:
        text = clean(html.unescape(text))
    if "\n" not in text:
        return _BLANKS.sub(" ", text).strip() or None
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line not in ("", "-")) or None


def html_clean(context: MappingContext, tags: list[str] | tuple[str, ...] = ALLOWED_TAGS) -> Text:
    allowed = set(tags)
    cleaner = nh3.Cleaner(tags=allowed, attributes={}, link_rel=None)

    def step(text: str) -> str | None:
        return cleaner.clean(text).strip() or None

    return step


def collapse(context: MappingContext) -> Text:
    return lambda text: " ".join(text.split()) or None


def truncate(context: MappingContext, length: int, ellipsis: str = "") -> Text:
    def step(text: str) -> str | None:
        return text if len(text) <= length else cut(text, length - len(ellipsis)) + ellipsis

    return step


def cut(text: str, length: int) -> str:
    """At most `length` code points: up to a blank in the second half, else up to a whole character."""
    end = length
    if not text[end].isspace():
        blank = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
        end = blank if blank > length // 2 else end
    while end > 0 and end < len(text) and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f"):
        end -= 1
    return text[:end].rstrip(" \n,;:–—-")


def at_most(context: MappingContext, length: int) -> Text:
    return lambda text: text if len(text) <= length else None


def truncate_bytes(context: MappingContext, length: int) -> Text:
    def step(text: str) -> str | None:
        raw = text.encode()
        if len(raw) <= length:
            return text
        kept = raw[:length].decode(errors="ignore")
        while kept and unicodedata.combining(text[len(kept)]):
            kept = kept[:-1]
        return kept.rstrip() or None

    return step


def upper(context: MappingContext) -> Text:
    return str.upper


def lower(context: MappingContext) -> Text:
    return str.lower


def capitalise(context: MappingContext) -> Text:
    return lambda text: text[:1].upper() + text[1:]


def unshout(context: MappingContext) -> Text:
    """Short codes (`GPS`, `XL`) are no shouting: it takes a text of more than five characters."""
    return lambda text: text.capitalize() if len(text) > 5 and text.isupper() else text


def slug(context: MappingContext) -> Text:
    def step(text: str) -> str | None:
        folded = unicodedata.normalize("NFKD", str(text).lower().translate(_FOLDED)).encode("ascii", "ignore").decode()
        return _NOT_WORD.sub("-", folded).strip("-") or None

    return step


def prefix(context: MappingContext, before: str) -> Text:
    before = context.fill(before)
    return lambda text: f"{before}{text}"


def suffix(context: MappingContext, after: str) -> Text:
    after = context.fill(after)
    return lambda text: f"{text}{after}"


def replace(context: MappingContext, find: str, by: str) -> Text:
    return lambda text: text.replace(find, by) or None


def lines(context: MappingContext) -> Texts:
    def step(text: str) -> list[str] | None:
        entries = (_BULLET.sub("", " ".join(line.split())) for line in text.split("\n"))
        return [entry for entry in entries if entry] or None

    return step


def sentences(context: MappingContext) -> Texts:
    def step(text: str) -> list[str] | None:
        return [part for part in (" ".join(s.split()) for s in _SENTENCE_END.split(text)) if part] or None

    return step


def split(context: MappingContext, separator: str) -> Texts:
    return lambda text: [part for part in map(str.strip, text.split(separator)) if part] or None
