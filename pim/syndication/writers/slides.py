"""Which products the screens of a store show, and in which order: reductions first, then what the shop recommends.

A slide is one root (a jacket, not each of its sizes). Items come root after root, so only the best of them are kept.
"""

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any

from pim.syndication.model import Item
from pim.syndication.writers.offer import Offer, offer_of

SALE, HIGHLIGHT, OTHER = "sale", "highlight", "other"
SPARE = 2
"""Candidates kept for each slide wanted, since a picture may turn out to be missing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`item` speaks for its root. `is_from` tells that its price is the lowest of several; `axes` are the variant's
    values that all those share (a colour on sale in every size)."""

    kind: str
    item: Item
    offer: Offer
    is_from: bool
    axes: tuple[dict[str, Any], ...]

    @property
    def rank(self) -> tuple[int, bool, str, str]:
        """Largest reduction first; then those with a line of their own; then an order without meaning, the same in
        every run but other than the catalogue's, so that not all slides come from one shelf."""
        mixed = hashlib.sha256(self.item.root_key.encode()).hexdigest()
        return (-(self.offer.percent or 0), "tagline" not in self.item.fields, mixed, self.item.root_key)


def candidates(items: Iterable[Item]) -> Iterator[Candidate]:
    """One a root that has a picture."""
    for _, variants in groupby(items, key=lambda item: item.root_key):
        pictured = [(item, offer_of(item.fields)) for item in variants if "image" in item.fields]
        if pictured:
            yield _candidate(pictured)


def _candidate(variants: list[tuple[Item, Offer]]) -> Candidate:
    reduced = [(item, offer) for item, offer in variants if offer.percent]
    shown = reduced or variants
    item, offer = min(shown, key=lambda pair: (-(pair[1].percent or 0), pair[1].selling))
    recommended = any("highlight" in item.fields for item, _ in variants)
    return Candidate(
        kind=SALE if reduced else HIGHLIGHT if recommended else OTHER,
        item=item,
        offer=offer,
        is_from=any(other.selling > offer.selling for _, other in shown),
        axes=tuple(_shared_axes([item for item, _ in shown], item)),
    )


def _shared_axes(items: list[Item], of: Item) -> Iterator[dict[str, Any]]:
    for axis in of.fields.get("variant", ()):
        if all(axis in item.fields.get("variant", ()) for item in items):
            yield axis


def best(items: Iterable[Item], wanted: int) -> list[Candidate]:
    """Up to `wanted` and as many to spare: at most two thirds reductions while there is something else to show, the
    two kinds taking turns."""
    kept: dict[str, list[Candidate]] = {SALE: [], HIGHLIGHT: [], OTHER: []}
    for batch in _batches(candidates(items), 64):
        for kind, chosen in kept.items():
            found = [candidate for candidate in batch if candidate.kind == kind]
            chosen[:] = heapq.nsmallest(wanted * SPARE, [*chosen, *found], key=lambda candidate: candidate.rank)
    sales, others = kept[SALE], [*kept[HIGHLIGHT], *kept[OTHER]]
    first = wanted * 2 // 3
    turns = zip_longest(sales[:first], others[: wanted - min(first, len(sales))])
    ordered = [candidate for turn in turns for candidate in turn if candidate is not None]
    spare = [*sales, *others]
    ordered += [candidate for candidate in spare if candidate not in ordered]
    return ordered[: wanted * SPARE]


def _batches(found: Iterable[Candidate], size: int) -> Iterator[list[Candidate]]:
    batch: list[Candidate] = []
    for candidate in found:
        batch.append(candidate)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
