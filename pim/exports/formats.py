"""Formats that item schemas may name beside those of JSON Schema."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import jsonschema_rs

from pim.catalog.gtin import valid_gtin

if TYPE_CHECKING:
    from jsonschema import FormatChecker


def is_gtin(value: object) -> bool:
    """Digits only, with a right check digit. Other types are `type`'s business."""
    return not isinstance(value, str) or (value.isdigit() and valid_gtin(value) is not None)


FORMATS: dict[str, Callable[[str], bool]] = {"gtin": is_gtin}
"""For jsonschema-rs."""


STANDARD = (
    "date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
)  # fmt: skip


def format_checker() -> "FormatChecker":
    """For jsonschema (which takes long to import): what jsonschema-rs finds wrong, it finds wrong."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checks = {name: _judged(name) for name in STANDARD} | FORMATS
    checker.checkers = {name: (check, ()) for name, check in checks.items()}
    return checker


def _judged(name: str) -> Callable[[object], bool]:
    return jsonschema_rs.validator_for({"format": name}, validate_formats=True).is_valid
