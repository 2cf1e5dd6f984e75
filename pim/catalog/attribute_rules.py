"""The rules behind attributes, their options and their groups."""

import re

from pim.base.errors import known
from pim.catalog.attribute_types import (
    ATTRIBUTE_TYPES,
    MAX_TEXT,
    MAX_TEXTAREA,
    SELECT_TYPES,
    compile_pattern,
    parse_date,
    parse_decimal,
)
from pim.catalog.broken_rules import Broken, add, check_immutable, check_known
from pim.catalog.linked import LINK_TYPES, LINKED
from pim.catalog.model import Attribute, AttributeGroup, AttributeOption
from pim.catalog.structure import Structure
from pim.catalog.table_columns import check_table_attribute


def check_attribute(new: Attribute, old: Attribute | None, structure: Structure, broken: Broken) -> None:
    subject = f"attribute `{new.code}`"
    if new.type not in ATTRIBUTE_TYPES:
        add(broken, "type", "unknown_type", f"{subject} has the type `{new.type}`; {known(ATTRIBUTE_TYPES)}")
        return
    kind = ATTRIBUTE_TYPES[new.type]
    fixed = ("type", "localizable", "scopable", "unique", "metric_family")
    check_immutable(new, old, fixed, subject, broken)
    _check_target(new, old, structure, subject, broken)
    if not new.group:
        add(broken, "group", "required", f"{subject} needs a group; {known(structure.attribute_groups)}")
    elif new.group not in structure.attribute_groups:
        groups = known(structure.attribute_groups)
        add(
            broken, "group", "unknown_group", f"{subject} is in the group `{new.group}`, which does not exist; {groups}"
        )
    if not kind.varies and (new.localizable or new.scopable):
        add(
            broken,
            "localizable",
            "cannot_vary",
            f"{subject} is an identifier: it can be neither localizable nor scopable",
        )
    if new.unique and not kind.can_be_unique:
        types = known(code for code, t in ATTRIBUTE_TYPES.items() if t.can_be_unique)
        add(broken, "unique", "cannot_be_unique", f"{subject} cannot be unique with the type `{new.type}`; {types}")
    if new.unique and (new.localizable or new.scopable):
        add(broken, "unique", "cannot_vary", f"{subject} is unique: it can be neither localizable nor scopable")
    check_known("available_locales", new.available_locales, structure.locales, "locale", subject, broken)
    _check_stays_axis(new, structure, subject, broken)
    _check_metric_attribute(new, structure, subject, broken)
    _check_bounds(new, subject, broken)
    check_table_attribute(new, old, structure, broken)
    if new.type == "pim_catalog_identifier" and structure.identifier_attribute not in (None, new.code):
        add(
            broken, "type", "second_identifier",
            f"{subject} cannot be the identifier: `{structure.identifier_attribute}` is, and there is only one",
        )  # fmt: skip


def _check_target(new: Attribute, old: Attribute | None, structure: Structure, subject: str, broken: Broken) -> None:
    """Records and assets are linked to by the name of their reference entity or asset family, which is for good."""
    kind = LINK_TYPES.get(new.type)
    if kind is None:
        return
    owner = LINKED[kind].owner
    check_immutable(new, old, ("reference_data_name",), subject, broken)
    if structure.item((owner, "", new.reference_data_name or "")) is None:
        there = known(key[2] for key in structure.entities if key[0] == owner)
        what = owner.replace("_", " ")
        message = f"{subject} needs a reference_data_name: the {what} that it links to, not `{new.reference_data_name}`"
        add(broken, "reference_data_name", f"unknown_{owner}", f"{message}; {there}")


def _check_stays_axis(new: Attribute, structure: Structure, subject: str, broken: Broken) -> None:
    """An axis is for every locale; the rest of what an axis may not be cannot be changed anyway."""
    variants = [v for variants in structure.family_variants.values() for v in variants.values()]
    axis_of = sorted(v.code for v in variants if any(new.code in level.axes for level in v.variant_attribute_sets))
    if new.available_locales and axis_of:
        message = f"{subject} cannot be locale-specific: it is an axis of family variants ({', '.join(axis_of)})"
        add(broken, "available_locales", "is_axis", message)


def _check_metric_attribute(new: Attribute, structure: Structure, subject: str, broken: Broken) -> None:
    if new.type != "pim_catalog_metric":
        if new.metric_family:
            add(broken, "metric_family", "not_a_metric", f"{subject} is no metric: leave its metric_family out")
        return
    family = structure.measurement_families.get(new.metric_family or "")
    if family is None:
        families = known(structure.measurement_families)
        add(broken, "metric_family", "unknown_family", f"{subject} needs a metric_family that exists; {families}")
    elif new.default_metric_unit and new.default_metric_unit not in family.units:
        units = known(family.units)
        add(
            broken, "default_metric_unit", "unknown_unit",
            f"{subject} has the default unit `{new.default_metric_unit}`, which is not of {family.code}; {units}",
        )  # fmt: skip


def _check_bounds(new: Attribute, subject: str, broken: Broken) -> None:
    limit = {"pim_catalog_text": MAX_TEXT, "pim_catalog_textarea": MAX_TEXTAREA}.get(new.type)
    if new.max_characters is not None and not 1 <= new.max_characters <= (limit or MAX_TEXTAREA):
        add(broken, "max_characters", "out_of_range", f"{subject}: max_characters must be from 1 to {limit}")
    for field in ("number_min", "number_max", "max_file_size"):
        if getattr(new, field) is not None and parse_decimal(getattr(new, field)) is None:
            add(broken, field, "not_a_number", f"{subject}: {field} is `{getattr(new, field)}`, not a number")
    for field in ("date_min", "date_max"):
        if getattr(new, field) is not None and parse_date(getattr(new, field)) is None:
            add(broken, field, "not_a_date", f"{subject}: {field} is `{getattr(new, field)}`, not a date")
    least, most = parse_decimal(new.number_min), parse_decimal(new.number_max)
    if least is not None and most is not None and least > most:
        add(broken, "number_min", "empty_range", f"{subject}: number_min {least} is above number_max {most}")
    earliest, latest = parse_date(new.date_min), parse_date(new.date_max)
    if earliest and latest and earliest > latest:
        add(broken, "date_min", "empty_range", f"{subject}: date_min is after date_max")
    if new.validation_rule not in (None, "email", "url", "regexp"):
        rules = "known: email, regexp, url"
        add(
            broken,
            "validation_rule",
            "unknown_rule",
            f"{subject}: the rule `{new.validation_rule}` is unknown; {rules}",
        )
    if new.validation_regexp:
        try:
            compile_pattern(new.validation_regexp)
        except re.error as error:
            add(
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
        add(broken, "attribute", "unknown_attribute", message)
    elif attribute.type not in SELECT_TYPES:
        message = f"attribute `{new.attribute}` is of type {attribute.type}; only selects have options"
        add(broken, "attribute", "not_a_select", message)


def check_attribute_group(
    new: AttributeGroup, old: AttributeGroup | None, structure: Structure, broken: Broken
) -> None:
    """Nothing beyond its code and labels."""
