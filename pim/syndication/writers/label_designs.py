"""How a shelf-edge label looks, one function a size.

Both sizes share a grid: a black band (brand, variant), the name, a row with facts left and the price right, and the
symbols at the foot. What a product does not have leaves its room to the price and the bars.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pim.syndication.writers.barcodes import as_ean13
from pim.syndication.writers.label_panel import (
    BLACK,
    BOLD,
    EAN_WIDTH,
    REGULAR,
    SMALLEST,
    WHITE,
    Panel,
    ascent,
    capital_height,
    descent,
    price_size,
    price_tail,
    width_of,
)
from pim.syndication.writers.label_text import fitted, one_line
from pim.syndication.writers.offer import Offer, offer_of, price_parts, written
from pim.syndication.writers.wording import Wording

LONGEST_LINK = 150
"""Bytes whose QR code, at two dots a module, still fits the larger label."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is on a label, chosen and worded; a design only places it."""

    name: str
    brand: str
    """Of what brand, or else of which family."""
    variant: str
    reference: str
    tagline: str
    offer: Offer
    locale: str
    percent: str
    prior: str
    facts: tuple[str, ...]
    """Unit price first, then origin and eco-participation."""
    gtin: str | None
    link: str | None
    energy_class: str | None


def label_of(fields: Mapping[str, Any], locale: str, words: Wording) -> Label:
    offer, link = offer_of(fields), fields.get("link") or ""
    return Label(
        name=fields["name"],
        brand=fields.get("brand") or fields.get("family", ""),
        variant=words.variant(fields.get("variant", ())),
        reference=words("reference", sku=fields["sku"]),
        tagline=fields.get("tagline") or "",
        offer=offer,
        locale=locale,
        percent=words("percent_off", percent=offer.percent) if offer.percent else "",
        prior=written(offer.prior, offer.currency, locale) if offer.prior else "",
        facts=tuple(_facts(fields, offer, locale, words)),
        gtin=as_ean13(fields.get("gtin")),
        link=link if 0 < len(link.encode()) <= LONGEST_LINK else None,
        energy_class=fields.get("energy_class"),
    )


def unit_price_text(offer: Offer, locale: str, words: Wording) -> str:
    """`12,50 €/kg`, empty where there is none."""
    if offer.unit is None:
        return ""
    return words("unit_price", price=written(offer.unit.amount, offer.currency, locale), unit=offer.unit.per)


def _facts(fields: Mapping[str, Any], offer: Offer, locale: str, words: Wording) -> list[str]:
    facts = [unit_price_text(offer, locale, words)]
    if origin := fields.get("origin"):
        facts.append(words("origin", origin=origin))
    if eco := fields.get("eco_participation"):
        facts.append(words("eco_participation", price=written(Decimal(eco), offer.currency, locale)))
    return [fact for fact in facts if fact]


def draw_296x128(label: Label, palette: str) -> Panel:
    """2.9 inches, about 112 dots an inch: 67 × 29 mm on the shelf edge."""
    panel = Panel(296, 128, palette)
    reference = label.reference if label.gtin else ""
    _band(panel, label, reference, height=16, baseline=12, margin=6, sizes=(12, SMALLEST))
    crowded = len(label.facts) + bool(label.prior) > 3
    top = _name(panel, label, Name(6, 290, 20, 1 if crowded else 2, single=SMALL_SINGLE, double=SMALL_DOUBLE))
    foot = _small_foot(panel, label, top + 5)
    _price_row(panel, label, Row(6, 290, top + 5, foot - 5, flag=13, prior=13, unit=13, fact=SMALLEST))
    return panel


def draw_400x300(label: Label, palette: str) -> Panel:
    """4.2 inches, about 120 dots an inch: 85 × 64 mm, with a QR code for the shopper's telephone."""
    panel = Panel(400, 300, palette)
    _band(panel, label, "", height=28, baseline=21, margin=12, sizes=(17, 14))
    top = _name(panel, label, Name(12, 388, 37, 2, single=LARGE_SINGLE, double=LARGE_DOUBLE))
    if label.tagline:
        panel.text((12, top + 14), one_line(label.tagline, 376, REGULAR, 13), REGULAR, 13)
        top += 18
    foot = _large_foot(panel, label)
    _price_row(panel, label, Row(12, 388, top + 10, foot - 8, flag=22, prior=20, unit=18, fact=14))
    return panel


SMALL_SINGLE = ((BOLD, 16), (BOLD, 15), (BOLD, 14))
SMALL_DOUBLE = ((BOLD, 14), (BOLD, 13), (REGULAR, 12))
LARGE_SINGLE = ((BOLD, 25), (BOLD, 23))
LARGE_DOUBLE = ((BOLD, 21), (BOLD, 19), (BOLD, 17))

DESIGNS: dict[str, Callable[[Label, str], Panel]] = {"296x128": draw_296x128, "400x300": draw_400x300}
"""Size as in export.yaml → the function that draws it."""


