"""The measurement families that the program carries, for catalogues that name them without describing them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pim.catalog.model import Document

_FILE = Path(__file__).with_name("measurement_families.json")


@cache
def _carried() -> dict[str, dict[str, Any]]:
    """As the file has them: labels by language, and for each unit the operations that lead to the standard unit."""
    carried: dict[str, dict[str, Any]] = msgspec.json.decode(_FILE.read_bytes())
    return carried


def standard_measurement_family(code: str, locales: Iterable[str]) -> Document | None:
    """The document of a carried family, labelled in those of `locales` that it speaks; None if not carried."""
    family = _carried().get(code)
    if family is None:
        return None
    locales = sorted(locales)
    units = {
        unit["code"]: {
            "code": unit["code"],
            "labels": _labels(unit["labels"], locales),
            "convert_from_standard": unit["to_standard"],
            "symbol": unit["symbol"],
        }
        for unit in family["units"]
    }
    return {
        "code": code,
        "labels": _labels(family["labels"], locales),
        "standard_unit_code": family["standard_unit_code"],
        "units": units,
    }


def standard_measurement_families() -> list[str]:
    """Codes of all that are carried."""
    return sorted(_carried())


def _labels(by_language: dict[str, str], locales: Iterable[str]) -> dict[str, str]:
    return {
        locale: by_language[language] for locale in locales if (language := locale.partition("_")[0]) in by_language
    }
