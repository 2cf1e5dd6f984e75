"""Formats that item schemas may name beside those of JSON Schema."""

from collections.abc import Callable

from jsonschema import FormatChecker

from pim.catalog.gtin import valid_gtin


def is_gtin(value: object) -> bool:
    """Digits only, with a right check digit. Other types are `type`'s business."""
    return not isinstance(value, str) or (value.isdigit() and valid_gtin(value) is not None)


FORMATS: dict[str, Callable[[str], bool]] = {"gtin": is_gtin}
"""For jsonschema-rs."""


def format_checker() -> FormatChecker:
    """For jsonschema: its own formats and these."""
    checker = FormatChecker()
    checker.checkers = {**checker.checkers, **{name: (check, ()) for name, check in FORMATS.items()}}
    return checker
