"""Headers of sheets taken apart: the words in them, and the units, currencies, languages and channels they hint at."""

import re
from dataclasses import dataclass

from pim.catalog.structure import Structure
from pim.intake.sheets.folding import folded

CURRENCY_SIGNS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "$": "USD"}
_LANGUAGES = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en", "allemand": "de", "german": "de"}


@dataclass(frozen=True, slots=True)
class Header:
    """A header taken apart: `words` without what stands in brackets or is a unit, a currency or a language."""

    words: str
    hints: frozenset[str]

    def locale(self, structure: Structure) -> str | None:
        for locale in sorted(structure.active_locales):
            language = locale.partition("_")[0]
            if {folded(locale), language} & self.hints or any(_LANGUAGES.get(h) == language for h in self.hints):
                return locale
        return None

    def scope(self, structure: Structure) -> str | None:
        for channel in structure.channels.values():
            if self.hints & {folded(channel.code), *map(folded, channel.labels.values())}:
                return channel.code
        return None

    def currency(self, structure: Structure) -> str | None:
        named = (CURRENCY_SIGNS.get(hint, hint.upper()) for hint in sorted(self.hints))
        return next((code for code in named if code in structure.active_currencies), None)


def taken_apart(name: str, structure: Structure) -> Header:
    text = folded(name)
    hints = {part.strip() for group in re.findall(r"[(\[]([^)\]]*)[)\]]", text) for part in re.split(r"[,/ ]", group)}
    words = re.sub(r"[(\[][^)\]]*[)\]]", " ", text)
    kept: list[str] = []
    for word in plain(words).split():
        is_hint = word in CURRENCY_SIGNS or word in _LANGUAGES or word.upper() in structure.active_currencies
        is_locale = any(word in (folded(locale), locale.partition("_")[0]) for locale in structure.active_locales)
        (hints.add if (is_hint or is_locale) and len(words.split()) > 1 else kept.append)(word)
    return Header(" ".join(kept), frozenset(hints - {""}))


def plain(text: str) -> str:
    return " ".join(re.sub(r"[_:.*#/-]", " ", text).split())
