"""Texts that a spreadsheet program would take for a formula when it opens a CSV file.

Such a text is written with an apostrophe before it, and read without: nothing is executed, nothing is lost. A text that
has the apostrophe already gets another one, so that each comes back as it was.
"""

import re

_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    return f"'{text}" if _LOOKS_LIKE_A_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
