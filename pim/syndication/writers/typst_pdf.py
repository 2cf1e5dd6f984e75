"""A printed catalogue as PDF, one a locale: cover, contents, chapters with their products, indexes, legal page.

1. Items are spooled to disk; a slim plan of chapters and sections stays in memory.
2. The contents are typeset once to learn how many pages they take.
3. Each part of each chapter is typeset; its outline tells on which page every product stands.
4. Chapter openers, contents and indexes are typeset with those pages.
5. All are bound into one file.

So memory is that of the longest part, and every page number was read from a page.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pim.base.errors import ConfigurationError
from pim.syndication.feed import Feed, Put
from pim.syndication.model import Item
from pim.syndication.writers.binding import Heading, Imprint, Sheets, bind, read_sheets
from pim.syndication.writers.blocks import Block, block_of, in_axis_order, polished
from pim.syndication.writers.book import Chapter, Entry, Place, Plan, Section, letter_groups, parts_of
from pim.syndication.writers.pictures import Pictures
from pim.syndication.writers.print_style import PrintStyle, load_style
from pim.syndication.writers.typesetting import Typesetter

FEATURE_PICTURE, CARD_PICTURE, THUMB = 58.0, 33.0, 17.0
OPENER_PICTURE, TILE_PICTURE, CONTENTS_PICTURE = 96.0, 56.0, 26.0
"""Longest sides in millimetres, as the templates place them."""

COVER_TILES, OPENER_PICTURES, THUMBS = 6, 3, 3
UNKNOWN_PAGE = 888
"""As wide as any page number, until the page is known."""


def write_typst_pdf(feed: Feed, items: Iterable[Item], put: Put) -> None:
    with TemporaryDirectory(prefix="pim-print-") as folder, Typesetter(feed.folder, Path(folder)) as typesetter:
        put(feed.name, PrintCatalogue(feed, typesetter).made_of(items), "application/pdf")


class PrintCatalogue:
    """One making of one catalogue in a workshop folder that goes away with it."""

    def __init__(self, feed: Feed, typesetter: Typesetter) -> None:
        if feed.locale is None:
            raise ConfigurationError(f"file `{feed.name}` of export `{feed.export}` needs `{{locale}}` in its name")
        self.locale = feed.locale
        self.style: PrintStyle = load_style(feed.folder, feed.locale)
        self.typesetter = typesetter
        self.workshop = workshop = typesetter.workshop
        self.pictures = Pictures(feed.open_media, workshop / "pictures")
        self.options = feed.structure.options
        self.plan = Plan(feed.structure, self.style.words["others"])
        self.spool = workshop / "items.ndjson"

    def made_of(self, items: Iterable[Item]) -> Path:
        self._spool(items)
        chapters = self.plan.chapters()
        self.typesetter.lay("book.json", self._book())
        front_pages = self._front(chapters, {}).pages
        bodies, pages = self._chapters(chapters, front_pages + 1)
        openers = [self._opener(chapter, pages) for chapter in chapters]
        after = front_pages + sum(sheets.pages for body in bodies for sheets in body) + len(openers) + 1
        back = self._back(chapters, after, pages)
        for name in ("index-names", "index-references", "legal"):
            pages[name] = after + back.targets[name].page - 1
        front = self._front(chapters, pages)
        parts = [front]
        for opener, body in zip(openers, bodies, strict=True):
            parts += [opener, *body]
        out = self.workshop / "catalogue.pdf"
        bind([*parts, back], self._outline(chapters), self._imprint(), out)
        return out

    def _spool(self, items: Iterable[Item]) -> None:
        with self.spool.open("wb") as spool:
            for number, item in enumerate(items, 1):
                fields = {**item.fields, "variants": in_axis_order(item.fields["variants"], self.options)}
                self.plan.add(place_of(fields, self.locale), entry_of(f"i{number}", fields, spool.tell(), self.locale))
                spool.write(json.dumps(fields, ensure_ascii=False).encode() + b"\n")

    def _chapters(self, chapters: list[Chapter], first: int) -> tuple[list[list[Sheets]], dict[str, int]]:
        """The sheets of each chapter, and the page of every chapter, section and product."""
        bodies: list[list[Sheets]] = []
        pages: dict[str, int] = {}
        page = first
        for chapter in chapters:
            pages[chapter.id] = page
            page += 1
            body: list[Sheets] = []
            for number, sections in enumerate(parts_of(chapter), 1):
                sheets = self._part(chapter, sections, page, f"{chapter.id}-{number}")
                pages |= {name: page + target.page - 1 for name, target in sheets.targets.items()}
                page += sheets.pages
                body.append(sheets)
            for section in chapter.sections:
                pages.setdefault(section.id, pages[section.in_order()[0].id])
            bodies.append(body)
        return bodies, pages

    def _part(self, chapter: Chapter, sections: list[Section], first: int, output: str) -> Sheets:
        data = {
            "first_page": first,
            "chapter": self._chapter_head(chapter),
            "sections": [self._section(section) for section in sections],
        }
        names = []
        for section in sections:
            names += [section.id] if section.name and section.id else []
            names += [entry.id for entry in section.in_order()]
        return read_sheets(self.typesetter.compile("part.typ", output, data), names)

    def _section(self, section: Section) -> Block:
        blocks = {entry: self._block(entry) for entry in section.entries}
        count = len(section.entries)
        words = self.style.words
        note = words["products_one"] if count == 1 else words["products"]
        return {
            "id": section.id,
            "name": section.name,
            "note": note.format(n=count) if section.id else words["continued"],
            "features": [block for entry, block in blocks.items() if entry.feature],
            "cards": [block for entry, block in blocks.items() if not entry.feature],
        }

    def _block(self, entry: Entry) -> Block:
        with self.spool.open("rb") as spool:
            spool.seek(entry.offset)
            fields = json.loads(spool.readline())
        block = block_of(fields, entry.id, self.locale, self.style.words)
        block["picture"] = self.pictures.placed(entry.picture, FEATURE_PICTURE if entry.feature else CARD_PICTURE)
        others = [code for code in fields.get("pictures", []) if code != entry.picture]
        block["pictures"] = [path for path in (self.pictures.placed(code, THUMB) for code in others[:THUMBS]) if path]
        return block

    def _opener(self, chapter: Chapter, pages: Mapping[str, int]) -> Sheets:
        head = self._chapter_head(chapter)
        sections = [section for section in chapter.sections if section.name]
        data = {
            "page": pages[chapter.id],
            "chapter": head,
            "sections": [{"id": s.id, "name": s.name, "page": pages[s.id]} for s in sections],
            "pictures": self._pictures_of(chapter, OPENER_PICTURES, OPENER_PICTURE, head["tint"]),
        }
        return read_sheets(self.typesetter.compile("opener.typ", f"{chapter.id}-0", data), [chapter.id])

    def _pictures_of(self, chapter: Chapter, most: int, side: float, tint: str) -> list[tuple[str, str]]:
        """(file, name) of pictures that differ, spread over the chapter."""
        pictured = {entry.picture: entry.name for entry in chapter.entries() if entry.picture}
        step = max(1, len(pictured) // most)
        chosen = list(pictured.items())[::step][:most]
        placed = [(self.pictures.placed(code, side, tint), name) for code, name in chosen]
        return [(path, name) for path, name in placed if path]

    def _front(self, chapters: list[Chapter], pages: Mapping[str, int]) -> Sheets:
        data = {
            "tiles": self._tiles(chapters),
            "chapters": [self._contents_entry(chapter, pages) for chapter in chapters],
            "index": {"id": "index-names", "page": pages.get("index-names", UNKNOWN_PAGE)},
        }
        return read_sheets(self.typesetter.compile("front.typ", "front", data), ["contents"])

    def _tiles(self, chapters: list[Chapter]) -> list[dict[str, str]]:
        """One picture a chapter for the cover, then second ones until the cover is full."""
        found: list[list[dict[str, str]]] = []
        for chapter in chapters:
            tint = self._chapter_head(chapter)["tint"]
            pictures = self._pictures_of(chapter, COVER_TILES, TILE_PICTURE, tint)
            found.append([{"picture": path, "name": name, "tint": tint} for path, name in pictures])
        rounds = [group[turn] for turn in range(COVER_TILES) for group in found if turn < len(group)]
        return rounds[: len(rounds[:COVER_TILES]) // 3 * 3]

    def _contents_entry(self, chapter: Chapter, pages: Mapping[str, int]) -> Block:
        head = self._chapter_head(chapter)
        pictures = self._pictures_of(chapter, 1, CONTENTS_PICTURE, head["tint"])
        return {
            **head,
            "page": pages.get(chapter.id, UNKNOWN_PAGE),
            "picture": pictures[0][0] if pictures else None,
            "sections": [
                {"id": section.id, "name": section.name, "page": pages.get(section.id, UNKNOWN_PAGE)}
                for section in chapter.sections
                if section.name
            ],
        }

    def _back(self, chapters: list[Chapter], first: int, pages: Mapping[str, int]) -> Sheets:
        entries = [entry for chapter in chapters for entry in chapter.entries()]
        references = sorted((reference, entry.id) for entry in entries for reference in entry.references)
        data = {
            "first_page": first,
            "names": letter_groups((entry.name, entry.id) for entry in entries),
            "references": letter_groups(references),
            "pages": pages,
            "legal": self.style.texts["legal"],
        }
        names = ["index-names", "index-references", "legal"]
        return read_sheets(self.typesetter.compile("back.typ", "back", data), names)

    def _book(self) -> Block:
        style = self.style
        return {**style.texts, "words": style.words, "language": style.language, "region": style.region}

    def _chapter_head(self, chapter: Chapter) -> Block:
        number = int(chapter.id.removeprefix("c"))
        look = self.style.look(chapter.code, number)
        intro = polished(look.intro, self.locale) if look.intro else None
        return {
            "id": chapter.id,
            "name": polished(chapter.name, self.locale),
            "number": number,
            "of": len(self.plan.chapters()),
            "mark": f"{number:02}",
            "colour": look.colour,
            "tint": look.tint,
            "intro": intro,
        }

    def _outline(self, chapters: list[Chapter]) -> list[Heading]:
        words = self.style.words
        body = [
            Heading(chapter.name, chapter.id, tuple(Heading(s.name, s.id) for s in chapter.sections if s.name))
            for chapter in chapters
        ]
        ends = [("index_names", "index-names"), ("index_references", "index-references"), ("legal", "legal")]
        return [Heading(words["contents"], "contents"), *body, *(Heading(words[word], at) for word, at in ends)]

    def _imprint(self) -> Imprint:
        texts, words = self.style.texts, self.style.words
        title = f"{texts['shop']} – {texts['title']} – {texts['edition']}"
        return Imprint(title, texts["shop"], self.locale.replace("_", "-"), words["page"])


def place_of(fields: Mapping[str, Any], locale: str) -> Place:
    """Chapter and section of an item, as its fields name them."""
    chapter, section = fields.get("chapter", {}), fields.get("section", {})
    names = [polished(level.get("name", ""), locale) for level in (chapter, section)]
    return chapter.get("code", ""), names[0], section.get("code", ""), names[1]


def entry_of(id: str, fields: Mapping[str, Any], offset: int, locale: str) -> Entry:
    variants = fields["variants"]
    return Entry(
        id=id,
        name=polished(fields["name"], locale),
        references=tuple(polished(variant["reference"], locale) for variant in variants),
        feature=len(variants) > 1,
        picture=fields.get("picture"),
        offset=offset,
    )
