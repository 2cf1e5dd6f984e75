"""The rules behind reference entities, and behind the attributes (with their options) of records and assets."""

import re
from collections.abc import Callable
from typing import Any

from pim.base.errors import known
from pim.catalog.attribute_types import SELECT_TYPES, compile_pattern, parse_decimal
from pim.catalog.broken_rules import Broken, add, check_immutable
from pim.catalog.linked import LINKED, LINKED_TYPES, Linked, LinkedType
from pim.catalog.model import LinkedAttribute, ReferenceEntity, Structured
from pim.catalog.structure import Structure

MOST = 100
"""Attributes of an owner, and options of an attribute: lists of them are read whole."""
VALIDATION_RULES = ("email", "url", "regexp")

_MEDIA_KINDS = ("image", "pdf", "youtube", "vimeo", "other")
_FOR_GOOD = ("type", "value_per_locale", "value_per_channel", "reference_entity_code", "asset_family_identifier")
_DEFAULTS: tuple[Any, ...] = (None, False, [], "")

Check = Callable[[Any, Any, Structure, Broken], None]


def check_reference_entity(
    new: ReferenceEntity, old: ReferenceEntity | None, structure: Structure, broken: Broken
) -> None:
    """Nothing beyond its code, labels and image."""


def check_linked_attribute(kind: str) -> Check:
    """The rules of attributes of records, or of assets."""
    linked = _linked(kind)
    types = LINKED_TYPES[kind]

    def check(new: LinkedAttribute, old: LinkedAttribute | None, structure: Structure, broken: Broken) -> None:
        owner = getattr(new, linked.owner)
        subject = f"attribute `{new.code}` of {_words(linked.owner)} `{owner}`"
        if not _check_owner(linked.owner, owner, structure, subject, broken):
            return
        if new.type not in types:
            add(broken, "type", "unknown_type", f"{subject} has the type `{new.type}`; {known(types)}")
            return
        check_immutable(new, old, [name for name in _FOR_GOOD if hasattr(new, name)], subject, broken)
        siblings = sum(key[:2] == (kind, owner) for key in structure.entities) if old is None else 0
        if siblings >= MOST:
            add(broken, "code", "too_many", f"{subject} would be number {siblings + 1}; at most {MOST} are allowed")
        _check_fields(new, types, subject, broken)
        _check_bounds(new, subject, broken)
        _check_link(new, structure, subject, broken)

    return check


def check_linked_option(kind: str) -> Check:
    """The rules of options of attributes of records, or of assets."""
    linked = next(linked for linked in LINKED.values() if linked.option == kind)

    def check(new: Any, old: Structured | None, structure: Structure, broken: Broken) -> None:
        owner = getattr(new, linked.owner)
        subject = f"option `{new.code}` of attribute `{new.attribute}` of {_words(linked.owner)} `{owner}`"
        attribute = structure.item((linked.attribute, owner, new.attribute))
        if attribute is None:
            message = f"{subject}: that attribute does not exist"
            add(broken, "attribute", "unknown_attribute", message)
            return
        if LINKED_TYPES[linked.attribute][attribute.type].like not in SELECT_TYPES:
            message = f"{subject}: the attribute is of type {attribute.type}; only single_option and multiple_options"
            add(broken, "attribute", "not_a_select", f"{message} have options")
        siblings = sum(key[:2] == (kind, f"{owner}/{new.attribute}") for key in structure.entities)
        if old is None and siblings >= MOST:
            add(broken, "code", "too_many", f"{subject} would be number {siblings + 1}; at most {MOST} are allowed")

    return check


def _linked(attribute_kind: str) -> Linked:
    return next(linked for linked in LINKED.values() if linked.attribute == attribute_kind)


def _check_owner(kind: str, owner: str, structure: Structure, subject: str, broken: Broken) -> bool:
    if structure.item((kind, "", owner)) is not None:
        return True
    there = known(key[2] for key in structure.entities if key[0] == kind)
    add(broken, kind, f"unknown_{kind}", f"{subject}: that {_words(kind)} does not exist; {there}")
    return False


def _check_fields(new: LinkedAttribute, types: dict[str, LinkedType], subject: str, broken: Broken) -> None:
    """A type has its own fields only."""
    own = types[new.type].fields
    for field in sorted({name for kind in types.values() for name in kind.fields} - set(own)):
        if getattr(new, field, None) not in _DEFAULTS:
            of = ", ".join(name for name, kind in types.items() if field in kind.fields)
            add(broken, field, "not_of_type", f"{subject} is of type {new.type}: only {of} has `{field}`; leave it out")
    if "media_type" in own:
        given = getattr(new, "media_type", None)
        if given not in _MEDIA_KINDS:
            add(broken, "media_type", "unknown_type", f"{subject} has the media type `{given}`; {known(_MEDIA_KINDS)}")


def _check_bounds(new: LinkedAttribute, subject: str, broken: Broken) -> None:
    if new.max_characters is not None and new.max_characters < 1:
        add(broken, "max_characters", "out_of_range", f"{subject}: max_characters must be 1 or more")
    if new.is_rich_text_editor and not new.is_textarea:
        message = f"{subject}: is_rich_text_editor needs is_textarea to be true"
        add(broken, "is_rich_text_editor", "no_textarea", message)
    for field in ("min_value", "max_value", "max_file_size"):
        if getattr(new, field) is not None and parse_decimal(getattr(new, field)) is None:
            add(broken, field, "not_a_number", f"{subject}: {field} is `{getattr(new, field)}`, not a number")
    least, most = parse_decimal(new.min_value), parse_decimal(new.max_value)
    if least is not None and most is not None and least > most:
        add(broken, "min_value", "empty_range", f"{subject}: min_value {least} is above max_value {most}")
    if new.validation_rule is not None and new.validation_rule not in VALIDATION_RULES:
        rules = known((*VALIDATION_RULES, "none"))
        add(
            broken,
            "validation_rule",
            "unknown_rule",
            f"{subject}: the rule `{new.validation_rule}` is unknown; {rules}",
        )
    if new.validation_rule == "regexp" and not new.validation_regexp:
        add(broken, "validation_regexp", "required", f"{subject}: the rule `regexp` needs validation_regexp")
    if new.validation_regexp:
        try:
            compile_pattern(new.validation_regexp)
        except re.error as error:
            message = f"{subject}: `{new.validation_regexp}` is no pattern: {error}"
            add(broken, "validation_regexp", "bad_regexp", message)


def _check_link(new: LinkedAttribute, structure: Structure, subject: str, broken: Broken) -> None:
    """A link names something that there is to link to."""
    for field, kind in (("reference_entity_code", "reference_entity"), ("asset_family_identifier", "asset_family")):
        if field not in LINKED_TYPES["reference_entity_attribute"].get(new.type, LinkedType("")).fields:
            continue
        code = getattr(new, field, None)
        if code is None or structure.item((kind, "", code)) is None:
            there = known(key[2] for key in structure.entities if key[0] == kind)
            message = f"{subject} links to the {_words(kind)} `{code}`, which does not exist; {there}"
            add(broken, field, f"unknown_{kind}", message)


def _words(kind: str) -> str:
    return kind.replace("_", " ")
