"""Breaking a name over the lines that a label has, with an ellipsis only where it truly does not fit."""

import re
from collections.abc import Sequence
from functools import lru_cache

from pim.syndication.writers.label_panel import width_of

ELLIPSIS = "…"
_TIED_TO_NEXT = re.compile(r"(?:\d+(?:[.,]\d+)?|«|–|-|&|\+|[Nn]°|ø|Ø)$")
_TIED_TO_LAST = re.compile(r"(?:[:;!?»%°]|(?:g|kg|mg|l|L|ml|cl|cm|mm|m|W|V|lm|K|Mpx?|Go|GB|To|TB)\b.*)$")


@lru_cache(maxsize=32768)
def fitted(text: str, width: int, lines: int, styles: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], str, int]:
    """(lines, font, size): the first of `styles`, largest first, in which the whole text fits; else the last, cut."""
    for name, size in styles:
        broken = broken_lines(text, width, name, size)
        if len(broken) <= lines:
            return tuple(_balanced(broken, width, name, size)), name, size
    name, size = styles[-1]
    return tuple(_cut(broken_lines(text, width, name, size), width, lines, name, size)), name, size


def broken_lines(text: str, width: int, name: str, size: int) -> list[str]:
    """Lines no wider than `width`, broken between words; a number stays with its unit, a mark with its word."""
    lines: list[str] = []
    for piece in _pieces(text):
        longer = f"{lines[-1]} {piece}" if lines else piece
        if lines and width_of(longer, name, size) <= width:
            lines[-1] = longer
        else:
            lines.extend(_chopped(piece, width, name, size))
    return lines or [""]


def _balanced(broken: list[str], width: int, name: str, size: int) -> list[str]:
    """Two lines as equal as their words allow, rather than one full and one word."""
    if len(broken) != 2:
        return broken
    pieces = _pieces(" ".join(broken))
    breaks = [(" ".join(pieces[:at]), " ".join(pieces[at:])) for at in range(1, len(pieces))]
    longer, chosen = min(
        ((max(width_of(line, name, size) for line in pair), pair) for pair in breaks), default=(width + 1, ())
    )
    return list(chosen) if longer <= width else broken


def one_line(text: str, width: int, name: str, size: int) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    return text if width_of(text, name, size) <= width else _shortened(text, width, name, size)


def _pieces(text: str) -> list[str]:
    """The words, those that belong together joined by a no-break space."""
    pieces: list[str] = []
    for word in text.split():
        if pieces and (_TIED_TO_LAST.match(word) or _TIED_TO_NEXT.search(pieces[-1])) and len(pieces[-1]) < 16:
            pieces[-1] += f"\u00a0{word}"
        else:
            pieces.append(word)
    return pieces


def _chopped(piece: str, width: int, name: str, size: int) -> list[str]:
    """A piece wider than a line goes over several: at its no-break spaces, else between letters."""
    if width_of(piece, name, size) <= width:
        return [piece]
    chunks: list[str] = [""]
    for letter in piece.replace("\u00a0", " "):
        if width_of(chunks[-1] + letter, name, size) > width and chunks[-1]:
            chunks.append("")
        chunks[-1] += letter
    return [chunk.strip() for chunk in chunks if chunk.strip()]


def _cut(broken: list[str], width: int, lines: int, name: str, size: int) -> list[str]:
    kept = broken[:lines]
    if len(broken) > lines:
        kept[-1] = _shortened(kept[-1] + " " + broken[lines], width, name, size)
    return kept


def _shortened(text: str, width: int, name: str, size: int) -> str:
    """As many whole words as fit before the ellipsis; letters where not even half the line would be filled."""
    letters = text
    while letters and width_of(letters.rstrip() + ELLIPSIS, name, size) > width:
        letters = letters[:-1]
    words = letters.rpartition(" ")[0] if len(letters) < len(text) and text[len(letters)] != " " else letters
    kept = words if width_of(words, name, size) * 2 > width else letters
    return kept.rstrip(" ,;:–-(") + ELLIPSIS
