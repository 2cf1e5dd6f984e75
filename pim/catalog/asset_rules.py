"""The rules behind asset families.

`naming_convention` is applied to assets as they are made (see `versioning/naming_convention.py`), `product_link_rules`
moments later by a job (`versioning/link_products_job.py`). `transformations` are checked and kept for the tools that
carry them out; this program does not.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pim.base.errors import known
from pim.catalog.attribute_types import compile_pattern
from pim.catalog.broken_rules import Broken, add
from pim.catalog.linked import MEDIA_TYPES
from pim.catalog.model import AssetFamily, AssetFamilyAttribute
from pim.catalog.structure import Structure

NAMED_TYPES = ("text", "number", "single_option")
"""Which attributes a naming convention may fill."""
MOST_RULES = 2
MOST_TRANSFORMATIONS = 10
MODES = ("add", "replace")
OPERATIONS = ("colorspace", "iccprofile", "optimize_jpeg", "resize", "resolution", "scale", "thumbnail")

_FILE_NAME = re.compile(r"[A-Za-z0-9_\-. ]*")


def check_asset_family(new: AssetFamily, old: AssetFamily | None, structure: Structure, broken: Broken) -> None:
    """What names attributes of the family can be checked once they are there: the family comes before them, so a new
    one may name what is still to come."""
    subject = f"asset family `{new.code}`"
    attributes = structure.asset_family_attributes.get(new.code, {})
    is_new = old is None
    main = new.attribute_as_main_media
    if main is not None and not is_new:
        _check_media(main, "attribute_as_main_media", attributes, MEDIA_TYPES, subject, broken)
    if new.naming_convention:
        _check_naming(new, attributes, is_new, subject, broken)
    if len(new.product_link_rules) > MOST_RULES:
        message = f"{subject} has {len(new.product_link_rules)} product link rules; at most {MOST_RULES} are allowed"
        add(broken, "product_link_rules", "too_many", message)
    for number, rule in enumerate(new.product_link_rules):
        _check_link_rule(rule, f"product_link_rules.{number}", structure, subject, broken)
    if len(new.transformations) > MOST_TRANSFORMATIONS:
        message = (
            f"{subject} has {len(new.transformations)} transformations; at most {MOST_TRANSFORMATIONS} are allowed"
        )
        add(broken, "transformations", "too_many", message)
    for number, transformation in enumerate(new.transformations):
        _check_transformation(transformation, f"transformations.{number}", attributes, is_new, subject, broken)


Attributes = Mapping[str, AssetFamilyAttribute]


def _check_media(
    code: str, path: str, attributes: Attributes, types: tuple[str, ...], subject: str, broken: Broken
) -> None:
    attribute = attributes.get(code)
    if attribute is None:
        message = f"{subject}: {path} `{code}` is not among its attributes; {known(attributes)}"
        add(broken, path, "unknown_attribute", message)
    elif attribute.type not in types:
        message = f"{subject}: {path} `{code}` is of type {attribute.type}; it must be {' or '.join(types)}"
        add(broken, path, "wrong_type", message)


def _check_naming(new: AssetFamily, attributes: Attributes, is_new: bool, subject: str, broken: Broken) -> None:
    source, pattern = new.naming_convention["source"], new.naming_convention["pattern"]
    path = "naming_convention"
    if source["property"] not in ("code", new.attribute_as_main_media):
        message = f"{subject}: a naming convention reads `code` or the main media, not `{source['property']}`"
        add(broken, f"{path}.source.property", "unknown_source", message)
    try:
        names = compile_pattern(pattern).groupindex
    except re.error as error:
        add(broken, f"{path}.pattern", "bad_regexp", f"{subject}: `{pattern}` is no pattern: {error}")
        return
    if not names:
        message = f"{subject}: `{pattern}` names no attribute; write groups like (?P<attribute>…)"
        add(broken, f"{path}.pattern", "no_group", message)
    for name in names:
        attribute = attributes.get(name)
        if attribute is None and is_new:
            continue
        if attribute is None:
            message = f"{subject}: the pattern names `{name}`, which is not among its attributes; {known(attributes)}"
            add(broken, f"{path}.pattern", "unknown_attribute", message)
        elif attribute.type not in NAMED_TYPES or attribute.value_per_locale or attribute.value_per_channel:
            message = f"{subject}: the pattern cannot fill `{name}`; it fills {', '.join(NAMED_TYPES)} attributes with"
            add(broken, f"{path}.pattern", "wrong_type", f"{message} one value for all locales and channels")


def _check_link_rule(rule: Mapping[str, Any], path: str, structure: Structure, subject: str, broken: Broken) -> None:
    for number, assignment in enumerate(rule["assign_assets_to"]):
        place = f"{path}.assign_assets_to.{number}"
        if assignment["mode"] not in MODES:
            message = f"{subject}: the mode `{assignment['mode']}` is unknown; {known(MODES)}"
            add(broken, f"{place}.mode", "unknown_mode", message)
        code = assignment["attribute"]
        attribute = structure.attributes.get(code)
        if "{{" not in code and attribute is not None and attribute.type != "pim_catalog_asset_collection":
            message = f"{subject}: assets cannot be put into `{code}`, which is a {attribute.type}"
            add(broken, f"{place}.attribute", "wrong_type", f"{message}; give a pim_catalog_asset_collection")


def _check_transformation(
    transformation: Mapping[str, Any], path: str, attributes: Attributes, is_new: bool, subject: str, broken: Broken
) -> None:
    for end in ("source", "target"):
        code = transformation[end]["attribute"]
        if code in attributes or not is_new:
            _check_media(code, f"{path}.{end}.attribute", attributes, ("media_file",), subject, broken)
    if not transformation.get("filename_prefix") and not transformation.get("filename_suffix"):
        message = (
            f"{subject}: a transformation needs filename_prefix or filename_suffix, so that its file has a new name"
        )
        add(broken, path, "no_new_name", message)
    for name in ("filename_prefix", "filename_suffix"):
        if not _FILE_NAME.fullmatch(transformation.get(name) or ""):
            message = f"{subject}: {name} `{transformation[name]}` may hold letters, digits, `_`, `-`, `.` and blanks"
            add(broken, f"{path}.{name}", "bad_character", message)
    for message in _wrong_operations(transformation["operations"]):
        add(broken, f"{path}.operations", "bad_operation", f"{subject}: {message}")


def _wrong_operations(operations: list[Mapping[str, Any]]) -> Iterator[str]:
    types = [operation["type"] for operation in operations]
    for name in dict.fromkeys(types):
        if name not in OPERATIONS:
            yield f"the operation `{name}` is unknown; {known(OPERATIONS)}"
        if types.count(name) > 1:
            yield f"the operation `{name}` is there twice; once is enough"
