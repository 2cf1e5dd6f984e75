"""Completeness of what a changeset changes, and of the variants below the product models that it changes.

It is worked out before the head is locked. Once the head is locked, nobody else changes anything, and only what others
changed in between is worked out again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from pim.catalog import store
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.tables import ProductRow
from pim.versioning.rows import completeness_row
from pim.versioning.staging import ProductEdits, Staged


@dataclass(slots=True)
class Ratings:
    """`rows` by product; `below` are the revisions at which the variants below changed product models were read."""

    rows: dict[int, tuple[int, str]]
    below: dict[int, int]


def rate(edits: ProductEdits, staged: Sequence[Staged]) -> Ratings:
    """`staged` are the edits that come to something."""
    written = [s.new for s in staged if s.new and s.new.kind == PRODUCT]
    rows = {e.id: completeness_row(e, edits.ancestors(e), edits.structure) for e in written}
    ratings = Ratings(rows, _variants_below(edits, staged, rows))
    _rate_variants(edits, ratings, ratings.below)
    return ratings


def rate_again(edits: ProductEdits, staged: Sequence[Staged], ratings: Ratings) -> Ratings:
    """`ratings` as they are now that the head is locked."""
    if edits.refresh_models():
        return rate(edits, staged)
    below = _variants_below(edits, staged, ratings.rows.keys() - ratings.below.keys())
    for gone in ratings.below.keys() - below.keys():
        del ratings.rows[gone]
    _rate_variants(edits, ratings, [one for one, revision in below.items() if ratings.below.get(one) != revision])
    return ratings


def _rate_variants(edits: ProductEdits, ratings: Ratings, ids: Collection[int]) -> None:
    for variant in store.products(edits.session, store.among(col(ProductRow.id), list(ids))) if ids else ():
        edits.load_ancestors(variant)
        ratings.rows[variant.id] = completeness_row(variant, edits.ancestors(variant), edits.structure)


def _variants_below(edits: ProductEdits, staged: Sequence[Staged], written: Collection[int]) -> dict[int, int]:
    """Id → revision of the variants that are not written themselves, but a product model above them is."""
    models = [s.new for s in staged if s.old and s.new and s.new.kind == PRODUCT_MODEL]
    if not models:
        return {}
    roots = {f"{PRODUCT_MODEL}/{(*edits.ancestors(model), model)[0].code}" for model in models}
    query = select(col(ProductRow.id), col(ProductRow.revision)).where(store.among(col(ProductRow.root_key), roots))
    return {row.id: row.revision for row in edits.session.execute(query) if row.id not in written}
