"""Names with dots: `brand.story` is the attribute `story` of the record that a product's `brand` links to.

`$main_media` stands for whichever attribute the asset family shows its assets by: `packshots.$main_media`.
"""

from pim.catalog.linked import target_of
from pim.catalog.model import ASSET, Attribute
from pim.catalog.structure import Structure

MAIN_MEDIA = "$main_media"


def attribute_path(name: str, structure: Structure) -> tuple[Attribute, ...]:
    """The attribute of products and, behind each dot, that of what the one before links to; () when the catalogue lacks
    any of them."""
    first, *rest = name.split(".")
    attribute: Attribute | None = structure.attributes.get(first)
    path: list[Attribute] = []
    while attribute is not None:
        path.append(attribute)
        if not rest:
            return tuple(path)
        attribute = _behind(attribute, rest.pop(0), structure)
    return ()


def _behind(attribute: Attribute, code: str, structure: Structure) -> Attribute | None:
    target = target_of(attribute)
    if target is None:
        return None
    kind, owner = target
    if code == MAIN_MEDIA:
        family = structure.asset_families.get(owner) if kind == ASSET else None
        code = (family.attribute_as_main_media or "") if family else ""
    return structure.owned_attributes.get(target, {}).get(code)
