"""The rules behind every document of the structure, all violations at once.

Each check gets the document that would be stored, the one stored now (None for a creation) and the structure around it.
"""

import re
from collections.abc import Callable
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.asset_rules import check_asset_family
from pim.catalog.attribute_rules import check_attribute, check_attribute_group, check_attribute_option
from pim.catalog.attribute_types import parse_decimal
from pim.catalog.broken_rules import CODE, Broken, add, check_immutable, check_known, check_labels
from pim.catalog.family_rules import check_family, check_family_variant
from pim.catalog.linked_rules import check_linked_attribute, check_linked_option, check_reference_entity
from pim.catalog.model import (
    AssociationType,
    Category,
    Channel,
    Currency,
    Group,
    GroupType,
    Locale,
    MeasurementFamily,
    UnitOperation,
)
from pim.catalog.structure import Structure

CODE_WITH_HYPHENS = re.compile(r"[a-zA-Z0-9_\-]{1,255}", re.ASCII)
OPERATORS = ("mul", "div", "add", "sub")
_NEUTRAL = {"mul": 1, "div": 1, "add": 0, "sub": 0}


def check_category(new: Category, old: Category | None, structure: Structure, broken: Broken) -> None:
    subject = f"category `{new.code}`"
    if new.parent is None:
        return
    if new.parent not in structure.categories:
        add(broken, "parent", "unknown_category", f"{subject} has the parent `{new.parent}`, which does not exist")
        return
    if new.code in {category.code for category in structure.category_path(new.parent)} or new.parent == new.code:
        add(broken, "parent", "cycle", f"{subject} cannot be below itself: `{new.parent}` is under it")
    channels = sorted(channel.code for channel in structure.channels.values() if channel.category_tree == new.code)
    if channels:
        message = f"{subject} is the tree of channels ({', '.join(channels)}): give them another tree first"
        add(broken, "parent", "is_tree", message)


def check_channel(new: Channel, old: Channel | None, structure: Structure, broken: Broken) -> None:
    subject = f"channel `{new.code}`"
    check_known("locales", new.locales, structure.locales, "locale", subject, broken, at_least_one=True)
    active = structure.active_currencies
    check_known("currencies", new.currencies, active, "active currency", subject, broken, at_least_one=True)
    tree = structure.categories.get(new.category_tree)
    if tree is None or tree.parent is not None:
        trees = known(code for code in structure.children.get(None, ()))
        message = f"{subject} has the category tree `{new.category_tree}`, which is no root of a tree; {trees}"
        add(broken, "category_tree", "unknown_tree", message)
    for code, unit in new.conversion_units.items():
        attribute = structure.attributes.get(code)
        family = structure.measurement_families.get(attribute.metric_family or "") if attribute else None
        path = f"conversion_units.{code}"
        if family is None:
            add(broken, path, "not_a_metric", f"{subject} converts `{code}`, which is no metric attribute")
        elif unit not in family.units:
            message = f"{subject} converts `{code}` to `{unit}`, which is not of {family.code}; {known(family.units)}"
            add(broken, path, "unknown_unit", message)


def check_locale(new: Locale, old: Locale | None, structure: Structure, broken: Broken) -> None:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Za-z0-9]{2,8}){1,3}", new.code):
        add(broken, "code", "not_a_locale", f"locale `{new.code}` is not a locale; write it like fr_FR")


def check_currency(new: Currency, old: Currency | None, structure: Structure, broken: Broken) -> None:
    if not re.fullmatch(r"[A-Z]{3}", new.code):
        add(broken, "code", "not_a_currency", f"currency `{new.code}` is not an ISO 4217 code; write it like EUR")
    if not new.enabled:
        used = sorted(channel.code for channel in structure.channels.values() if new.code in channel.currencies)
        if used:
            message = f"currency `{new.code}` cannot be switched off: channels use it ({', '.join(used)})"
            add(broken, "enabled", "in_use", message)


def check_association_type(
    new: AssociationType, old: AssociationType | None, structure: Structure, broken: Broken
) -> None:
    subject = f"association type `{new.code}`"
    if new.is_quantified and new.is_two_way:
        add(broken, "is_two_way", "two_natures", f"{subject} is quantified or two-way, not both")
    check_immutable(new, old, ("is_quantified", "is_two_way"), subject, broken)


