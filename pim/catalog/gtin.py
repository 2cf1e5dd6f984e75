"""Global trade item numbers (GS1): check digits, restricted prefixes, and the ISBN as one of them. Text, never numbers:
leading zeros matter."""

from functools import lru_cache

LENGTHS = (8, 12, 13, 14)
RESTRICTED = ("02", "04", "05", "2", "98", "99")
"""Prefixes of the 13-digit form that are not unique in the world: in-store numbers, variable measure, coupons."""


def valid_gtin(value: object) -> str | None:
    """The digits, when their number and the check digit are right; blanks and hyphens between them are forgiven."""
    digits = _compact(value)
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()) or not digits.strip("0"):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


@lru_cache(maxsize=4096)
def check_digit(body: str) -> str:
    """From the right, the digits weigh 3, 1, 3, 1, …; the check digit fills their sum up to the next ten. A run
    asks for the same number in every locale, to write it and to check it."""
    total = sum(map(int, body[::-2])) * 3 + sum(map(int, body[-2::-2]))
    return str(-total % 10)


def is_restricted(digits: str) -> bool:
    """Whether a valid GTIN is one that means something else in another shop."""
    if len(digits) == 8:
        return digits[0] in "02"
    return digits.zfill(14)[1:].startswith(RESTRICTED)


def isbn13(value: object) -> str | None:
    """The ISBN-13 of a valid ISBN-10 (X is 10) or ISBN-13."""
    digits = _compact(value).upper()
    if len(digits) == 13:
        return digits if digits.startswith(("978", "979")) and valid_gtin(digits) else None
    if len(digits) != 10 or not digits[:9].isdigit() or digits[9] not in "0123456789X":
        return None
    weights = zip(range(10, 0, -1), digits, strict=True)
    if sum(weight * (10 if digit == "X" else int(digit)) for weight, digit in weights) % 11:
        return None
    body = "978" + digits[:9]
    return body + check_digit(body)


def _compact(value: object) -> str:
    text = str(value)
    return text if text.isdigit() else text.replace(" ", "").replace("-", "").replace("\u00a0", "")
