"""What the pages around the products show: cover, contents, chapter openers, indexes. Data for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pim.syndication.writers.blocks import Block, polished
from pim.syndication.writers.book import Chapter, Entry, Section, letter_groups
from pim.syndication.writers.pictures import Pictures
from pim.syndication.writers.print_style import PrintStyle

HERO_PICTURE, SIDE_PICTURE, TILE_PICTURE, CONTENTS_PICTURE = 104.0, 50.0, 56.0, 26.0
"""Longest sides in millimetres, as the templates place them."""
COVER_TILES, OPENER_PICTURES = 6, 3
UNKNOWN_PAGE = 888
"""As wide as any page number, until the page is known."""

INDEX_NAMES, INDEX_REFERENCES, LEGAL, CONTENTS = "index-names", "index-references", "legal", "contents"
"""Targets of links that are no chapter, section or product."""

Pages = Mapping[str, int]
"""Target → page of the book."""


@dataclass(frozen=True, slots=True)
class PrintMatter:
    style: PrintStyle
    chapters: Sequence[Chapter]
    pictures: Pictures
    locale: str

    def book(self) -> Block:
        """What every template knows."""
        style = self.style
        return {**style.texts, "words": style.words, "language": style.language, "region": style.region}

    def head(self, chapter: Chapter) -> Block:
        number = self.chapters.index(chapter) + 1
        look = self.style.look(chapter.code, number)
        return {
            "id": chapter.id,
            "name": chapter.name,
            "number": number,
            "of": len(self.chapters),
            "mark": f"{number:02}",
            "colour": look.colour,
            "tint": look.tint,
            "intro": polished(look.intro, self.locale) if look.intro else None,
        }

    def section_head(self, section: Section, count: int) -> Block:
        words = self.style.words
        note = words["products_one"] if count == 1 else words["products"]
        return {
            "id": section.id,
            "name": section.name,
            "note": note.format(n=count) if section.id else words["continued"],
        }

    def front(self, pages: Pages) -> Block:
        return {
            "tiles": self._tiles(),
            "chapters": [self._contents_entry(chapter, pages) for chapter in self.chapters],
            "index": {"id": INDEX_NAMES, "page": pages.get(INDEX_NAMES, UNKNOWN_PAGE)},
        }

    def opener(self, chapter: Chapter, pages: Pages) -> Block:
        tint = self.style.look(chapter.code, self.chapters.index(chapter) + 1).tint
        chosen = spread_over(chapter, OPENER_PICTURES)
        sides = [HERO_PICTURE] + [SIDE_PICTURE] * (OPENER_PICTURES - 1)
        placed = [
            (self.pictures.placed(entry.picture, side, tint), entry.name)
            for entry, side in zip(chosen, sides, strict=False)
        ]
        return {
            "page": pages[chapter.id],
            "chapter": self.head(chapter),
            "sections": self._sections(chapter, pages),
            "pictures": [(path, name) for path, name in placed if path],
        }

    def back(self, first: int, pages: Pages) -> Block:
        entries = [entry for chapter in self.chapters for entry in chapter.entries()]
        return {
            "first_page": first,
            "names": letter_groups((entry.name, entry.id) for entry in entries),
            "references": letter_groups((reference, entry.id) for entry in entries for reference in entry.references),
            "pages": {entry.id: pages[entry.id] for entry in entries},
            "legal": self.style.texts["legal"],
        }

    def _sections(self, chapter: Chapter, pages: Pages) -> list[Block]:
        return [
            {"id": section.id, "name": section.name, "page": pages.get(section.id, UNKNOWN_PAGE)}
            for section in chapter.sections
            if section.name
        ]

    def _contents_entry(self, chapter: Chapter, pages: Pages) -> Block:
        head = self.head(chapter)
        shown = [self.pictures.placed(e.picture, CONTENTS_PICTURE, head["tint"]) for e in spread_over(chapter, 1)]
        return {
            **head,
            "page": pages.get(chapter.id, UNKNOWN_PAGE),
            "picture": shown[0] if shown else None,
            "sections": self._sections(chapter, pages),
        }

    def _tiles(self) -> list[Block]:
        """One picture a chapter for the cover, then second ones until it is full; whole rows of three only."""
        chosen = [spread_over(chapter, COVER_TILES) for chapter in self.chapters]
        rounds = [
            (entries[turn], self.style.look(chapter.code, number).tint)
            for turn in range(COVER_TILES)
            for number, (chapter, entries) in enumerate(zip(self.chapters, chosen, strict=True), 1)
            if turn < len(entries)
        ]
        tiles: list[Block] = []
        for entry, tint in rounds:
            if len(tiles) < COVER_TILES and (path := self.pictures.placed(entry.picture, TILE_PICTURE, tint)):
                tiles.append({"picture": path, "name": entry.name, "tint": tint})
        return tiles[: len(tiles) // 3 * 3]


def spread_over(chapter: Chapter, most: int) -> list[Entry]:
    """Entries with pictures that differ, from all over the chapter."""
    pictured = list({entry.picture: entry for entry in chapter.entries() if entry.picture}.values())
    step = max(1, len(pictured) // most)
    return pictured[::step][:most]
