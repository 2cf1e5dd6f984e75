"""Asking for product link rules to be carried out, in the transaction that makes assets."""

from collections.abc import Iterable

from sqlmodel import Session

from pim.base.jobs import defer_job
from pim.catalog.model import ASSET
from pim.catalog.structure import Structure
from pim.versioning.model import Origin
from pim.versioning.staging import Staged

LINK_PRODUCTS = "link_products"


def defer_links(
    session: Session, linked: Iterable[Staged], structure: Structure, origin: Origin, revision: int
) -> None:
    """`linked` are the records and assets of the changeset. A revert brings links back by itself."""
    made = {one.new.owner for one in linked if one.old is None and one.new is not None and one.new.kind == ASSET}
    if origin.source != "revert" and any(structure.asset_families[owner].product_link_rules for owner in made):
        defer_job(session, LINK_PRODUCTS, {"revision": revision}, by=origin.author, lock=LINK_PRODUCTS)