def check_group_type(new: GroupType, old: GroupType | None, structure: Structure, broken: Broken) -> None:
    """Nothing beyond its code and labels."""


def check_group(new: Group, old: Group | None, structure: Structure, broken: Broken) -> None:
    subject = f"group `{new.code}`"
    if new.type not in structure.group_types:
        types = known(structure.group_types)
        add(broken, "type", "unknown_type", f"{subject} has the type `{new.type}`, which does not exist; {types}")
    check_immutable(new, old, ("type",), subject, broken)


def check_measurement_family(
    new: MeasurementFamily, old: MeasurementFamily | None, structure: Structure, broken: Broken
) -> None:
    subject = f"measurement family `{new.code}`"
    if new.standard_unit_code not in new.units:
        message = f"{subject}: the standard unit `{new.standard_unit_code}` is not among its units; {known(new.units)}"
        add(broken, "standard_unit_code", "unknown_unit", message)
    elif not _changes_nothing(new.units[new.standard_unit_code].convert_from_standard):
        message = f"{subject}: the standard unit `{new.standard_unit_code}` must convert to itself; write mul 1"
        add(broken, f"units.{new.standard_unit_code}.convert_from_standard", "standard_converts", message)
    check_immutable(new, old, ("standard_unit_code",), subject, broken)
    for code, unit in new.units.items():
        for step in unit.convert_from_standard:
            value = parse_decimal(step.value)
            path = f"units.{code}.convert_from_standard"
            if step.operator not in OPERATORS:
                add(broken, path, "unknown_operator", f"{subject}: operator `{step.operator}`; {known(OPERATORS)}")
            if value is None or (value == 0 and step.operator in ("mul", "div")):
                message = f"{subject}, unit `{code}`: `{step.operator} {step.value}` cannot be computed and undone"
                add(broken, path, "bad_operation", message)
    if old is not None and set(old.units) - set(new.units):
        lost = ", ".join(sorted(set(old.units) - set(new.units)))
        add(broken, "units", "unit_removed", f"{subject} cannot lose the units {lost}: stored measures may use them")


def _changes_nothing(operations: list[UnitOperation]) -> bool:
    return all(parse_decimal(step.value) == _NEUTRAL.get(step.operator) for step in operations)


RULES: dict[str, Callable[[Any, Any, Structure, Broken], None]] = {
    "attribute": check_attribute,
    "attribute_option": check_attribute_option,
    "attribute_group": check_attribute_group,
    "family": check_family,
    "family_variant": check_family_variant,
    "category": check_category,
    "channel": check_channel,
    "locale": check_locale,
    "currency": check_currency,
    "association_type": check_association_type,
    "group_type": check_group_type,
    "group": check_group,
    "measurement_family": check_measurement_family,
    "reference_entity": check_reference_entity,
    "reference_entity_attribute": check_linked_attribute("reference_entity_attribute"),
    "reference_entity_attribute_option": check_linked_option("reference_entity_attribute_option"),
    "asset_family": check_asset_family,
    "asset_family_attribute": check_linked_attribute("asset_family_attribute"),
    "asset_family_attribute_option": check_linked_option("asset_family_attribute_option"),
}

_FREE_CODES = frozenset({"locale", "currency"})
_KINDS_WITH_HYPHENS = frozenset({"attribute_option", "category"})


def check_structure(kind: str, new: Any, old: Any, structure: Structure) -> list[Violation]:
    """Every rule that `new`, a struct of `kind`, breaks in `structure`."""
    broken: Broken = []
    _check_code(kind, new.code, broken)
    check_labels(getattr(new, "labels", {}), getattr(old, "labels", {}), structure.locales, broken)
    RULES[kind](new, old, structure, broken)
    return broken


def _check_code(kind: str, code: str, broken: Broken) -> None:
    if kind in _FREE_CODES:
        return
    hyphens = kind in _KINDS_WITH_HYPHENS
    if not (CODE_WITH_HYPHENS if hyphens else CODE).fullmatch(code):
        allowed = "a–z, A–Z, 0–9, _ and -" if hyphens else "a–z, A–Z, 0–9 and _"
        add(broken, "code", "bad_code", f"code `{code}` must be 1 to 255 of the characters {allowed}")
