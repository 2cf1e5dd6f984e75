"""Texts as tokens: one way for both engines, for what is indexed and for what is asked.

1. Words are runs of letters or of digits: `150g` is two, `1,5` one number, `d'été` loses its elision.
2. Upper case and accents do not matter: `Réchaud` and `rechaud` are one word, and so are `œuf` and `oeuf`.
3. Words that say nothing (`de`, `the`) are left out.
4. What is left is cut back to its stem by the rules of the language: `tentes` and `tente` are one word.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its text patterns are older than Python's opinion of them
    from whoosh.lang import has_stemmer, has_stopwords, stemmer_for_language, stopwords_for_language

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=.)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_SAYING = {"fr": frozenset({"été", "étés"})}
"""In lists of words that say nothing, for another meaning that they have; so are sizes and units: S, M, L, g."""

MIN_STEMMED = 3
"""Letters; shorter words are kept whole."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands there, and its tokens. The first is the same however accents are typed; there
    is another where its accents tell more about its stem (`grillées`, `grillé`). None for a word that says nothing."""

    start: int
    end: int
    tokens: tuple[str, ...]


def language_of(locale: str) -> str:
    return locale.partition("_")[0].lower()


def words(text: str, language: str) -> Iterator[Word]:
    """The words of a text in order, those without meaning among them."""
    for found in _WORD.finditer(text):
        start, end = found.span()
        yield Word(start, end, tokens_of(found.group(), language))


@lru_cache(maxsize=200_000)
def tokens_of(word: str, language: str) -> tuple[str, ...]:
    """Of one word as `_WORD` finds it."""
    if word[0].isdigit():
        return (_number(word),)
    whole = word.lower()
    if language == "fr":
        whole = _ELISION.sub("", whole)
    whole = re.sub("['’]", "", _POSSESSIVE.sub("", whole))
    if whole in _stop_words(language):
        return ()
    plain = stem(fold(whole), language)
    accented = fold(stem(unicodedata.normalize("NFC", whole), language))
    return (plain,) if accented == plain else (plain, accented)


def stem(word: str, language: str) -> str:
    """As Snowball cuts it; for French also without the `s` that Snowball leaves on `vélos`."""
    if len(word) <= MIN_STEMMED or not has_stemmer(language):
        return word
    if language == "fr" and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    cut: str = stemmer_for_language(language)(word)
    return cut or word


def fold(text: str) -> str:
    """Lower case, without accents, ligatures taken apart."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).translate(_LIGATURES)


def index_tokens(texts: Sequence[str], language: str, barrier: str) -> list[str]:
    """What an index keeps of some texts: the tokens in order, and behind them those that help to find them."""
    kept: list[str] = []
    others: list[str] = []
    for text in texts:
        if kept:
            kept.append(barrier)
        for word in words(text, language):
            kept.extend(word.tokens[:1])
            others.extend(word.tokens[1:])
    return [*kept, barrier, *others] if others else kept


def code_token(text: str) -> str:
    """An identifier without what stands between its letters and digits: `TEN-BIV2` and `ten biv2` are one."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _number(written: str) -> str:
    """`1,5` and `1.50` are one number; what has several separators is kept as digits."""
    parts = re.split("[.,]", written)
    if len(parts) > 2:
        return "".join(parts)
    whole, fraction = parts[0], (parts[1] if len(parts) == 2 else "").rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    found = stopwords_for_language(language) if has_stopwords(language) else ()
    listed = {word.lower() for word in found}
    return frozenset(word for word in listed if len(word) > 1 or word in "aàyi") - _SAYING.get(language, frozenset())