def _band(
    panel: Panel, label: Label, reference: str, height: int, baseline: int, margin: int, sizes: tuple[int, int]
) -> None:
    """Brand left, variant right, white on black across the whole width; the reference where one is missing."""
    panel.box((0, 0, panel.width, height), BLACK)
    room = panel.width - 2 * margin
    left = label.brand.upper() or reference
    right = label.variant or (reference if label.brand else "")
    right = one_line(right, room // 2, REGULAR, sizes[1])
    used = panel.text((panel.width - margin, baseline), right, REGULAR, sizes[1], WHITE, align="r")
    panel.text((margin, baseline), one_line(left, room - used - 8, BOLD, sizes[0]), BOLD, sizes[0], WHITE)


@dataclass(frozen=True, slots=True)
class Name:
    """Where the name stands, and the types for it, largest first, on one line and on several."""

    left: int
    right: int
    top: int
    lines: int
    single: tuple[tuple[str, int], ...]
    double: tuple[tuple[str, int], ...]


def _name(panel: Panel, label: Label, place: Name) -> int:
    """Sets the name and returns where its descenders end."""
    room = place.right - place.left
    lines, name, size = fitted(label.name, room, 1, place.single)
    if "…" in lines[-1]:
        lines, name, size = fitted(label.name, room, place.lines, place.double)
    baseline = place.top + capital_height(name, size)
    for line in lines:
        panel.text((place.left, baseline), line, name, size)
        baseline += descent(name, size) + ascent(name, size)
    return baseline - ascent(name, size)


@dataclass(frozen=True, slots=True)
class Row:
    """Where facts and price stand, and the type sizes of the facts."""

    left: int
    right: int
    top: int
    bottom: int
    flag: int
    prior: int
    unit: int
    fact: int


def _price_row(panel: Panel, label: Label, row: Row) -> None:
    """The price right, as large as the facts beside it allow; the facts stacked upwards from its baseline."""
    offer, colour = label.offer, panel.accent if label.offer.prior else BLACK
    parts = price_parts(offer.selling, offer.currency, label.locale)
    styles = [(BOLD, row.unit) if at == 0 and offer.unit else (REGULAR, row.fact) for at in range(len(label.facts))]
    room = row.right - row.left
    wanted = [width_of(fact, *style) for fact, style in zip(label.facts, styles, strict=True)]
    wanted += [_flag_width(label, row), width_of(label.prior, REGULAR, row.prior)] if label.prior else []
    beside = min(max(wanted) + 10, room * 45 // 100) if wanted else 0
    size = price_size(parts, room - beside, min(row.bottom - row.top, panel.height * 2 // 5))
    baseline = row.bottom - price_tail(parts, size)
    facts_room = room - panel.price(row.right, baseline, parts, size, colour) - 8
    floor = row.bottom
    for fact, (name, largest) in reversed(list(zip(label.facts, styles, strict=True))):
        types = tuple((name, size) for size in range(largest, SMALLEST - 1, -1))
        (text,), name, size = fitted(fact, facts_room, 1, types)
        panel.text((row.left, floor - descent(name, size)), text, name, size)
        floor -= descent(name, size) + ascent(name, size)
    if label.prior:
        _reduction(panel, label, row, floor - descent(REGULAR, row.prior), facts_room)


def _flag_width(label: Label, row: Row) -> int:
    return width_of(label.percent, BOLD, row.flag) + 2 * (row.flag // 3)


def _reduction(panel: Panel, label: Label, row: Row, baseline: int, room: int) -> None:
    """The percentage in a flag of the accent colour, the prior price struck beside it, or below where too narrow."""
    pad, width = row.flag // 3, _flag_width(label, row)
    beside = width + 6 + width_of(label.prior, REGULAR, row.prior) <= room
    bottom = (baseline if beside else baseline - row.prior - 3) + (pad + 1) // 2
    top = bottom - capital_height(BOLD, row.flag) - pad
    panel.box((row.left, top, row.left + width, bottom), panel.accent)
    panel.text((row.left + pad, bottom - (pad + 1) // 2), label.percent, BOLD, row.flag, WHITE)
    panel.struck((row.left + width + 6 if beside else row.left, baseline), label.prior, row.prior)


def _small_foot(panel: Panel, label: Label, top: int) -> int:
    """Bars as tall as the rest allows, between 17 and 26 dots; the reference in words where there is no EAN-13.
    Returns where the foot begins."""
    if label.energy_class:
        panel.energy_arrow(240, 100, 24, label.energy_class)
    if label.gtin is None:
        reference = one_line(label.reference, 230 if label.energy_class else 284, REGULAR, 12)
        panel.text((6, 123), reference, REGULAR, 12)
        return 100 if label.energy_class else 112
    needed = 44 if len(label.facts) + bool(label.prior) <= 3 else 58
    bars = min(max(128 - top - needed - 13, 17), 26)
    foot = 128 - 13 - bars
    panel.ean13(0, foot, bars, label.gtin, digits=SMALLEST)
    return min(foot, 97) if label.energy_class else foot


def _large_foot(panel: Panel, label: Label) -> int:
    """EAN-13 left, energy class in the middle, QR code right, the reference above the bars.
    Returns where the foot begins."""
    foot = 300 - 10 - 12
    if label.link:
        foot = panel.qr(400, 300, 118, label.link)[1]
    elif label.gtin:
        foot = 206
    elif label.energy_class:
        foot = 300 - 12 - 28
    if label.energy_class:
        panel.energy_arrow(228, 300 - 12 - 28, 28, label.energy_class)
    reference = one_line(label.reference, 264 if label.gtin else 210, REGULAR, 12)
    if label.gtin is None:
        panel.text((12, 288), reference, REGULAR, 12)
        return foot
    panel.text((12, foot + 15), reference, REGULAR, 12)
    panel.ean13(0, foot + 22, 300 - foot - 22 - 17, label.gtin, digits=13)
    return foot


assert EAN_WIDTH <= 226  # the energy class has its place beside it on both sizes
