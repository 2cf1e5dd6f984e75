"""The rules behind families and family variants."""

from pim.base.errors import known
from pim.catalog.attribute_types import ATTRIBUTE_TYPES
from pim.catalog.broken_rules import Broken, add, check_known
from pim.catalog.model import Family, FamilyVariant, VariantAttributeSet
from pim.catalog.structure import Structure

LABEL_TYPES = frozenset({"pim_catalog_identifier", "pim_catalog_text", "pim_catalog_textarea"})
MAX_AXES = 5
MAX_LEVELS = 2
MOVED_UP = "moved_up"


def check_family(new: Family, old: Family | None, structure: Structure, broken: Broken) -> None:
    subject = f"family `{new.code}`"
    check_known("attributes", new.attributes, structure.attributes, "attribute", subject, broken)
    own = set(new.attributes)
    for field, types, wanted in (
        ("attribute_as_label", LABEL_TYPES, "a text, textarea or identifier"),
        ("attribute_as_image", {"pim_catalog_image"}, "an image"),
    ):
        code = getattr(new, field)
        if code is None:
            continue
        attribute = structure.attributes.get(code)
        if code not in own:
            add(
                broken, field, "not_in_family", f"{subject}: {field} `{code}` is not among its attributes; {known(own)}"
            )
        elif attribute and attribute.type not in types:
            add(broken, field, "wrong_type", f"{subject}: {field} `{code}` is a {attribute.type}; it must be {wanted}")
    for channel, required in new.attribute_requirements.items():
        path = f"attribute_requirements.{channel}"
        if channel not in structure.channels:
            channels = known(structure.channels)
            add(broken, path, "unknown_channel", f"{subject} requires for the channel `{channel}`; {channels}")
        for code in required:
            if code not in own:
                message = f"{subject} requires `{code}` for `{channel}`, but it is not among its attributes"
                add(broken, path, "not_in_family", message)
    if old is not None:
        _check_axes_stay(new, old, structure, subject, broken)


def _check_axes_stay(new: Family, old: Family, structure: Structure, subject: str, broken: Broken) -> None:
    gone = set(old.attributes) - set(new.attributes)
    for variant in structure.family_variants.get(new.code, {}).values():
        axes = {axis for level in variant.variant_attribute_sets for axis in level.axes}
        for code in sorted(axes & gone):
            message = f"{subject} cannot lose `{code}`: it is an axis of the family variant `{variant.code}`"
            add(broken, "attributes", "is_axis", message)


def check_family_variant(new: FamilyVariant, old: FamilyVariant | None, structure: Structure, broken: Broken) -> None:
    subject = f"family variant `{new.code}`"
    family = structure.families.get(new.family)
    if family is None:
        families = known(structure.families)
        add(
            broken,
            "family",
            "unknown_family",
            f"{subject} is of the family `{new.family}`, which does not exist; {families}",
        )
        return
    if any(new.code in variants for owner, variants in structure.family_variants.items() if owner != new.family):
        add(broken, "code", "taken", f"{subject}: another family has a variant of this code; choose another code")
    levels = new.variant_attribute_sets
    if [level.level for level in levels] != list(range(1, len(levels) + 1)) or not 1 <= len(levels) <= MAX_LEVELS:
        message = f"{subject} must have one or two attribute sets, with the levels 1 and 2"
        add(broken, "variant_attribute_sets", "bad_levels", message)
        return
    if old is not None and [s.axes for s in old.variant_attribute_sets] != [s.axes for s in levels]:
        add(broken, "variant_attribute_sets", "immutable", f"{subject}: its axes and levels cannot change")
    for level in levels:
        _check_axes(level, structure, subject, broken)
    _check_variant_attributes(new, family, structure, subject, broken)
    if old is not None:
        _check_moves(new, old, subject, broken)


def _check_axes(level: VariantAttributeSet, structure: Structure, subject: str, broken: Broken) -> None:
    path = f"variant_attribute_sets.{level.level}.axes"
    if not 1 <= len(level.axes) <= MAX_AXES or len(set(level.axes)) != len(level.axes):
        add(broken, path, "axis_count", f"{subject}, level {level.level}: give 1 to {MAX_AXES} different axes")
    for axis in level.axes:
        attribute = structure.attributes.get(axis)
        if attribute is None:
            add(broken, path, "unknown_attribute", f"{subject}: the axis `{axis}` is no attribute")
        elif not ATTRIBUTE_TYPES[attribute.type].can_be_axis:
            types = known(code for code, t in ATTRIBUTE_TYPES.items() if t.can_be_axis)
            add(broken, path, "axis_type", f"{subject}: `{axis}` is a {attribute.type} and cannot be an axis; {types}")
        elif attribute.localizable or attribute.scopable or attribute.available_locales or attribute.unique:
            message = f"{subject}: the axis `{axis}` may not be localizable, scopable, locale-specific or unique"
            add(broken, path, "axis_varies", message)


def _check_variant_attributes(
    new: FamilyVariant, family: Family, structure: Structure, subject: str, broken: Broken
) -> None:
    path = "variant_attribute_sets"
    placed: dict[str, int] = {}
    for level in new.variant_attribute_sets:
        for code in dict.fromkeys((*level.axes, *level.attributes)):
            if code not in family.attributes:
                message = f"{subject}: `{code}` is not in the family `{family.code}`; {known(family.attributes)}"
                add(broken, path, "not_in_family", message)
            if code in placed:
                message = f"{subject}: `{code}` is at level {placed[code]} and at level {level.level}; keep one"
                add(broken, path, "two_levels", message)
            placed[code] = level.level
    last = new.levels
    for code in family.attributes:
        attribute = structure.attributes.get(code)
        if code == structure.identifier_attribute:
            misplaced = placed.get(code, last) != last
        else:
            misplaced = attribute is not None and attribute.unique and placed.get(code) != last
        if misplaced:
            message = f"{subject}: the unique attribute `{code}` must be at the last level, {last}"
            add(broken, path, "unique_above_last", message)


def _check_moves(new: FamilyVariant, old: FamilyVariant, subject: str, broken: Broken) -> None:
    before, after = old.level_of, new.level_of
    for code, level in before.items():
        if after.get(code, 0) < level:
            message = f"{subject}: `{code}` cannot move up from level {level}; its variants' values would be lost"
            add(broken, "variant_attribute_sets", MOVED_UP, message)
