"""Products like one: those that share the words which few others have."""

import math
from collections.abc import Collection, Sequence

from pim.search.followed_index import OpenIndex
from pim.search.matching import BOOSTS
from pim.search.model import BARRIER, CODE, LONG, AllOf, AnyOf, Field, Hits, Node, SearchDocument, Term

_MOST_TERMS = 24
_LEAST_SHARED = 2
"""Documents that hold a word: what nobody else says makes nothing alike."""


def similar(
    opened: OpenIndex, document: SearchDocument, fields: Sequence[Field], limit: int,
    within: Collection[int] | None = None,
) -> Hits:  # fmt: skip
    """Without the product itself, the most alike first."""
    terms = _telling_terms(opened, document, fields)
    if not terms:
        return Hits((), 0)
    found = opened.index.query(AllOf((AnyOf(tuple(terms)),)), limit + 1, 0, within)
    others = tuple(hit for hit in found.ranked if hit[0] != document.id)
    return Hits(others[:limit], found.count)


def _telling_terms(opened: OpenIndex, document: SearchDocument, fields: Sequence[Field]) -> list[Node]:
    """The rarest shared words count most."""
    total = opened.index.count()
    weighed: list[tuple[float, Term]] = []
    for field in fields:
        if field.rank in (CODE, LONG):
            continue
        for token in set(document.tokens.get(field.name, ())) - {BARRIER}:
            held = opened.index.frequency(field.name, token)
            if held >= _LEAST_SHARED:
                boost = BOOSTS[field.rank]
                weighed.append((boost * math.log(1 + total / held), Term(field.name, token, boost)))
    weighed.sort(key=lambda one: (-one[0], one[1].field, one[1].token))
    return [term for _, term in weighed[:_MOST_TERMS]]
