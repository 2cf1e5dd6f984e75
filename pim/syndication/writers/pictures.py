"""Product pictures for print: no more pixels than the paper shows, one file a picture and run."""

import hashlib
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageChops, ImageOps

from pim.base.errors import NotFound

PRINT_DPI = 300
JPEG_QUALITY = 88
LEAST_DPI = 150
"""Below this a picture looks coarse on paper, and the log says so."""

log = logging.getLogger(__name__)


class Pictures:
    """Pictures of one run, by media code: each is opened, scaled and written once for each place it stands in."""

    def __init__(self, open_media: Callable[[str], BinaryIO], folder: Path) -> None:
        self._open = open_media
        self._folder = folder
        self._placed: dict[tuple[str, float, str | None], str | None] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def placed(self, code: str | None, millimetres: float, tint: str | None = None) -> str | None:
        """Name of the file for a place of that side, `pictures/….jpg`; None where the picture is missing or broken.

        `tint` is the colour of the panel it stands on: the white around a product takes that colour.
        """
        if code is None:
            return None
        key = (code, millimetres, tint)
        if key not in self._placed:
            self._placed[key] = self._place(*key)
        return self._placed[key]

    def _place(self, code: str, millimetres: float, tint: str | None) -> str | None:
        try:
            with self._open(code) as source, Image.open(source) as image:
                ready = _scaled(image, round(millimetres / 25.4 * PRINT_DPI))
        except NotFound:
            log.warning("picture %s is not in the media store; its place stays empty", code)
            return None
        except (OSError, Image.DecompressionBombError, ValueError) as error:
            log.warning("picture %s cannot be read (%s); its place stays empty", code, error)
            return None
        if max(ready.size) < millimetres / 25.4 * LEAST_DPI:
            log.info("picture %s has %d × %d pixels, coarse at %g mm", code, *ready.size, millimetres)
        if tint:
            ready = ImageChops.multiply(ready, Image.new("RGB", ready.size, tint))
        return self._write(ready, f"{code}|{millimetres:g}|{tint}")

    def _write(self, image: Image.Image, key: str) -> str:
        """Flat drawings stay sharp as PNG (packed loosely: the typesetter packs them anew), photographs are JPEG."""
        drawn = image.getcolors(4096) is not None
        name = hashlib.sha256(key.encode()).hexdigest()[:24] + (".png" if drawn else ".jpg")
        if drawn:
            image.save(self._folder / name, compress_level=1)
        else:
            image.save(self._folder / name, quality=JPEG_QUALITY, subsampling=0)
        return f"{self._folder.name}/{name}"


def _scaled(image: Image.Image, most: int) -> Image.Image:
    """Turned upright, on white, at most so many pixels a side; never enlarged."""
    image.draft("RGB", (most * 2, most * 2))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    flat = upright.convert("RGB")
    flat.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return flat


def kept_by_jpeg(colour: str) -> str:
    """The nearest colour that JPEG does not change: a panel in it and a picture on it then have no visible border."""
    tile = Image.new("RGB", (16, 16), colour)
    for _ in range(4):
        file = io.BytesIO()
        tile.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        with Image.open(file) as kept:
            pixel = kept.convert("RGB").getpixel((8, 8))
        if pixel == tile.getpixel((8, 8)):
            break
        tile = Image.new("RGB", (16, 16), pixel)
    return "#{:02x}{:02x}{:02x}".format(*tile.getpixel((8, 8)))  # type: ignore[misc]
