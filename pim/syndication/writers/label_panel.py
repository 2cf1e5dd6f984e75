"""A small electronic-paper panel: every dot is one of its pure colours, nothing is smoothed.

Text is set on baselines and measured in whole dots; the fonts are hinted for that (DejaVu Sans Condensed) or only used
large (Barlow Condensed). No text is set below 11 px, where capitals are 8 dots high.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pim.syndication.writers.barcodes import (
    EAN13_MODULES,
    GUARDS,
    QR_QUIET,
    QUIET_LEFT,
    QUIET_RIGHT,
    as_ean13,
    ean13_modules,
    qr_modules,
)
from pim.syndication.writers.offer import PriceParts

FONTS = Path(__file__).parents[2] / "fonts"
REGULAR = "DejaVuSansCondensed.ttf"
BOLD = "DejaVuSansCondensed-Bold.ttf"
PRICE = "BarlowCondensed-Bold.ttf"

WHITE, BLACK, ACCENT = 0, 1, 2
PALETTES: dict[str, list[tuple[int, int, int]]] = {
    "BW": [(255, 255, 255), (0, 0, 0)],
    "BWR": [(255, 255, 255), (0, 0, 0), (255, 0, 0)],
}
"""Name of a palette → its colours, in the order of the indexes above."""

RLE = 3
"""zlib's strategy for runs: as small as its default for such pictures, in a third of the time."""

SMALLEST = 11
EAN_MODULE = 2
EAN_WIDTH = EAN_MODULE * (QUIET_LEFT + EAN13_MODULES + QUIET_RIGHT)

INK = bytes.maketrans(b"01", b"\x00\xff")

Box = tuple[int, int, int, int]


@lru_cache(maxsize=64)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True, slots=True)
class Glyph:
    """The dots of a letter (None for a space), their left and top seen from the pen on the baseline, and how far the
    pen moves."""

    dots: Image.Image | None
    left: int
    top: int
    step: int

    @property
    def bottom(self) -> int:
        return self.top + (self.dots.height if self.dots else 0)


_THRESHOLD = [0] * 128 + [255] * 128


