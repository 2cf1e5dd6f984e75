"""Which attributes can be found by words, and in which fields of an index their texts are."""

from collections.abc import Collection, Iterator

from pim.catalog.linked import target_of
from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.search.model import CODE, LABEL, LONG, SHORT, Field

EVERYBODY = ""
"""The group of what is no value of an attribute: codes, labels of families and categories."""

_MEASURED = frozenset({"pim_catalog_number", "pim_catalog_metric"})
_NAMED = frozenset(
    {
        "pim_catalog_simpleselect", "pim_catalog_multiselect",
        "pim_reference_data_simpleselect", "pim_reference_data_multiselect",
    }
)  # fmt: skip


def rank_of(attribute: Attribute, structure: Structure) -> str | None:
    """None where its values are not searched by words. Unique texts (EAN) are codes; numbers and measures count when
    people filter by them."""
    match attribute.type:
        case "pim_catalog_text":
            if attribute.unique:
                return CODE
            return LABEL if attribute.code in label_attributes(structure) else SHORT
        case "pim_catalog_textarea":
            return LONG
    if attribute.type in _NAMED or target_of(attribute) is not None:
        return SHORT
    return SHORT if attribute.type in _MEASURED and attribute.useable_as_grid_filter else None


def label_attributes(structure: Structure) -> frozenset[str]:
    return frozenset(family.attribute_as_label for family in structure.families.values() if family.attribute_as_label)


def fields_of(structure: Structure, ranks: Collection[str]) -> list[Field]:
    """All that an index of this structure has, of the ranks that its engine keeps, in order of their names."""
    found = {Field(CODE, EVERYBODY, "")}
    found |= {Field(SHORT, EVERYBODY, locale) for locale in structure.active_locales}
    for attribute in structure.attributes.values():
        found.update(_fields_for(attribute, structure))
    return sorted((field for field in found if field.rank in ranks), key=lambda field: field.name)


def _fields_for(attribute: Attribute, structure: Structure) -> Iterator[Field]:
    rank, group = rank_of(attribute, structure), attribute.group or EVERYBODY
    if rank is None:
        return
    if attribute.type == "pim_catalog_text":
        yield Field(CODE, group, "")
    if rank != CODE:
        yield from (Field(rank, group, locale) for locale in structure.active_locales)
