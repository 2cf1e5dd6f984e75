"""The rules behind every document of the structure, all violations at once.

Each check gets the document that would be stored, the one stored now (None for a creation) and the structure around it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.attribute_types import (
    ATTRIBUTE_TYPES,
    MAX_TEXT,
    MAX_TEXTAREA,
    SELECT_TYPES,
    parse_date,
    parse_decimal,
    strip_delimiters,
)
from pim.catalog.model import (
    AssociationType,
    Attribute,
    AttributeGroup,
    AttributeOption,
    Category,
    Channel,
    Currency,
    Family,
    FamilyVariant,
    Group,
    GroupType,
    Locale,
    MeasurementFamily,
    VariantAttributeSet,
)
from pim.catalog.structure import Structure

CODE = re.compile(r"[a-zA-Z0-9_]{1,255}", re.ASCII)
OPTION_CODE = re.compile(r"[a-zA-Z0-9_\-]{1,255}", re.ASCII)
MAX_LABEL = 255
MAX_AXES = 5
MAX_LEVELS = 2
LABEL_TYPES = frozenset({"pim_catalog_identifier", "pim_catalog_text", "pim_catalog_textarea"})
OPERATORS = ("mul", "div", "add", "sub")

Broken = list[Violation]


def check_attribute(new: Attribute, old: Attribute | None, structure: Structure, broken: Broken) -> None:
    subject = f"attribute `{new.code}`"
    if new.type not in ATTRIBUTE_TYPES:
        _add(broken, "type", "unknown_type", f"{subject} has the type `{new.type}`; {known(ATTRIBUTE_TYPES)}")
        return
    kind = ATTRIBUTE_TYPES[new.type]
    fixed = ("type", "localizable", "scopable", "unique", "metric_family")
    _check_immutable(new, old, fixed, subject, broken)
    if not new.group:
        _add(broken, "group", "required", f"{subject} needs a group; {known(structure.attribute_groups)}")
    elif new.group not in structure.attribute_groups:
        groups = known(structure.attribute_groups)
        _add(
            broken, "group", "unknown_group", f"{subject} is in the group `{new.group}`, which does not exist; {groups}"
        )
    if not kind.varies and (new.localizable or new.scopable):
        _add(
            broken,
            "localizable",
            "cannot_vary",
            f"{subject} is an identifier: it can be neither localizable nor scopable",
        )
    if new.unique and not kind.can_be_unique:
        types = known(code for code, t in ATTRIBUTE_TYPES.items() if t.can_be_unique)
        _add(broken, "unique", "cannot_be_unique", f"{subject} cannot be unique with the type `{new.type}`; {types}")
    if new.unique and (new.localizable or new.scopable):
        _add(broken, "unique", "cannot_vary", f"{subject} is unique: it can be neither localizable nor scopable")
    _check_known("available_locales", new.available_locales, structure.locales, "locale", subject, broken)
    _check_metric_attribute(new, structure, subject, broken)
    _check_bounds(new, subject, broken)
    if new.type == "pim_catalog_identifier" and structure.identifier_attribute not in (None, new.code):
        _add(
            broken, "type", "second_identifier",
            f"{subject} cannot be the identifier: `{structure.identifier_attribute}` is, and there is only one",
        )  # fmt: skip


def _check_metric_attribute(new: Attribute, structure: Structure, subject: str, broken: Broken) -> None:
    if new.type != "pim_catalog_metric":
        if new.metric_family:
            _add(broken, "metric_family", "not_a_metric", f"{subject} is no metric: leave its metric_family out")
        return
    family = structure.measurement_families.get(new.metric_family or "")
    if family is None:
        families = known(structure.measurement_families)
        _add(broken, "metric_family", "unknown_family", f"{subject} needs a metric_family that exists; {families}")
    elif new.default_metric_unit and new.default_metric_unit not in family.units:
        units = known(family.units)
        _add(
            broken, "default_metric_unit", "unknown_unit",
            f"{subject} has the default unit `{new.default_metric_unit}`, which is not of {family.code}; {units}",
        )  # fmt: skip


def _check_bounds(new: Attribute, subject: str, broken: Broken) -> None:
    limit = {"pim_catalog_text": MAX_TEXT, "pim_catalog_textarea": MAX_TEXTAREA}.get(new.type)
    if new.max_characters is not None and not 1 <= new.max_characters <= (limit or MAX_TEXTAREA):
        _add(broken, "max_characters", "out_of_range", f"{subject}: max_characters must be from 1 to {limit}")
    for field in ("number_min", "number_max", "max_file_size"):
        if getattr(new, field) is not None and parse_decimal(getattr(new, field)) is None:
            _add(broken, field, "not_a_number", f"{subject}: {field} is `{getattr(new, field)}`, not a number")
    for field in ("date_min", "date_max"):
        if getattr(new, field) is not None and parse_date(getattr(new, field)) is None:
            _add(broken, field, "not_a_date", f"{subject}: {field} is `{getattr(new, field)}`, not a date")
    least, most = parse_decimal(new.number_min), parse_decimal(new.number_max)
    if least is not None and most is not None and least > most:
        _add(broken, "number_min", "empty_range", f"{subject}: number_min {least} is above number_max {most}")
    earliest, latest = parse_date(new.date_min), parse_date(new.date_max)
    if earliest and latest and earliest > latest:
        _add(broken, "date_min", "empty_range", f"{subject}: date_min is after date_max")
    if new.validation_rule not in (None, "email", "url", "regexp"):
        rules = "known: email, regexp, url"
        _add(
            broken,
            "validation_rule",
            "unknown_rule",
            f"{subject}: the rule `{new.validation_rule}` is unknown; {rules}",
        )
    if new.validation_regexp:
        try:
            re.compile(strip_delimiters(new.validation_regexp))
        except re.error as error:
            _add(
                broken,
                "validation_regexp",
                "bad_regexp",
                f"{subject}: `{new.validation_regexp}` is no pattern: {error}",
            )


def check_attribute_option(
    new: AttributeOption, old: AttributeOption | None, structure: Structure, broken: Broken
) -> None:
    attribute = structure.attributes.get(new.attribute)
    if attribute is None:
        message = f"option `{new.code}` is of the attribute `{new.attribute}`, which does not exist"
        _add(broken, "attribute", "unknown_attribute", message)
    elif attribute.type not in SELECT_TYPES:
        message = f"attribute `{new.attribute}` is of type {attribute.type}; only selects have options"
        _add(broken, "attribute", "not_a_select", message)


def check_attribute_group(
    new: AttributeGroup, old: AttributeGroup | None, structure: Structure, broken: Broken
) -> None:
    """Nothing beyond its code and labels."""


def check_family(new: Family, old: Family | None, structure: Structure, broken: Broken) -> None:
    subject = f"family `{new.code}`"
    _check_known("attributes", new.attributes, structure.attributes, "attribute", subject, broken)
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
            _add(
                broken, field, "not_in_family", f"{subject}: {field} `{code}` is not among its attributes; {known(own)}"
            )
        elif attribute and attribute.type not in types:
            _add(broken, field, "wrong_type", f"{subject}: {field} `{code}` is a {attribute.type}; it must be {wanted}")
    for channel, required in new.attribute_requirements.items():
        path = f"attribute_requirements.{channel}"
        if channel not in structure.channels:
            channels = known(structure.channels)
            _add(broken, path, "unknown_channel", f"{subject} requires for the channel `{channel}`; {channels}")
        for code in required:
            if code not in own:
                message = f"{subject} requires `{code}` for `{channel}`, but it is not among its attributes"
                _add(broken, path, "not_in_family", message)
    if old is not None:
        _check_axes_stay(new, old, structure, subject, broken)


def _check_axes_stay(new: Family, old: Family, structure: Structure, subject: str, broken: Broken) -> None:
    gone = set(old.attributes) - set(new.attributes)
    for variant in structure.family_variants.get(new.code, {}).values():
        axes = {axis for level in variant.variant_attribute_sets for axis in level.axes}
        for code in sorted(axes & gone):
            message = f"{subject} cannot lose `{code}`: it is an axis of the family variant `{variant.code}`"
            _add(broken, "attributes", "is_axis", message)


def check_family_variant(new: FamilyVariant, old: FamilyVariant | None, structure: Structure, broken: Broken) -> None:
    subject = f"family variant `{new.code}`"
    family = structure.families.get(new.family)
    if family is None:
        families = known(structure.families)
        _add(
            broken,
            "family",
            "unknown_family",
            f"{subject} is of the family `{new.family}`, which does not exist; {families}",
        )
        return
    if any(new.code in variants for owner, variants in structure.family_variants.items() if owner != new.family):
        _add(broken, "code", "taken", f"{subject}: another family has a variant of this code; choose another code")
    levels = new.variant_attribute_sets
    if [level.level for level in levels] != list(range(1, len(levels) + 1)) or not 1 <= len(levels) <= MAX_LEVELS:
        message = f"{subject} must have one or two attribute sets, with the levels 1 and 2"
        _add(broken, "variant_attribute_sets", "bad_levels", message)
        return
    if old is not None and [s.axes for s in old.variant_attribute_sets] != [s.axes for s in levels]:
        _add(broken, "variant_attribute_sets", "immutable", f"{subject}: its axes and levels cannot change")
    for level in levels:
        _check_axes(level, structure, subject, broken)
    _check_variant_attributes(new, family, structure, subject, broken)
    if old is not None:
        _check_moves(new, old, subject, broken)


def _check_axes(level: VariantAttributeSet, structure: Structure, subject: str, broken: Broken) -> None:
    path = f"variant_attribute_sets.{level.level}.axes"
    if not 1 <= len(level.axes) <= MAX_AXES or len(set(level.axes)) != len(level.axes):
        _add(broken, path, "axis_count", f"{subject}, level {level.level}: give 1 to {MAX_AXES} different axes")
    for axis in level.axes:
        attribute = structure.attributes.get(axis)
        if attribute is None:
            _add(broken, path, "unknown_attribute", f"{subject}: the axis `{axis}` is no attribute")
        elif not ATTRIBUTE_TYPES[attribute.type].can_be_axis:
            types = known(code for code, t in ATTRIBUTE_TYPES.items() if t.can_be_axis)
            _add(broken, path, "axis_type", f"{subject}: `{axis}` is a {attribute.type} and cannot be an axis; {types}")
        elif attribute.localizable or attribute.scopable or attribute.available_locales or attribute.unique:
            message = f"{subject}: the axis `{axis}` may not be localizable, scopable, locale-specific or unique"
            _add(broken, path, "axis_varies", message)


def _check_variant_attributes(
    new: FamilyVariant, family: Family, structure: Structure, subject: str, broken: Broken
) -> None:
    path = "variant_attribute_sets"
    placed: dict[str, int] = {}
    for level in new.variant_attribute_sets:
        for code in dict.fromkeys((*level.axes, *level.attributes)):
            if code not in family.attributes:
                message = f"{subject}: `{code}` is not in the family `{family.code}`; {known(family.attributes)}"
                _add(broken, path, "not_in_family", message)
            if code in placed:
                message = f"{subject}: `{code}` is at level {placed[code]} and at level {level.level}; keep one"
                _add(broken, path, "two_levels", message)
            placed[code] = level.level
    for code in family.attributes:
        attribute = structure.attributes.get(code)
        last = new.levels
        is_identifier = code == structure.identifier_attribute
        if attribute and attribute.unique and not is_identifier and placed.get(code) != last:
            message = f"{subject}: the unique attribute `{code}` must be at the last level, {last}"
            _add(broken, path, "unique_above_last", message)


def _check_moves(new: FamilyVariant, old: FamilyVariant, subject: str, broken: Broken) -> None:
    before = {code: s.level for s in old.variant_attribute_sets for code in s.attributes}
    after = {code: s.level for s in new.variant_attribute_sets for code in s.attributes}
    for code, level in before.items():
        if after.get(code, 0) < level:
            message = f"{subject}: `{code}` cannot move up from level {level}; its variants' values would be lost"
            _add(broken, "variant_attribute_sets", "moved_up", message)


def check_category(new: Category, old: Category | None, structure: Structure, broken: Broken) -> None:
    subject = f"category `{new.code}`"
    if new.parent is None:
        return
    if new.parent not in structure.categories:
        _add(broken, "parent", "unknown_category", f"{subject} has the parent `{new.parent}`, which does not exist")
    elif new.code in {category.code for category in structure.category_path(new.parent)} or new.parent == new.code:
        _add(broken, "parent", "cycle", f"{subject} cannot be below itself: `{new.parent}` is under it")


def check_channel(new: Channel, old: Channel | None, structure: Structure, broken: Broken) -> None:
    subject = f"channel `{new.code}`"
    _check_known("locales", new.locales, structure.locales, "locale", subject, broken, at_least_one=True)
    active = structure.active_currencies
    _check_known("currencies", new.currencies, active, "active currency", subject, broken, at_least_one=True)
    tree = structure.categories.get(new.category_tree)
    if tree is None or tree.parent is not None:
        trees = known(code for code in structure.children.get(None, ()))
        message = f"{subject} has the category tree `{new.category_tree}`, which is no root of a tree; {trees}"
        _add(broken, "category_tree", "unknown_tree", message)
    for code, unit in new.conversion_units.items():
        attribute = structure.attributes.get(code)
        family = structure.measurement_families.get(attribute.metric_family or "") if attribute else None
        path = f"conversion_units.{code}"
        if family is None:
            _add(broken, path, "not_a_metric", f"{subject} converts `{code}`, which is no metric attribute")
        elif unit not in family.units:
            message = f"{subject} converts `{code}` to `{unit}`, which is not of {family.code}; {known(family.units)}"
            _add(broken, path, "unknown_unit", message)


def check_locale(new: Locale, old: Locale | None, structure: Structure, broken: Broken) -> None:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Za-z0-9]{2,8}){1,3}", new.code):
        _add(broken, "code", "not_a_locale", f"locale `{new.code}` is not a locale; write it like fr_FR")


def check_currency(new: Currency, old: Currency | None, structure: Structure, broken: Broken) -> None:
    if not re.fullmatch(r"[A-Z]{3}", new.code):
        _add(broken, "code", "not_a_currency", f"currency `{new.code}` is not an ISO 4217 code; write it like EUR")
    if not new.enabled:
        used = sorted(channel.code for channel in structure.channels.values() if new.code in channel.currencies)
        if used:
            message = f"currency `{new.code}` cannot be switched off: channels use it ({', '.join(used)})"
            _add(broken, "enabled", "in_use", message)


def check_association_type(
    new: AssociationType, old: AssociationType | None, structure: Structure, broken: Broken
) -> None:
    subject = f"association type `{new.code}`"
    if new.is_quantified and new.is_two_way:
        _add(broken, "is_two_way", "two_natures", f"{subject} is quantified or two-way, not both")
    _check_immutable(new, old, ("is_quantified", "is_two_way"), subject, broken)


def check_group_type(new: GroupType, old: GroupType | None, structure: Structure, broken: Broken) -> None:
    """Nothing beyond its code and labels."""


def check_group(new: Group, old: Group | None, structure: Structure, broken: Broken) -> None:
    subject = f"group `{new.code}`"
    if new.type not in structure.group_types:
        types = known(structure.group_types)
        _add(broken, "type", "unknown_type", f"{subject} has the type `{new.type}`, which does not exist; {types}")
    _check_immutable(new, old, ("type",), subject, broken)


def check_measurement_family(
    new: MeasurementFamily, old: MeasurementFamily | None, structure: Structure, broken: Broken
) -> None:
    subject = f"measurement family `{new.code}`"
    if new.standard_unit_code not in new.units:
        message = f"{subject}: the standard unit `{new.standard_unit_code}` is not among its units; {known(new.units)}"
        _add(broken, "standard_unit_code", "unknown_unit", message)
    _check_immutable(new, old, ("standard_unit_code",), subject, broken)
    for code, unit in new.units.items():
        for step in unit.convert_from_standard:
            value = parse_decimal(step.value)
            path = f"units.{code}.convert_from_standard"
            if step.operator not in OPERATORS:
                _add(broken, path, "unknown_operator", f"{subject}: operator `{step.operator}`; {known(OPERATORS)}")
            if value is None or (value == 0 and step.operator in ("mul", "div")):
                message = f"{subject}, unit `{code}`: `{step.operator} {step.value}` cannot be computed and undone"
                _add(broken, path, "bad_operation", message)
    if old is not None and set(old.units) - set(new.units):
        lost = ", ".join(sorted(set(old.units) - set(new.units)))
        _add(broken, "units", "unit_removed", f"{subject} cannot lose the units {lost}: stored measures may use them")


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
}

_FREE_CODES = frozenset({"locale", "currency"})


def check_structure(kind: str, new: Any, old: Any, structure: Structure) -> list[Violation]:
    """Every rule that `new`, a struct of `kind`, breaks in `structure`."""
    broken: Broken = []
    pattern = OPTION_CODE if kind in ("attribute_option", "category") else CODE
    if kind not in _FREE_CODES and not pattern.fullmatch(new.code):
        message = f"code `{new.code}` must be 1 to 255 of the characters a–z, A–Z, 0–9 and _"
        _add(broken, "code", "bad_code", message)
    for locale, text in getattr(new, "labels", {}).items():
        if locale not in structure.locales:
            message = f"label in `{locale}`: that locale does not exist; write it like fr_FR"
            _add(broken, f"labels.{locale}", "unknown_locale", message)
        if len(text) > MAX_LABEL:
            message = f"label in `{locale}` has {len(text)} characters; at most {MAX_LABEL} fit"
            _add(broken, f"labels.{locale}", "too_long", message)
    RULES[kind](new, old, structure, broken)
    return broken


def _check_immutable(new: Any, old: Any, fields: Iterable[str], subject: str, broken: Broken) -> None:
    for field in fields:
        if old is not None and getattr(new, field) != getattr(old, field):
            message = f"{subject}: {field} is {getattr(old, field)!r} for good; make a new one instead"
            _add(broken, field, "immutable", message)


def _check_known(
    path: str,
    codes: list[str],
    there: Mapping[str, Any] | frozenset[str],
    what: str,
    subject: str,
    broken: Broken,
    at_least_one: bool = False,
) -> None:
    if at_least_one and not codes:
        _add(broken, path, "required", f"{subject} needs at least one {what}")
    for code in codes:
        if code not in there:
            message = f"{subject} names the {what} `{code}`, which does not exist; {known(there)}"
            _add(broken, path, f"unknown_{what.rpartition(' ')[2]}", message)


def _add(broken: Broken, path: str, code: str, message: str) -> None:
    broken.append(Violation(path, code, message))
