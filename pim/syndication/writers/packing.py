"""Lays blocks of known height on pages so that little paper stays white. Lengths in millimetres.

Blocks keep their order, except that a later one of the same section may come forward to fill what the next cannot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pim.syndication.writers.book import Entry, Section

PAGE = 252.5
"""Height of the text area, less a hair for rounding."""
GAP, SECTION_GAP, HEAD_GAP = 8.0, 12.0, 6.0
"""Between blocks, before a section's head, and between the head and its first block."""
PANEL = 60.0
"""White space from which a lone feature takes the whole page, its picture in a panel."""
MOST_GAP = 20.0
"""A page that is nearly full spreads its blocks to its foot, up to this between two."""


@dataclass(frozen=True, slots=True)
class Row:
    """A feature, or one or two cards side by side."""

    entries: tuple[Entry, ...]
    height: float


@dataclass(slots=True)
class Page:
    """`lines` are (space above, section head or row)."""

    lines: list[tuple[float, Section | Row]] = field(default_factory=list)
    used: float = 0.0

    def add(self, space: float, line: Section | Row, height: float) -> None:
        space = space if self.lines else 0.0
        self.lines.append((space, line))
        self.used += space + height

    def room(self, space: float) -> float:
        return PAGE - self.used - (space if self.lines else 0.0)

    def lone_feature(self) -> Entry | None:
        """The one product of a page that would stay half white: it may have a large picture."""
        rows = [line for _, line in self.lines if isinstance(line, Row)]
        alone = len(rows) == 1 and len(rows[0].entries) == 1 and rows[0].entries[0].feature
        return rows[0].entries[0] if alone and PAGE - self.used >= PANEL else None


@dataclass(frozen=True, slots=True)
class Heights:
    """Of a part's blocks: heads in the order of its sections, blocks by entry id."""

    heads: Sequence[float]
    blocks: Mapping[str, float]


def pack(sections: Sequence[Section], heights: Heights) -> list[Page]:
    """Every row of every section, each section behind its head. What is taller than a page has one to itself."""
    pages = [Page()]
    for section, head in zip(sections, heights.heads, strict=True):
        rows = rows_of(section, heights)
        if section.name:
            _open(pages, section, head, rows)
        while rows:
            fitting = next((row for row in rows if row.height <= pages[-1].room(GAP)), None)
            if fitting is None and pages[-1].lines:
                pages.append(Page())
                continue
            row = fitting or rows[0]
            rows.remove(row)
            pages[-1].add(GAP, row, row.height)
    for page in pages:
        _spread(page)
    return pages


def rows_of(section: Section, heights: Heights) -> list[Row]:
    """Features one by one, then cards in twos."""
    rows = [Row((entry,), heights.blocks[entry.id]) for entry in section.entries if entry.feature]
    cards = [entry for entry in section.entries if not entry.feature]
    for at in range(0, len(cards), 2):
        pair = tuple(cards[at : at + 2])
        rows.append(Row(pair, max(heights.blocks[card.id] for card in pair)))
    return rows


def _open(pages: list[Page], section: Section, head: float, rows: list[Row]) -> None:
    """The head, and with it the first row that fits below it: a head never stands alone."""

    def below(space: float) -> Row | None:
        room = pages[-1].room(space) - head - HEAD_GAP
        return next((row for row in rows if row.height <= room), None)

    first = below(SECTION_GAP)
    if first is None:
        if pages[-1].lines:
            pages.append(Page())
        first = below(0.0) or rows[0]
    rows.remove(first)
    pages[-1].add(SECTION_GAP, section, head)
    pages[-1].add(HEAD_GAP, first, first.height)


def _spread(page: Page) -> None:
    """Shares out what little is left at the foot between the blocks."""
    gaps = [at for at, (space, _) in enumerate(page.lines) if at > 0 and space >= GAP]
    left = PAGE - page.used
    if gaps and 0 < left <= len(gaps) * (MOST_GAP - GAP):
        for at in gaps:
            space, line = page.lines[at]
            page.lines[at] = (space + left / len(gaps), line)
        page.used = PAGE
