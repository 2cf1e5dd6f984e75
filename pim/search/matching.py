"""Words and phrases as questions to an index: what somebody typed, in all the fields that they see.

A word that no text holds is taken for the beginning of one, and else for one with a mistake in it. What says nothing
in one of the languages (`de`, `the`) is passed over, and told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pim.search.analysis import MIN_STEMMED, code_token, language_of, tokens_of, words
from pim.search.followed_index import OpenIndex
from pim.search.model import CODE, LABEL, LONG, SHORT, AllOf, AnyOf, Field, Node, Phrase, Prefix, Term
from pim.search.query_language import ParsedQuery, Typed
from pim.search.spelling import beginning_with, near

BOOSTS = {CODE: 12.0, LABEL: 4.0, SHORT: 1.5, LONG: 0.5}
_BEGINNINGS = 30
_CODE_BEGINS = 3
"""Characters from which on something may be the beginning of a code."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was typed, and the tokens that were searched in its place."""

    typed: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """`node` is None where nothing that was typed says anything. `tokens` are those to look for in the texts of what is
    found, by language."""

    node: Node | None
    corrections: tuple[Correction, ...] = ()
    ignored: tuple[str, ...] = ()
    tokens: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()


def matching(parsed: ParsedQuery, opened: OpenIndex, fields: Sequence[Field]) -> Matching:
    """`fields` are those that may be looked into."""
    asked = _Asked(opened, fields)
    spelt_out = asked.spelt_out(parsed.wanted)
    wanted = [node for one in parsed.wanted if (node := asked.node(one, not spelt_out)) is not None]
    if spelt_out:
        wanted = [AnyOf((AllOf(tuple(wanted)), *spelt_out))]
    never = [node for one in parsed.never if (node := asked.node(one, forgiving=False)) is not None]
    node = AllOf(tuple(wanted), tuple(never)) if wanted or never else None
    return Matching(
        node, tuple(asked.corrections), tuple(asked.ignored), frozenset(asked.tokens), frozenset(asked.beginnings)
    )


NO_WORDS = Matching(None)


class _Asked:
    def __init__(self, opened: OpenIndex, fields: Sequence[Field]) -> None:
        self._opened = opened
        self._codes = [field for field in fields if field.rank == CODE]
        self._texts = [field for field in fields if field.rank != CODE]
        self._languages = list(dict.fromkeys(language_of(field.locale) for field in self._texts))
        self.corrections: list[Correction] = []
        self.ignored: list[str] = []
        self.tokens: set[str] = set()
        self.beginnings: set[str] = set()

    def node(self, typed: Typed, forgiving: bool = True) -> Node | None:
        """None for what says nothing."""
        says = [bool(_tokens(typed.text, language)) for language in self._languages]
        if not typed.is_phrase and says and not all(says):
            self.ignored.append(typed.text)
            return None
        found = [node for node in (*self._code(typed), *self._written(typed)) if self._occurs(node)]
        if typed.beginning:
            found += self._completed(typed)
        if not found and forgiving and not typed.is_phrase:
            found = self._completed(typed) or self._corrected(typed)
        return AnyOf(tuple(found))

    def spelt_out(self, typed: Sequence[Typed]) -> list[Node]:
        """Words that are together the identifier of something: `TEN BIV2 VRT`."""
        if len(typed) < 2 or any(one.is_phrase for one in typed):
            return []
        together = Typed("-".join(one.text for one in typed))
        return [node for node in self._code(together) if isinstance(node, Term) and self._occurs(node)]

    def _code(self, typed: Typed) -> Iterator[Node]:
        token = code_token(typed.text)
        for field in self._codes if token else ():
            yield Term(field.name, token, BOOSTS[CODE])
            if len(token) >= _CODE_BEGINS and (typed.beginning or not typed.text.isalpha()):
                yield Prefix(field.name, token, BOOSTS[CODE] / 2)

    def _written(self, typed: Typed) -> Iterator[Node]:
        """In each field its words as they stand, one behind the other."""
        for field in self._texts:
            found = _tokens(typed.text, language_of(field.locale))
            boost = BOOSTS[field.rank]
            if len(found) > 1:
                whole = typed.is_phrase or all(len(one[0]) >= MIN_STEMMED for one in found)
                self.tokens.update(one[0] for one in found if whole)
                yield Phrase(field.name, tuple(one[0] for one in found), boost)
            elif found:
                self.tokens.update(found[0])
                yield from (Term(field.name, token, boost) for token in found[0])

    def _completed(self, typed: Typed) -> list[Node]:
        """The words that it may be the beginning of."""
        nodes: list[Node] = []
        for field in self._texts:
            for beginning in _beginnings(typed.text, language_of(field.locale)):
                found = beginning_with(self._opened, field.name, beginning, _BEGINNINGS)
                nodes += [Term(field.name, token, BOOSTS[field.rank]) for token in found]
                if found:
                    self.beginnings.add(beginning)
        return nodes

    def _corrected(self, typed: Typed) -> list[Node]:
        nodes: list[Node] = []
        tokens: dict[str, None] = {}
        for language in self._languages:
            found = _tokens(typed.text, language)
            if len(found) != 1:
                continue
            fields = [field for field in self._texts if language_of(field.locale) == language]
            instead = near(self._opened, [field.name for field in fields], found[0][0])
            nodes += [Term(field.name, token, BOOSTS[field.rank]) for field in fields for token in instead]
            tokens |= dict.fromkeys(instead)
        if tokens:
            self.corrections.append(Correction(typed.text, tuple(tokens)))
            self.tokens.update(tokens)
        return nodes

    def _occurs(self, node: Node) -> bool:
        index = self._opened.index
        match node:
            case Term(field, token):
                return index.frequency(field, token) > 0
            case Prefix(field, beginning):
                return bool(index.tokens(field, beginning, 1))
            case Phrase(field, tokens):
                return all(index.frequency(field, token) > 0 for token in tokens)
        return True


def _tokens(text: str, language: str) -> list[tuple[str, ...]]:
    """Of each word that says something."""
    return [word.tokens for word in words(text, language) if word.tokens]


def _beginnings(text: str, language: str) -> list[str]:
    """A beginning is cut back to a stem where it is one already: `bouteill` finds what `bouteille` is indexed as."""
    found = list(words(text, language))
    if len(found) != 1:
        return []
    word = text[found[0].start : found[0].end]
    letters = code_token(word)
    return list(dict.fromkeys([letters, *tokens_of(word, language)])) if len(letters) >= 2 else []
