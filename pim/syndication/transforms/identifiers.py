"""Transforms of product identifiers: GTIN, ISBN, GS1 Digital Link."""

from collections.abc import Callable

from pim.syndication.context import MappingContext

Text = Callable[[object], str | None]

LENGTHS = (8, 12, 13, 14)
RESTRICTED = ("02", "04", "05", "2", "98", "99")
"""Prefixes of the 13-digit form that are not unique in the world: in-store numbers, variable measure, coupons."""
GS1_RESOLVER = "https://id.gs1.org"


def gtin(context: MappingContext, length: int | None = None, restricted: str = "drop") -> Text:
    keep = restricted == "keep"

    def step(value: object) -> str | None:
        digits = valid_gtin(value)
        if digits is None or (length is not None and len(digits) != length):
            return None
        return digits if keep or not is_restricted(digits) else None

    return step


def gtin14(context: MappingContext) -> Text:
    return lambda value: digits.zfill(14) if (digits := valid_gtin(value)) else None


def isbn(context: MappingContext) -> Text:
    def step(value: object) -> str | None:
        digits = _compact(value).upper()
        if len(digits) == 13:
            return digits if digits.startswith(("978", "979")) and valid_gtin(digits) else None
        return isbn13(digits)

    return step


def digital_link(context: MappingContext, domain: str = GS1_RESOLVER) -> Text:
    domain = context.fill(domain).rstrip("/")
    return lambda value: f"{domain}/01/{digits.zfill(14)}" if (digits := valid_gtin(value)) else None


def valid_gtin(value: object) -> str | None:
    """The digits, when their number and the check digit are right."""
    digits = _compact(value)
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()) or not digits.strip("0"):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def check_digit(body: str) -> str:
    """GS1: from the right, the digits weigh 3, 1, 3, 1, …; the check digit fills up to the next ten."""
    total = sum(map(int, body[::-2])) * 3 + sum(map(int, body[-2::-2]))
    return str(-total % 10)


def is_restricted(digits: str) -> bool:
    if len(digits) == 8:
        return digits[0] in "02"
    return digits.zfill(14)[1:].startswith(RESTRICTED)


def isbn13(digits: str) -> str | None:
    """From an ISBN-10 with a right check character (X is 10)."""
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
