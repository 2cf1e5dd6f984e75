"""Builders for tests of labels and signage: items as the in-store mapping makes them, a feed, and what was put."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageDraw

from pim.base.errors import NotFound
from pim.catalog.structure import Structure
from pim.syndication.feed import Feed
from pim.syndication.model import Item
from pim.syndication.writers.label_designs import DESIGNS, label_of
from pim.syndication.writers.label_panel import Panel
from pim.syndication.writers.wording import Wording

FOLDER = Path(__file__).parents[2] / "channel_exports" / "in_store"
GTIN = "9506000134352"
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (255, 0, 0)
ON_SALE = {"sale_price": "40.00", "prior_price": "50.00", "sale_start": "2026-11-01", "sale_end": "2026-12-31"}


def a_product(**changes: Any) -> dict[str, Any]:
    """Fields of a tent at 59.90 €; None takes a field away."""
    fields = {
        "sku": "TEN-1",
        "name": "Tente Bivouac deux places",
        "brand": "Aubrac",
        "gtin": GTIN,
        "link": f"https://id.gs1.org/01/0{GTIN}",
        "price": "59.90",
        "currency": "EUR",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def an_item(key: str = "TEN-1", root: str | None = None, **changes: Any) -> Item:
    return Item(key, "product", root or f"product/{key}", a_product(sku=key, **changes))


def a_panel(size: str, locale: str = "fr_FR", palette: str = "BWR", **changes: Any) -> Panel:
    return DESIGNS[size](label_of(a_product(**changes), locale, Wording(FOLDER / "words.yaml", locale)), palette)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def a_picture(code: str) -> BinaryIO:
    if code.startswith("lost"):
        raise NotFound(f"no media file {code}")
    if code.startswith("broken"):
        return io.BytesIO(b"no picture")
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).ellipse((80, 40, 320, 260), fill=(sum(code.encode()) % 200, 120, 60))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    stream.seek(0)
    return stream


class Puts(dict[str, bytes]):
    """The files a writer put, by name."""

    def __call__(self, name: str, content: bytes | Path, media_type: str) -> None:
        assert name not in self
        self[name] = content if isinstance(content, bytes) else content.read_bytes()


def a_store_feed(name: str, locale: str = "fr_FR", options: Mapping[str, Any] | None = None) -> Feed:
    return Feed(
        export="in_store",
        name=name,
        locale=locale,
        locales=(locale,),
        scope="store",
        currency="EUR",
        options=options or {},
        folder=FOLDER,
        structure=Structure([]),
        as_of=datetime(2026, 11, 22, tzinfo=UTC),
        public_url="https://pim.example",
        open_media=a_picture,
    )