@lru_cache(maxsize=8192)
def _glyph(letter: str, name: str, size: int) -> Glyph:
    """Hinted for one bit a dot, a letter moves the pen by whole dots and looks the same beside any neighbour: so
    letters are drawn once, not texts. It is drawn behind an H, whose foot tells where the baseline really is: Pillow
    rounds it from the unhinted outline, a dot too high for some letters."""
    set_in = font(name, size)
    cap, step = (round(set_in.getlength(text, mode="1")) for text in ("H", letter))
    right = (_sheet("H", name, size).getbbox() or (0, 0, 0, 0))[2]
    sheet = _sheet(f"H{letter}", name, size)
    _, _, _, baseline = sheet.crop((0, 0, size + cap // 2, sheet.height)).getbbox() or (0, 0, 0, 0)
    box = sheet.crop((right, 0, sheet.width, sheet.height)).getbbox()
    if box is None:
        return Glyph(None, 0, 0, step)
    left, top = right + box[0], box[1]
    dots = sheet.crop((left, top, right + box[2], box[3]))
    return Glyph(dots, left - size - cap, top - baseline, step)


def _sheet(text: str, name: str, size: int) -> Image.Image:
    """The text alone, one bit a dot, the pen starting `size` from the left. Large figures are cut at half a dot's
    cover, which leaves their curves without the spikes that one-bit drawing gives them."""
    set_in = font(name, size)
    sheet = Image.new("L", (round(set_in.getlength(text)) + 3 * size, 4 * size))
    pen = ImageDraw.Draw(sheet)
    pen.fontmode = "L" if name == PRICE else "1"
    pen.text((size, 2 * size), text, fill=255, font=set_in, anchor="ls")
    return sheet.point(_THRESHOLD, "1")


def width_of(text: str, name: str, size: int) -> int:
    """How far the pen moves, in dots."""
    return sum(_glyph(letter, name, size).step for letter in text)


@lru_cache(maxsize=256)
def capital_height(name: str, size: int) -> int:
    return -_glyph("H", name, size).top


@lru_cache(maxsize=256)
def ascent(name: str, size: int) -> int:
    """From the baseline up to the highest accent."""
    return -min(_glyph(letter, name, size).top for letter in "ÉÎÔÀ(/€")


@lru_cache(maxsize=256)
def descent(name: str, size: int) -> int:
    """From the baseline down to the lowest tail."""
    return max(_glyph(letter, name, size).bottom for letter in "gjyçQ(/;")


class Panel:
    """`placed` remembers the box of everything drawn that must stay readable, so that overlaps can be found."""

    def __init__(self, width: int, height: int, palette: str) -> None:
        self.width, self.height = width, height
        colours = PALETTES[palette]
        self.accent = ACCENT if len(colours) > ACCENT else BLACK
        self.image = Image.new("P", (width, height), WHITE)
        self.image.putpalette([part for colour in colours for part in colour])
        self.draw = ImageDraw.Draw(self.image)
        self.draw.fontmode = "1"
        self.placed: list[tuple[str, Box]] = []

    def png(self) -> bytes:
        stream = io.BytesIO()
        self.image.save(stream, "PNG", bits=2 if self.accent == ACCENT else 1, compress_type=RLE)
        return stream.getvalue()

    def box(self, box: Box, colour: int) -> None:
        """Fills from the left top corner up to, not including, the right bottom one."""
        left, top, right, bottom = box
        self.draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def text(self, at: tuple[int, int], text: str, name: str, size: int, colour: int = BLACK, align: str = "l") -> int:
        """Sets text on a baseline, from the left (`l`) or up to the right (`r`), and returns its width."""
        width = width_of(text, name, size)
        x, y = at[0] - (width if align == "r" else 0), at[1]
        self.placed.append((text, self._ink(x, y, text, name, size, colour)))
        return width

    def _ink(self, x: int, y: int, text: str, name: str, size: int, colour: int) -> Box:
        """Draws from the pen's place on; returns the box of the text, as high as what is in it."""
        pen, highest, lowest = x, y, y
        put = self.draw.draw.draw_bitmap
        for letter in text:
            glyph = _glyph(letter, name, size)
            if glyph.dots is not None:
                put((pen + glyph.left, y + glyph.top), glyph.dots.im, colour)
                highest, lowest = min(highest, y + glyph.top), max(lowest, y + glyph.bottom)
            pen += glyph.step
        return x, highest, pen, lowest

    def struck(self, at: tuple[int, int], text: str, size: int) -> int:
        """Text with one line through it, as a former price."""
        width = self.text(at, text, REGULAR, size)
        middle = at[1] - capital_height(REGULAR, size) // 2
        thick = 2 if size >= 18 else 1
        self.box((at[0] - 1, middle - thick // 2, at[0] + width + 1, middle - thick // 2 + thick), BLACK)
        return width

    def price(self, right: int, baseline: int, parts: PriceParts, size: int, colour: int) -> int:
        """The price up to `right`: whole units large, cents raised at half the size, a currency that follows stands
        below the cents. Returns the width."""
        pieces = _price_pieces(parts, size)
        x = right - pieces[-1][0]
        for offset, rise, text, piece_size in pieces[:-1]:
            self.text((x + offset, baseline - rise), text, PRICE, piece_size, colour)
        return right - x

    def ean13(self, left: int, top: int, bars: int, gtin: str, digits: int) -> None:
        """An EAN-13 of two dots a module, `left` being where its quiet zone begins; digits below the bars."""
        first, height = left + EAN_MODULE * QUIET_LEFT, capital_height(BOLD, digits)
        modules = ean13_modules(gtin)
        guards = "".join(module if at in GUARDS else "0" for at, module in enumerate(modules))
        self._dots(first, top, [modules], EAN_MODULE, bars)
        self._dots(first, top + bars, [guards], EAN_MODULE, height // 2)
        baseline = top + bars + 2 + height
        for at, digit in enumerate(as_ean13(gtin) or ""):
            cell = first - 16 if at == 0 else first + EAN_MODULE * (3 + 7 * (at - 1) + (5 if at > 6 else 0))
            inset = (EAN_MODULE * 7 - width_of(digit, BOLD, digits)) // 2
            self._ink(cell + inset, baseline, digit, BOLD, digits, BLACK)
        self.placed.append((gtin, (left, top, left + EAN_WIDTH, baseline)))

    def qr(self, right: int, bottom: int, room: int, text: str) -> Box:
        """A QR code whose quiet zone ends at `right` and `bottom`: three dots a module, two where `room` is less.
        Returns the whole square, quiet zone included."""
        rows = qr_modules(text)
        modules = len(rows) + 2 * QR_QUIET
        scale = 3 if 3 * modules <= room else 2
        left, top = right - modules * scale, bottom - modules * scale
        symbol = ["".join("1" if black else "0" for black in row) for row in rows]
        self._dots(left + QR_QUIET * scale, top + QR_QUIET * scale, symbol, scale, scale)
        self.placed.append((text, (left, top, right, bottom)))
        return left, top, right, bottom

    def _dots(self, left: int, top: int, rows: list[str], wide: int, high: int) -> None:
        """Rows of `0` and `1`, each module so wide and high."""
        width, height = len(rows[0]), len(rows)
        mask = Image.frombytes("L", (width, height), "".join(rows).encode().translate(INK))
        large = mask.resize((width * wide, height * high), Image.Resampling.NEAREST)
        self.image.paste(BLACK, (left, top), large)

    def energy_arrow(self, left: int, top: int, height: int, letter: str) -> None:
        """The class in an arrow, with the range of classes before it (regulation (EU) 2017/1369)."""
        scale, tip = height * 11 // 20, height // 2
        self.draw.rectangle((left, top, left + scale - 1, top + height - 1), outline=BLACK, fill=WHITE)
        size = SMALLEST
        for mark, baseline in (("A", top + height // 2 - 2), ("G", top + height - 3)):
            x = left + (scale - width_of(mark, REGULAR, size) + 1) // 2
            self._ink(x, baseline, mark, REGULAR, size, BLACK)
        body = left + scale
        right = body + height
        shape = [(body, top), (right, top), (right + tip, top + height // 2), (right, top + height - 1)]
        self.draw.polygon([*shape, (body, top + height - 1)], fill=BLACK)
        large = height * 4 // 5
        x = body + (height - width_of(letter, BOLD, large)) // 2 + tip // 4
        y = top + (height + capital_height(BOLD, large)) // 2
        self._ink(x, y, letter, BOLD, large, WHITE)
        self.placed.append((letter, (left, top, right + tip, top + height)))


def price_width(parts: PriceParts, size: int) -> int:
    return _price_pieces(parts, size)[-1][0]


def price_tail(parts: PriceParts, size: int) -> int:
    """How far the decimal comma (or a comma between thousands) hangs below the baseline."""
    return max(
        _glyph(letter, PRICE, part_size).bottom
        for _, _, text, part_size in _price_pieces(parts, size)[:-1]
        for letter in text
    )


@lru_cache(maxsize=16384)
def price_size(parts: PriceParts, width: int, height: int) -> int:
    """The largest type in which the price fits a box of that width and height."""
    size = _size_for_capitals(height)
    while size > 16:
        across = price_width(parts, size)
        high = capital_height(PRICE, size) + price_tail(parts, size)
        if across <= width and high <= height:
            break
        size = min(size - 1, size * width // across + 1, size * height // high + 1)
    return size


@lru_cache(maxsize=256)
def _size_for_capitals(height: int) -> int:
    size = height
    while capital_height(PRICE, size + 1) <= height:
        size += 1
    return size


@lru_cache(maxsize=16384)
def _price_pieces(parts: PriceParts, size: int) -> tuple[tuple[int, int, str, int], ...]:
    """(x, rise over the baseline, text, size) of each part, and a last entry whose x is the whole width."""
    raised, small = max(size * 54 // 100, SMALLEST), max(size * 40 // 100, SMALLEST)
    mark = size * 72 // 100
    top, gap = capital_height(PRICE, size), max(size // 24, 1)
    pieces: list[tuple[int, int, str, int]] = []
    x = 0
    if parts.before:
        pieces.append((x, top - capital_height(PRICE, raised), parts.before, raised))
        x += width_of(parts.before, PRICE, raised) + gap
    whole = parts.whole.replace("\u00a0", " ")
    pieces.append((x, 0, whole, size))
    x += width_of(whole, PRICE, size)
    if parts.cents:
        pieces.append((x, 0, parts.point, mark))
        x += width_of(parts.point, PRICE, mark) // (1 if parts.after else 2)
        pieces.append((x, top - capital_height(PRICE, raised), parts.cents, raised))
    else:
        x += gap
    stacked = x
    x += width_of(parts.cents, PRICE, raised) if parts.cents else 0
    if parts.after:
        pieces.append((stacked + gap if parts.cents else stacked, 0, parts.after, small))
        x = max(x, stacked + gap + width_of(parts.after, PRICE, small))
    return (*pieces, (x, 0, "", 0))
