"""The plan of a printed catalogue: which item stands in which chapter and section, and how chapters split into parts.

Pure: items go in as slim entries, their pages come back from the typesetting.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pim.catalog.structure import Structure

PART_ITEMS = 300
"""Items compiled at once: bounds the memory of the typesetter, about a hundred pages."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the plan remembers of one item: where its fields are spooled and what the indexes say about it."""

    id: str
    name: str
    references: tuple[str, ...]
    feature: bool
    picture: str | None
    offset: int


@dataclass(slots=True)
class Section:
    """`name` is None for the items that stand directly in the chapter."""

    id: str
    name: str | None
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    id: str
    code: str
    name: str
    sections: list[Section]

    def entries(self) -> Iterator[Entry]:
        for section in self.sections:
            yield from section.entries


Place = tuple[str, str, str, str]
"""(chapter code, chapter name, section code, section name); empty where there is none."""


class Plan:
    """Collects entries by place, then gives the chapters in the order of the category tree."""

    def __init__(self, structure: Structure, others: str) -> None:
        self._ranks = {code: rank for rank, code in enumerate(_walk(structure.children, None))}
        self._others = others
        self._chapter_names: dict[str, str] = {}
        self._section_names: dict[str, str] = {"": ""}
        self._places: dict[str, dict[str, list[Entry]]] = {}

    def add(self, place: Place, entry: Entry) -> None:
        chapter, chapter_name, section, section_name = place
        self._chapter_names.setdefault(chapter, chapter_name or self._others)
        self._section_names.setdefault(section, section_name)
        self._places.setdefault(chapter, {}).setdefault(section, []).append(entry)

    def chapters(self) -> list[Chapter]:
        return [self._chapter(number, code) for number, code in enumerate(self._ordered(self._places), 1)]

    def _chapter(self, number: int, code: str) -> Chapter:
        places = self._places[code]
        sections = [
            Section(f"c{number}s{n}", self._section_names[section] or None, places[section])
            for n, section in enumerate(self._ordered(places, first=""), 1)
        ]
        return Chapter(f"c{number}", code, self._chapter_names[code], sections)

    def _ordered(self, codes: Iterable[str], first: str | None = None) -> list[str]:
        """Tree order; what is in no category comes last, or first where `first` names it."""
        return sorted(codes, key=lambda code: (code != first, self._ranks.get(code, len(self._ranks)), code))


def _walk(children: Mapping[str | None, list[str]], parent: str | None) -> Iterator[str]:
    for code in children.get(parent, []):
        yield code
        yield from _walk(children, code)


def parts_of(chapter: Chapter, most: int = PART_ITEMS) -> list[list[Section]]:
    """The chapter cut at sections, and inside those that are longer than `most`: a cut section keeps its id only in
    its first piece, the others are told apart by an empty id."""
    parts: list[list[Section]] = [[]]
    room = most
    for section in chapter.sections:
        for piece in _pieces(section, most):
            if len(piece.entries) > room and parts[-1]:
                parts.append([])
                room = most
            parts[-1].append(piece)
            room -= len(piece.entries)
    return parts


def _pieces(section: Section, most: int) -> Iterator[Section]:
    """Features lead, cards follow; each in the order of the items."""
    entries = sorted(section.entries, key=lambda entry: not entry.feature)
    for start in range(0, len(entries), most):
        yield Section(section.id if start == 0 else "", section.name, entries[start : start + most])


def letter_groups(entries: Iterable[tuple[str, str]]) -> list[dict[str, object]]:
    """(name, target id) → groups by first letter, in the alphabet's order without regard to accents; figures and
    signs stand first under `#`."""
    groups: dict[str, list[dict[str, str]]] = {}
    for name, target in sorted(entries, key=lambda pair: (_initial(pair[0]) != "#", folded(pair[0]), pair)):
        groups.setdefault(_initial(name), []).append({"name": name, "id": target})
    return [{"letter": letter, "entries": group} for letter, group in groups.items()]


def folded(text: str) -> str:
    """Letters and figures without accents and case: Éte → ete."""
    plain = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    letters = unicodedata.normalize("NFKD", plain).casefold()
    return "".join(letter for letter in letters if letter.isalnum() or letter == " ").strip()


def _initial(name: str) -> str:
    first = folded(name)[:1].upper()
    return first if first.isalpha() else "#"
