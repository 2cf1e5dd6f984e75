"""What people type into a search field, taken apart; what the parts mean is worked out by `conditions.py` and
`matching.py`.

    tente "deux places" -bivouac brand:petzl,black_diamond price:10..20 -category:books complete:google_merchant/fr_FR

Words and phrases are searched in texts, `field:value` are filters, a `-` before either turns it round. `tent*` is the
beginning of a word. A text with a colon that is no filter stands in quotation marks.
"""

import re
from dataclasses import dataclass

from pim.base.errors import InvalidInput, Violation

LONGEST = 500
MOST_WORDS = 32

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PART = re.compile(rf'\s*(-?)(?:([^\W\d]\w*(?:@\w+)*):((?:{_QUOTED}|[^\s"])*)|({_QUOTED})|([^\s"]+|"))')
_VALUE = re.compile(rf"(?:{_QUOTED}|[^,\"])*")


@dataclass(frozen=True, slots=True)
class Typed:
    """A word or a phrase; `beginning` for one that ends in `*`."""

    text: str
    is_phrase: bool = False
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class FilterTyped:
    """`typed` is all of it, for messages."""

    name: str
    places: tuple[str, ...]
    value: str
    negated: bool
    typed: str

    @property
    def text(self) -> str:
        """The value as a whole, without quotation marks."""
        return unquoted(self.value)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The values between commas."""
        return tuple(unquoted(one) for one in _split(self.value))


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    wanted: tuple[Typed, ...] = ()
    never: tuple[Typed, ...] = ()
    filters: tuple[FilterTyped, ...] = ()

    @property
    def has_words(self) -> bool:
        return bool(self.wanted or self.never)


def parse_query(text: str) -> ParsedQuery:
    """Raises InvalidInput, naming each part that cannot be read."""
    if len(text) > LONGEST:
        message = f"the search has {len(text)} characters; {LONGEST} are the most"
        raise InvalidInput([Violation("q", "too_long", message)])
    wanted: list[Typed] = []
    never: list[Typed] = []
    filters: list[FilterTyped] = []
    problems: list[Violation] = []
    for part in _PART.finditer(text):
        minus, name, value, quoted, word = part.groups()
        if name is not None:
            filters.append(_filter(name, value, bool(minus), part.group().strip(), problems))
        elif word == '"':
            behind = text[part.end() :][:40]
            message = f"the quotation mark before `{behind}` is never closed; close it, or leave it out"
            problems.append(Violation("q", "open_quotation", message))
        elif typed := _typed(quoted, word):
            (never if minus else wanted).append(typed)
    if len(wanted) + len(never) > MOST_WORDS:
        problems.append(Violation("q", "too_many_words", f"the search has more than {MOST_WORDS} words; use fewer"))
    if problems:
        raise InvalidInput(problems)
    return ParsedQuery(tuple(wanted), tuple(never), tuple(filters))


def _typed(quoted: str | None, word: str | None) -> Typed | None:
    """None for what has neither letters nor digits."""
    text = unquoted(quoted) if quoted is not None else (word or "").rstrip("*")
    if not any(letter.isalnum() for letter in text):
        return None
    return Typed(text, quoted is not None, quoted is None and (word or "").endswith("*"))


def _filter(name: str, value: str, negated: bool, typed: str, problems: list[Violation]) -> FilterTyped:
    field, *places = name.split("@")
    found = FilterTyped(field, tuple(places), value, negated, typed)
    if not all(found.alternatives):
        message = (
            f"`{typed}` has no value behind the colon or a comma; write `{name}:value`, and quote a text with a colon"
        )
        problems.append(Violation("q", "no_value", message))
    return found


def _split(value: str) -> list[str]:
    """At the commas outside quotation marks."""
    parts, at = [], 0
    while True:
        found = _VALUE.match(value, at)
        assert found is not None
        parts.append(found.group())
        at = found.end() + 1
        if at > len(value):
            return parts


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def quoted(value: str) -> str:
    """A value as it has to be typed behind a colon."""
    if re.fullmatch(r"[\w./+-]+", value) and not value.startswith("-"):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
