"""A printed catalogue as PDF, one a locale: cover, contents, chapters with their products, indexes, legal page.

1. Items are spooled to disk; a slim plan of chapters and sections stays in memory.
2. The contents are typeset once to learn how many pages they take.
3. Each part of each chapter is measured, packed into pages and typeset; its outline tells where every product stands.
4. Chapter openers, contents and indexes are typeset with those pages.
5. All are bound into one file.

So the typesetter's memory is that of the longest part, and every page number was read from a page.
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
from pim.syndication.writers.book import Chapter, Entry, Place, Plan, Section, parts_of
from pim.syndication.writers.packing import PAGE, Heights, Page, Row, pack
from pim.syndication.writers.pictures import Pictures
from pim.syndication.writers.print_matter import CONTENTS, INDEX_NAMES, INDEX_REFERENCES, LEGAL, PrintMatter
from pim.syndication.writers.print_style import load_style
from pim.syndication.writers.typesetting import Typesetter

FEATURE_PICTURE, CARD_PICTURE, THUMB, PANEL_PICTURE, PANEL_SIDE = 58.0, 33.0, 15.0, 130.0, 50.0
"""Longest sides in millimetres, as the templates place them."""
THUMBS = 3
BACK = (INDEX_NAMES, INDEX_REFERENCES, LEGAL)


def write_typst_pdf(feed: Feed, items: Iterable[Item], put: Put) -> None:
    with TemporaryDirectory(prefix="pim-print-") as folder, Typesetter(feed.folder, Path(folder)) as typesetter:
        put(feed.name, PrintCatalogue(feed, typesetter).made_of(items), "application/pdf")


class PrintCatalogue:
    """One making of one catalogue, in the typesetter's workshop that goes away with it."""

    def __init__(self, feed: Feed, typesetter: Typesetter) -> None:
        if feed.locale is None:
            raise ConfigurationError(f"file `{feed.name}` of export `{feed.export}` needs `{{locale}}` in its name")
        self.locale = feed.locale
        self.structure = feed.structure
        self.style = load_style(feed.folder, feed.locale)
        self.typesetter = typesetter
        self.workshop = typesetter.workshop
        self.pictures = Pictures(feed.open_media, self.workshop / "pictures")
        self.spool = self.workshop / "items.ndjson"

    def made_of(self, items: Iterable[Item]) -> Path:
        chapters = self._planned(items)
        matter = PrintMatter(self.style, chapters, self.pictures, self.locale)
        self.typesetter.lay("book.json", matter.book())
        front = self._sheets("front.typ", "front", matter.front({}), [CONTENTS])
        bodies, pages = self._chapters(matter, front.pages + 1)
        openers = [
            self._sheets("opener.typ", f"{chapter.id}-0", matter.opener(chapter, pages), [chapter.id])
            for chapter in chapters
        ]
        first = front.pages + len(openers) + sum(sheets.pages for body in bodies for sheets in body) + 1
        back = self._sheets("back.typ", "back", matter.back(first, pages), BACK)
        pages |= _pages_of(back, first)
        front = self._sheets("front.typ", "front", matter.front(pages), [CONTENTS])
        parts = [front]
        for opener, body in zip(openers, bodies, strict=True):
            parts += [opener, *body]
        out = self.workshop / "catalogue.pdf"
        bind([*parts, back], self._outline(chapters), self._imprint(), out)
        return out

    def _planned(self, items: Iterable[Item]) -> list[Chapter]:
        plan = Plan(self.structure, self.style.words["others"])
        with self.spool.open("wb") as spool:
            for number, item in enumerate(items, 1):
                variants = in_axis_order(item.fields["variants"], self.structure.options)
                fields = {**item.fields, "variants": variants}
                plan.add(place_of(fields, self.locale), entry_of(f"i{number}", fields, spool.tell(), self.locale))
                spool.write(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
        return plan.chapters()

    def _sheets(self, template: str, output: str, data: Block, names: Iterable[str]) -> Sheets:
        return read_sheets(self.typesetter.compile(template, output, data), list(names))

    def _chapters(self, matter: PrintMatter, first: int) -> tuple[list[list[Sheets]], dict[str, int]]:
        """The sheets of each chapter behind its opener, and the page of every chapter, section and product."""
        bodies: list[list[Sheets]] = []
        pages: dict[str, int] = {}
        page = first
        for chapter in matter.chapters:
            pages[chapter.id] = page
            page += 1
            body: list[Sheets] = []
            for number, sections in enumerate(parts_of(chapter), 1):
                body.append(self._part(matter, chapter, sections, page, f"{chapter.id}-{number}"))
                pages |= _pages_of(body[-1], page)
                page += body[-1].pages
            bodies.append(body)
        return bodies, pages

    def _part(self, matter: PrintMatter, chapter: Chapter, sections: list[Section], first: int, output: str) -> Sheets:
        counts = {section.id: len(section.entries) for section in chapter.sections}
        heads = [matter.section_head(section, counts.get(section.id, 0)) for section in sections]
        blocks = {entry.id: self._block(entry) for section in sections for entry in section.entries}
        data: Block = {"first_page": first, "chapter": matter.head(chapter)}
        measured = {**data, "sections": heads, "items": list(blocks.values())}
        found = self.typesetter.query("measure.typ", "heights", output, measured)
        heights = Heights(found["heads"], dict(found["blocks"]))
        for name, height in heights.blocks.items():
            blocks[name]["whole"] = height <= PAGE
        pages = pack(sections, heights)
        shown = dict(zip(map(id, sections), heads, strict=True))
        tint = data["chapter"]["tint"]
        for entry in filter(None, (page.lone_feature() for page in pages)):
            blocks[entry.id]["panel"] = self._panel(entry, tint)
        laid = [[_line(space, line, shown, blocks) for space, line in page.lines] for page in pages]
        return self._sheets("part.typ", output, {**data, "pages": laid}, _names(pages))

    def _panel(self, entry: Entry, tint: str) -> list[str] | None:
        """Pictures of a feature that has a page to itself, the first one large."""
        if entry.picture is None:
            return None
        others = [code for code in self._fields(entry).get("pictures", []) if code != entry.picture]
        sides = [(entry.picture, PANEL_PICTURE), *((code, PANEL_SIDE) for code in others[: THUMBS - 1])]
        return [path for path in (self.pictures.placed(code, side, tint) for code, side in sides) if path] or None

    def _fields(self, entry: Entry) -> dict[str, Any]:
        with self.spool.open("rb") as spool:
            spool.seek(entry.offset)
            fields: dict[str, Any] = json.loads(spool.readline())
        return fields

    def _block(self, entry: Entry) -> Block:
        fields = self._fields(entry)
        block = block_of(fields, entry.id, self.locale, self.style.words)
        block |= {"panel": None, "whole": True}
        block["picture"] = self.pictures.placed(entry.picture, FEATURE_PICTURE if entry.feature else CARD_PICTURE)
        others = [code for code in fields.get("pictures", []) if code != entry.picture]
        block["pictures"] = [path for path in (self.pictures.placed(code, THUMB) for code in others[:THUMBS]) if path]
        return block

    def _outline(self, chapters: list[Chapter]) -> list[Heading]:
        words = self.style.words
        body = [
            Heading(chapter.name, chapter.id, tuple(Heading(s.name, s.id) for s in chapter.sections if s.name))
            for chapter in chapters
        ]
        titles = (words["index_names"], words["index_references"], words["legal"])
        ends = [Heading(title, target) for title, target in zip(titles, BACK, strict=True)]
        return [Heading(words["contents"], CONTENTS), *body, *ends]

    def _imprint(self) -> Imprint:
        texts = self.style.texts
        title = " – ".join(filter(None, (texts["shop"], texts["title"], texts.get("edition"))))
        return Imprint(title, texts["shop"], self.locale.replace("_", "-"), self.style.words["page"])


def place_of(fields: Mapping[str, Any], locale: str) -> Place:
    """Chapter and section of an item, as its fields name them."""
    chapter, section = fields.get("chapter", {}), fields.get("section", {})
    names = [polished(level.get("name", ""), locale) for level in (chapter, section)]
    return chapter.get("code", ""), names[0], section.get("code", ""), names[1]


def entry_of(id: str, fields: Mapping[str, Any], offset: int, locale: str) -> Entry:
    return Entry(
        id=id,
        name=polished(fields["name"], locale),
        references=tuple(polished(variant["reference"], locale) for variant in fields["variants"]),
        feature=len(fields["variants"]) > 1,
        picture=fields.get("picture"),
        offset=offset,
    )


def _pages_of(sheets: Sheets, first: int) -> dict[str, int]:
    return {name: first + target.page - 1 for name, target in sheets.targets.items()}


def _line(space: float, line: Section | Row, heads: Mapping[int, Block], blocks: Mapping[str, Block]) -> Block:
    if isinstance(line, Section):
        return {"space": space, "section": heads[id(line)]}
    return {"space": space, "items": [blocks[entry.id] for entry in line.entries]}


def _names(pages: list[Page]) -> list[str]:
    """Of the headings that a part's outline lists, in its order: those of continued sections are not listed."""
    names: list[str] = []
    for page in pages:
        for _, line in page.lines:
            names += [entry.id for entry in line.entries] if isinstance(line, Row) else [line.id] if line.id else []
    return names
