"""Resources inside others: is that other one there?"""

from pim.base.errors import NotFound
from pim.catalog.model import OWNED_KINDS
from pim.catalog.structure import Structure

_KIND_OF_OWNER = {
    "attribute_option": "attribute",
    "reference_entity_attribute_option": "reference_entity_attribute",
    "asset_family_attribute_option": "asset_family_attribute",
}
"""Where the owner is not of the kind that its field is called after."""


def check_owner(structure: Structure, kind: str, owner: str) -> None:
    """Raises NotFound when nothing of this name can have entities of `kind`."""
    if kind not in OWNED_KINDS:
        return
    owner_kind = _KIND_OF_OWNER.get(kind, OWNED_KINDS[kind][0])
    above, _, code = owner.rpartition("/")
    if (owner_kind, above, code) not in structure.entities:
        what = owner_kind.replace("_", " ").capitalize()
        where = f" in `{above}`" if above else ""
        raise NotFound(f"{what} `{code}` does not exist{where}")
