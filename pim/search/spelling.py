"""Words that nobody wrote: what they may begin, and what they may be instead."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pim.search.followed_index import OpenIndex

MIN_FORGIVEN = 4
"""Letters; in shorter words any other word is near."""
_LETTERS_A_MISTAKE = 4
_MOST_WORDS = 20_000
_MOST_NEAR = 6

Found = dict[str, int]
"""Token → how many documents hold it."""


def mistakes_forgiven(token: str) -> int:
    """One in a word of four letters, two from eight on; none in numbers."""
    if len(token) < MIN_FORGIVEN or token[0].isdigit():
        return 0
    return min(len(token) // _LETTERS_A_MISTAKE, 2)


def near(opened: OpenIndex, fields: Sequence[str], token: str) -> list[str]:
    """The nearest tokens there are in these fields, of those about as near the usual ones. The first letter has to be
    right, or the first two exchanged."""
    allowed = mistakes_forgiven(token)
    if not allowed:
        return []
    held: Found = {}
    for field in fields:
        for first in {token[0], token[1]}:
            for word, count in vocabulary(opened, field, first):
                held[word] = held.get(word, 0) + count
    found = process.extract(token, held.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=None)
    found = [one for one in found if any(opened.index.frequency(field, one[0]) for field in fields)]
    nearest = min((distance for _, distance, _ in found), default=0)
    best = [word for word, distance, _ in found if distance == nearest]
    often = max((held[word] for word in best), default=0)
    return sorted(word for word in best if 2 * held[word] >= often)[:_MOST_NEAR]


def vocabulary(opened: OpenIndex, field: str, first: str) -> Sequence[tuple[str, int]]:
    """The tokens of a field that begin with a letter, remembered. Some of them nobody may say any more."""
    known = opened.vocabulary.get((field, first))
    if known is None:
        known = opened.vocabulary[field, first] = opened.index.tokens(field, first, _MOST_WORDS)
    return known


def beginning_with(opened: OpenIndex, field: str, beginning: str, limit: int) -> list[str]:
    """Of the tokens of a field that begin so, those that occur most; none where nobody says any of them any more."""
    if not beginning:
        return []
    known = [one for one in vocabulary(opened, field, beginning[0]) if one[0].startswith(beginning)]
    known.sort(key=lambda one: (-one[1], one[0]))
    found = [word for word, _ in known[:limit]]
    return found if any(opened.index.frequency(field, word) for word in found) else []
