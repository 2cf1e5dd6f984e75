"""What is shown of a product that was found: its label, and where its texts say what was asked."""

import html
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pim.catalog.model import Document
from pim.catalog.structure import Structure
from pim.search.analysis import fold, language_of, words
from pim.search.documents import plain
from pim.search.matching import Correction, Matching

_AROUND = 70
_MOST_HIGHLIGHTS = 4
_READ = {"pim_catalog_text", "pim_catalog_textarea"}


@dataclass(frozen=True, slots=True)
class Highlight:
    """Part of a text as HTML: `<em>` around each word that was asked for, everything else escaped."""

    attribute: str
    locale: str | None
    html: str


def label_of(document: Document, structure: Structure, locale: str | None, locales: Sequence[str]) -> str:
    """In the locale, else in the first that has one, else what the product is called by."""
    family = structure.families.get(document.get("family") or "")
    values = document["values"].get(family.attribute_as_label, ()) if family and family.attribute_as_label else ()
    by_locale = {value["locale"]: str(value["data"]) for value in values}
    for one in (locale, None, *locales):
        if by_locale.get(one):
            return by_locale[one]
    return document.get("identifier") or document.get("uuid") or ""


def highlights(document: Document, structure: Structure, matched: Matching, locales: Sequence[str]) -> list[Highlight]:
    """Of the texts of a document as its reader sees it, those of labels first."""
    found: list[Highlight] = []
    for attribute, locale, text in _texts(document, structure, locales):
        if shown := _marked(text, matched, [locale] if locale else locales):
            found.append(Highlight(attribute, locale, shown))
            if len(found) == _MOST_HIGHLIGHTS:
                break
    return found


def surface(correction: Correction, documents: Sequence[Document], structure: Structure, locales: Sequence[str]) -> str:
    """How people write the word that was taken for a mistyped one: as the products found do."""
    for document in documents:
        for _, locale, text in _texts(document, structure, locales):
            for language in _languages([locale] if locale else locales):
                for word in words(text, language):
                    if not set(word.tokens).isdisjoint(correction.tokens):
                        return text[word.start : word.end].lower()
    return correction.tokens[0]


def words_beginning(
    beginning: str, documents: Sequence[Document], structure: Structure, locales: Sequence[str]
) -> list[str]:
    """The words of these products that begin so, as they are written; those that most of them have first."""
    wanted, counts = fold(beginning), dict[str, int]()
    for document in documents:
        own = {
            text[word.start : word.end].lower()
            for _, locale, text in _texts(document, structure, locales)
            for word in words(text, language_of(locale or locales[0]))
        }
        for word in own:
            if fold(word).startswith(wanted):
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))


def _texts(document: Document, structure: Structure, locales: Collection[str]) -> Iterator[tuple[str, str | None, str]]:
    """(attribute, locale, text) of all texts in these locales, short ones first."""
    family = structure.families.get(document.get("family") or "")
    label = family.attribute_as_label if family else None
    values: Mapping[str, Sequence[Mapping[str, object]]] = document["values"]
    codes = [code for code in values if code in structure.attributes and structure.attributes[code].type in _READ]
    codes.sort(key=lambda code: (code != label, structure.attributes[code].type))
    for code in codes:
        for value in values[code]:
            locale = value["locale"]
            if locale is None or locale in locales:
                yield code, str(locale) if locale else None, plain(str(value["data"]))


def _marked(text: str, matched: Matching, locales: Sequence[str]) -> str:
    """Empty where nothing is to be marked."""
    places = sorted({place for language in _languages(locales) for place in _places(text, matched, language)})
    if not places:
        return ""
    start = _start(text, places[0][0])
    end = _end(text, max(places[0][1], start) + _AROUND)
    parts, at = ["…" if start else ""], start
    for first, last in places:
        if first >= at and last <= end:
            parts += [html.escape(text[at:first]), f"<em>{html.escape(text[first:last])}</em>"]
            at = last
    return "".join([*parts, html.escape(text[at:end]), "…" if end < len(text) else ""])


def _places(text: str, matched: Matching, language: str) -> Iterator[tuple[int, int]]:
    for word in words(text, language):
        if not matched.tokens.isdisjoint(word.tokens) or any(
            token.startswith(beginning) for token in word.tokens for beginning in matched.beginnings
        ):
            yield word.start, word.end


def _start(text: str, at: int) -> int:
    """Some words before, from a whole one on."""
    if at <= _AROUND:
        return 0
    return text.rfind(" ", 0, at - _AROUND) + 1 or at


def _end(text: str, at: int) -> int:
    return len(text) if at >= len(text) else max(text.rfind(" ", 0, at + 1), at - _AROUND)


def _languages(locales: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(language_of, locales)))
