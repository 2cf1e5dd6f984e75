"""Texts that a spreadsheet program would take for a formula when it opens a CSV file.

Such a text is written with an apostrophe before it, and read without: nothing is executed, nothing is lost. A text that
has the apostrophe already gets another one, so that each comes back as it was. Numbers with a sign are left alone.
"""

import re

_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    is_harmless = not _LOOKS_LIKE_A_FORMULA.match(text) or _NUMBER.fullmatch(text)
    return text if is_harmless else f"'{text}"


def unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
