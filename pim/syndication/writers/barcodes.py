"""EAN-13 and QR symbols as plain modules, for writers that place every dot or bar themselves.

Rules from the GS1 General Specifications: 95 modules, quiet zones of 11 modules left and 7 right, guard bars five
modules longer than the others, the first digit in the left quiet zone.
"""

from functools import lru_cache
from typing import Any

import zxingcpp
from stdnum import ean

from pim.base.errors import InvalidInput, Violation

EAN13_MODULES = 95
QUIET_LEFT = 11
QUIET_RIGHT = 7
QR_QUIET = 4
GUARDS = frozenset((*range(3), *range(45, 50), *range(92, 95)))
"""Positions of the left, middle and right guard patterns: these bars reach down between the digits."""

BAR_HEIGHT = 69
GUARD_HEIGHT = 74
"""Nominal heights in modules (22.85 mm and 25.93 mm at the nominal module of 0.33 mm)."""


def as_ean13(code: str | None) -> str | None:
    """The 13 digits to print for a GTIN, or None where no valid EAN-13 symbol exists for it.

    A GTIN-12 (UPC-A) gains a zero, a GTIN-14 loses its leading zero; a GTIN-8 is another symbology, a case GTIN-14
    is not sold at a till.
    """
    digits = (code or "").replace(" ", "").replace("-", "")
    if len(digits) == 12:
        digits = "0" + digits
    if len(digits) == 14 and digits.startswith("0"):
        digits = digits[1:]
    if len(digits) != 13 or not digits.isascii() or digits.startswith("00000") or not ean.is_valid(digits):
        return None
    return digits


@lru_cache(maxsize=4096)
def ean13_modules(gtin: str) -> str:
    """95 characters, `1` a black module, `0` a white one. Raises InvalidInput where the check digit is wrong."""
    digits = as_ean13(gtin)
    if digits is None:
        raise InvalidInput(
            [Violation("gtin", "invalid_gtin", f"{gtin!r} is no GTIN that EAN-13 can carry; check the digits")]
        )
    symbol = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.EAN13)
    rows = _rows(zxingcpp.write_barcode_to_image(symbol, scale=1, add_hrt=False, add_quiet_zones=False))
    return "".join("1" if black else "0" for black in rows[0])


def bar_runs(modules: str) -> list[tuple[int, int]]:
    """(first module, width) of each black bar."""
    runs: list[tuple[int, int]] = []
    for at, module in enumerate(modules):
        if module == "0":
            continue
        if runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((at, 1))
    return runs


@lru_cache(maxsize=4096)
def qr_modules(text: str) -> list[list[bool]]:
    """The square of a QR code with error correction M, without its quiet zone of 4 modules; True is black."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return _rows(zxingcpp.write_barcode_to_image(symbol, scale=1, add_hrt=False, add_quiet_zones=False))


def _rows(image: Any) -> list[list[bool]]:
    height, width = image.shape
    dots = bytes(memoryview(image))
    return [[dot == 0 for dot in dots[row * width : (row + 1) * width]] for row in range(height)]
