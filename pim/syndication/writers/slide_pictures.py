"""Product pictures inside a page that must need nothing else: scaled to the screen and written into the HTML."""

import base64
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageChops, ImageOps

from pim.base.errors import NotFound

LONGEST_SIDE = 1100
"""Dots; a slide gives its picture at most a little more than half of 1920."""

NEARLY_WHITE = 244
FAINT, FAINT_IN_JPEG = 254, 248
"""What is darker belongs to the product: its shadow, the glow of a lamp. In a JPEG white is seldom quite white."""

MARGIN = 24

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlidePicture:
    """`is_cutout`: a product on white (then the margins are cut and the page tints the white), else a whole scene."""

    url: str
    is_cutout: bool


def slide_picture(open_media: Callable[[str], BinaryIO], code: str) -> SlidePicture | None:
    """None where the picture is missing or is none; the log says which."""
    try:
        with open_media(code) as source, Image.open(source) as image:
            faint = FAINT_IN_JPEG if image.format == "JPEG" else FAINT
            flat = _flat(image)
    except NotFound:
        log.warning("picture %s is not in the media store; its product gets no slide", code)
        return None
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("picture %s cannot be read (%s); its product gets no slide", code, error)
        return None
    is_cutout = _is_cutout(flat)
    if is_cutout:
        flat = _without_margins(flat, faint)
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return SlidePicture(_data_url(flat), is_cutout)


def _flat(image: Image.Image) -> Image.Image:
    """Upright, on white, not much larger than needed."""
    image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _is_cutout(image: Image.Image) -> bool:
    right, bottom = image.width - 1, image.height - 1
    grey = image.convert("L").tobytes()
    corners = (0, right, bottom * image.width, bottom * image.width + right)
    return all(grey[corner] >= NEARLY_WHITE for corner in corners)


def _without_margins(image: Image.Image, faint: int) -> Image.Image:
    ink = ImageChops.invert(image.convert("L")).point(lambda value: 255 if value > 255 - faint else 0)
    box = ink.getbbox()
    if box is None:
        return image
    left, top, right, bottom = box
    width, height = image.size
    return image.crop(
        (max(left - MARGIN, 0), max(top - MARGIN, 0), min(right + MARGIN, width), min(bottom + MARGIN, height))
    )


def _data_url(image: Image.Image) -> str:
    """Flat drawings stay sharp and small as PNG, photographs as JPEG."""
    stream = io.BytesIO()
    drawn = image.resize((200, 200), Image.Resampling.NEAREST).getcolors(2048) is not None
    if drawn:
        image.quantize(255, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    else:
        image.save(stream, "JPEG", quality=84, optimize=True)
    return f"data:image/{'png' if drawn else 'jpeg'};base64,{base64.b64encode(stream.getvalue()).decode()}"
