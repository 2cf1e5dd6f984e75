"""What a user sees of the log: their limits, in the terms of its queries."""

from pim.access.model import User
from pim.access.permissions import visible_attributes, visible_categories
from pim.catalog.linked import ATTRIBUTE_KINDS
from pim.catalog.structure import Structure
from pim.versioning.sight import Sight


def sight_of(user: User, structure: Structure) -> Sight:
    """Groups keep attributes of products apart; those of records and assets are in none."""
    codes = visible_attributes(user, structure)
    attributes = None
    if codes is not None:
        seen = (e for e in structure.entities.values() if e.kind in ATTRIBUTE_KINDS)
        attributes = frozenset(e.id for e in seen if e.kind != "attribute" or e.code in codes)
    return Sight(attributes, user.view.locales, visible_categories(user, structure))
