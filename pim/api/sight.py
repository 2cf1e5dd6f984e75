"""What a user sees of the log: their limits, in the terms of its queries."""

from pim.access.model import User
from pim.access.permissions import visible_attributes, visible_categories
from pim.catalog.structure import Structure
from pim.versioning.sight import Sight


def sight_of(user: User, structure: Structure) -> Sight:
    codes = visible_attributes(user, structure)
    attributes = None if codes is None else frozenset(structure.id_of("attribute", code) for code in codes)
    return Sight(attributes, user.view.locales, visible_categories(user, structure))
