"""Builders for tests of the print catalogue: items, a feed around them, and pictures drawn on the spot."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageDraw

from pim.base.errors import NotFound
from pim.catalog.model import Category
from pim.catalog.structure import Structure
from pim.syndication.feed import Feed
from pim.syndication.model import Item

FOLDER = Path(__file__).parents[2] / "channel_exports" / "print_catalog"

TREE: dict[str, str | None] = {
    "paper": None,
    "camp": "paper",
    "tents": "camp",
    "sleeping": "camp",
    "table": "paper",
    "coffee": "table",
}
NAMES = {"camp": "Bivouac", "tents": "Tentes", "sleeping": "Couchage", "table": "La table", "coffee": "Cafés"}


def a_structure() -> Structure:
    structure = Structure([])
    structure.categories.update({code: Category(code=code, parent=parent) for code, parent in TREE.items()})
    return structure


def a_variant(reference: str, **fields: Any) -> dict[str, Any]:
    return {"reference": reference, "price": "19.90", **fields}


def an_item(code: str, *, category: str = "tents", variants: list[dict[str, Any]] | None = None, **fields: Any) -> Item:
    path = [code for code in _path(category) if code != "paper"]
    place = {
        level: {"code": path[at], "name": NAMES[path[at]]}
        for at, level in enumerate(("chapter", "section"))
        if at < len(path)
    }
    document = {
        "code": code,
        "name": f"Article {code}",
        "currency": "EUR",
        **place,
        "variants": variants or [a_variant(code.upper())],
        **fields,
    }
    return Item(key=code, kind="product", root_key=f"product/{code}", fields=document)


def _path(category: str | None) -> list[str]:
    return [*_path(TREE[category]), category] if category else []


def a_picture(code: str) -> BinaryIO:
    """A round thing on white, coloured by its name; NotFound for names that begin with `lost`, bytes that are no
    picture for `broken`."""
    if code.startswith("lost"):
        raise NotFound(f"media file `{code}` is not there")
    if code.startswith("broken"):
        return io.BytesIO(b"no picture")
    image = Image.new("RGB", (600, 500), "white")
    shade = sum(code.encode()) * 37 % 200
    ImageDraw.Draw(image).ellipse((60, 60, 540, 440), fill=(shade, 120, 220 - shade))
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def a_print_feed(locale: str = "fr_FR", **changes: Any) -> Feed:
    settings: Mapping[str, Any] = {
        "export": "print_catalog",
        "name": f"catalogue_{locale}.pdf",
        "locale": locale,
        "locales": (locale,),
        "scope": "print",
        "currency": "EUR",
        "options": {},
        "folder": FOLDER,
        "structure": a_structure(),
        "as_of": datetime(2026, 11, 1, tzinfo=UTC),
        "public_url": "http://localhost:8000",
        "open_media": a_picture,
        **changes,
    }
    return Feed(**settings)
