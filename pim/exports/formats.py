"""Formats that item schemas may name beside those of JSON Schema."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pim.catalog.gtin import valid_gtin

if TYPE_CHECKING:
    from jsonschema import FormatChecker


def is_gtin(value: object) -> bool:
    """Digits only, with a right check digit. Other types are `type`'s business."""
    return not isinstance(value, str) or (value.isdigit() and valid_gtin(value) is not None)


FORMATS: dict[str, Callable[[str], bool]] = {"gtin": is_gtin}
"""For jsonschema-rs."""


def format_checker() -> "FormatChecker":
    """For jsonschema (which takes long to import): its own formats and these."""
    from jsonschema import FormatChecker

    checker = FormatChecker()
    checker.checkers = {**checker.checkers, **{name: (check, ()) for name, check in FORMATS.items()}}
    return checker
