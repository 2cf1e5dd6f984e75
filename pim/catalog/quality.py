"""How well a product is described, for one channel and locale: a letter from A to E. Pure, its only definition.

The score is the mean of three shares, of which each counts as much as WEIGHTS says:

1. of the values that the channel requires, how many are filled (as completeness counts them);
2. of the family's other values, how many are filled;
3. of the texts that the channel shows, how many are without a flaw (FLAWS).

A share of nothing (no text, nothing required) does not count. 90 and more of 100 is A, 80 B, 70 C, 60 D, less is E.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from pim.catalog.completeness import Asked, Present, presence_of, values_asked
from pim.catalog.merge import data_at
from pim.catalog.model import Channel, Values
from pim.catalog.structure import Structure

WEIGHTS = (60, 20, 20)
"""Of required values, of others, of texts."""

LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "E"))

_TEXTS = frozenset({"pim_catalog_text", "pim_catalog_textarea"})
_PLACEHOLDER = re.compile(r"\W*(lorem ipsum\b.*|to ?do|tb[acd]|n/?a|xx+|test)?\W*", re.IGNORECASE | re.DOTALL)
_FEW_WORDS = 3
"""Names and marks are often the same, or in capitals, in every language: shorter texts are not held against anybody."""


@dataclass(frozen=True, slots=True)
class QualityScore:
    """`points` of 100."""

    scope: str
    locale: str
    points: int

    @property
    def letter(self) -> str:
        return next(letter for least, letter in LETTERS if self.points >= least)


def is_placeholder(text: str, elsewhere: Collection[str]) -> bool:
    """Stands where a text should: `TODO`, `n/a`, `Lorem ipsum …`, or only signs."""
    return _PLACEHOLDER.fullmatch(text) is not None


def is_shouted(text: str, elsewhere: Collection[str]) -> bool:
    return text.isupper() and len(text.split()) >= _FEW_WORDS


def is_untidy(text: str, elsewhere: Collection[str]) -> bool:
    """A blank at an edge, or two in a row."""
    return text != text.strip() or "  " in text


def is_untranslated(text: str, elsewhere: Collection[str]) -> bool:
    """The same words in another language."""
    return text in elsewhere and len(text.split()) >= _FEW_WORDS


FLAWS: tuple[Callable[[str, Collection[str]], bool], ...] = (is_placeholder, is_shouted, is_untidy, is_untranslated)
"""Each is asked of a text, with what the attribute says in other languages."""


def quality_scores(
    values: Values, identifier: str | None, family: str, structure: Structure, held: frozenset[str] | None = None
) -> list[QualityScore]:
    """For merged `values`, every channel and each of its locales, in the structure's order. `held` are the attributes
    that count, for a product model those of its levels; None: all of the family."""
    plans = _compiled.setdefault(structure, {})
    if (family, held) not in plans:
        plans[family, held] = list(_plans(family, structure, held))
    return [plan.score(values, identifier) for plan in plans[family, held]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What counts for one family, channel and locale."""

    scope: str
    locale: str
    required: list[Present]
    others: list[Present]
    texts: list[Asked]

    def score(self, values: Values, identifier: str | None) -> QualityScore:
        texts = [_is_sound(values, asked) for asked in self.texts if _text(values, asked) is not None]
        filled = ([check(values, identifier) for check in checks] for checks in (self.required, self.others))
        return QualityScore(self.scope, self.locale, _points([*filled, texts]))


_compiled: WeakKeyDictionary[Structure, dict[tuple[str, frozenset[str] | None], list[_Plan]]] = WeakKeyDictionary()


def _plans(family: str, structure: Structure, held: frozenset[str] | None) -> Iterable[_Plan]:
    codes = [code for code in structure.families[family].attributes if held is None or code in held]
    requirements = structure.families[family].attribute_requirements

    def asked(channel: Channel, locale: str, required: bool) -> list[Asked]:
        needed = requirements.get(channel.code, ())
        return values_asked([code for code in codes if (code in needed) == required], channel, locale, structure)

    for channel in structure.channels.values():
        for locale in channel.locales:
            required, others = asked(channel, locale, True), asked(channel, locale, False)
            texts = [one for one in (*required, *others) if structure.attributes[one.code].type in _TEXTS]
            needed, wanted = ([presence_of(one, structure) for one in ones] for ones in (required, others))
            yield _Plan(channel.code, locale, needed, wanted, texts)


def _points(shares: list[list[bool]]) -> int:
    """The weighted mean of the shares that are of something, rounded down; 100 where there is nothing to judge."""
    judged = [(weight, share) for weight, share in zip(WEIGHTS, shares, strict=True) if share]
    if not judged:
        return 100
    whole = sum(weight for weight, _ in judged)
    return int(100 * sum(weight * sum(share) / len(share) for weight, share in judged) / whole + 1e-9)


def _text(values: Values, asked: Asked) -> str | None:
    text = data_at(values.get(asked.code, ()), asked.locale, asked.scope)
    return text if isinstance(text, str) else None


def _is_sound(values: Values, asked: Asked) -> bool:
    text = _text(values, asked) or ""
    language = (asked.locale or "")[:2]
    elsewhere = frozenset(
        value["data"]
        for value in values.get(asked.code, ())
        if asked.locale is not None and value["scope"] == asked.scope and (value["locale"] or "")[:2] != language
    )
    return _judge(text, elsewhere)


@lru_cache(maxsize=4096)
def _judge(text: str, elsewhere: frozenset[str]) -> bool:
    return not any(flaw(text, elsewhere) for flaw in FLAWS)
