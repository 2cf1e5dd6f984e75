"""The page a store's screens show, in turn, without a network: one HTML file that holds its fonts and pictures, and a
playlist that names it by digest.

Options in export.yaml: `template`, `words` (files of the export's folder), `shop` (the name on the page), `slides` (how
many), `seconds` (how long each), `playlist` (file name, `{locale}` filled in), `schedule` (passed on to the player).
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from babel.dates import format_date
from jinja2 import StrictUndefined, TemplateError
from jinja2.loaders import FileSystemLoader
from jinja2.sandbox import SandboxedEnvironment

from pim.base.errors import ConfigurationError
from pim.syndication.feed import Feed, Put
from pim.syndication.model import Item
from pim.syndication.writers.barcodes import QR_QUIET, qr_modules
from pim.syndication.writers.label_designs import unit_price_text
from pim.syndication.writers.offer import known_locale, price_parts, written
from pim.syndication.writers.slide_pictures import slide_picture
from pim.syndication.writers.slides import SALE, Candidate, best
from pim.syndication.writers.wording import Wording

FONTS = Path(__file__).parents[2] / "fonts"
FACES = {"heading": "BarlowCondensed-Bold.ttf", "text": "Barlow-Medium.ttf"}


class SignageOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shop: str
    template: str = "signage.html.j2"
    words: str = "words.yaml"
    playlist: str = "playlist_{locale}.json"
    slides: int = 12
    seconds: int = 9
    schedule: dict[str, Any] | None = None


def write_signage(feed: Feed, items: Iterable[Item], put: Put) -> None:
    options = _options(feed)
    if feed.locale is None:
        raise ConfigurationError(f"{feed.export}: a screen speaks one language; give the file a name with {{locale}}")
    words = Wording(feed.folder / options.words, feed.locale)
    slides = list(_slides(feed, best(items, options.slides), words, feed.locale, options))
    page = _page(feed, options, words, slides).encode()
    put(feed.name, page, "text/html; charset=utf-8")
    playlist = _playlist(feed, options, slides, page)
    put(options.playlist.replace("{locale}", feed.locale), playlist, "application/json")


def _options(feed: Feed) -> SignageOptions:
    try:
        return msgspec.convert(dict(feed.options), SignageOptions)
    except msgspec.ValidationError as invalid:
        raise ConfigurationError(f"{feed.export}, {feed.name}: options of signage: {invalid}") from invalid


def _slides(
    feed: Feed, chosen: list[Candidate], words: Wording, locale: str, options: SignageOptions
) -> Iterable[dict[str, Any]]:
    made = 0
    for candidate in chosen:
        picture = slide_picture(feed.open_media, candidate.item.fields["image"]["code"])
        if picture is not None and made < options.slides:
            made += 1
            yield _slide(candidate, words, locale) | {"picture": picture, "seconds": options.seconds}


def _slide(candidate: Candidate, words: Wording, locale: str) -> dict[str, Any]:
    """Everything worded: the template only places it."""
    fields, offer = candidate.item.fields, candidate.offer
    on_sale = candidate.kind == SALE
    eco = fields.get("eco_participation")
    return {
        "key": candidate.item.key,
        "kind": candidate.kind,
        "eyebrow": words("eyebrow_sale" if on_sale else "eyebrow_highlight"),
        "brand": fields.get("brand", ""),
        "name": fields["name"],
        "variant": words.variant(candidate.axes),
        "line": fields.get("tagline") or fields.get("summary", ""),
        "price": price_parts(offer.selling, offer.currency, locale),
        "price_text": written(offer.selling, offer.currency, locale),
        "starting_at": words("starting_at") if candidate.is_from else "",
        "percent": words("percent_off", percent=offer.percent) if on_sale else "",
        "prior": written(offer.prior, offer.currency, locale) if offer.prior else "",
        "until": words("until", date=_long_date(fields["sale_end"], locale))
        if on_sale and "sale_end" in fields
        else "",
        "ends": fields.get("sale_end", "") if on_sale else "",
        "unit_price": unit_price_text(offer, locale, words),
        "eco_participation": words("eco_participation", price=written(Decimal(eco), offer.currency, locale))
        if eco
        else "",
        "energy_class": fields.get("energy_class", ""),
        "qr": _qr_path(fields["link"]) if "link" in fields else None,
    }


def _long_date(day: str, locale: str) -> str:
    return format_date(date.fromisoformat(day), "long", locale=known_locale(locale))


def _qr_path(link: str) -> dict[str, Any]:
    """The side of the square in modules, quiet zone included, and an SVG path of its black modules."""
    rows = qr_modules(link)
    path = "".join(
        f"M{x + QR_QUIET} {y + QR_QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, black in enumerate(row) if black
    )
    return {"side": len(rows) + 2 * QR_QUIET, "path": path}


def _page(feed: Feed, options: SignageOptions, words: Wording, slides: list[dict[str, Any]]) -> str:
    """Everything from the catalogue is escaped by the template; nothing in it may ask the network."""
    environment = SandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=FileSystemLoader(feed.folder),
    )  # fmt: skip
    faces = {name: base64.b64encode((FONTS / file).read_bytes()).decode() for name, file in FACES.items()}
    try:
        return environment.get_template(options.template).render(
            language=(feed.locale or "").replace("_", "-"), shop=options.shop, slides=slides, words=words, faces=faces
        )
    except TemplateError as broken:
        raise ConfigurationError(f"{feed.folder / options.template}: {type(broken).__name__}: {broken}") from broken


def _playlist(feed: Feed, options: SignageOptions, slides: list[dict[str, Any]], page: bytes) -> bytes:
    """For the player: fetch `src` when its `sha256` is new. The page leaves out by itself a sale that has ended."""
    digest = hashlib.sha256(page).hexdigest()
    entry = {
        "type": "html",
        "src": feed.name,
        "duration_s": sum(slide["seconds"] for slide in slides),
        "sha256": digest,
        "bytes": len(page),
    }
    if options.schedule:
        entry["schedule"] = options.schedule
    shown = [{"key": slide["key"], "seconds": slide["seconds"], "ends": slide["ends"] or None} for slide in slides]
    playlist = {
        "id": f"{feed.export}-{feed.locale}",
        "version": digest[:16],
        "valid_from": None,
        "valid_until": None,
        "items": [entry | {"slides": shown}],
    }
    return msgspec.json.format(msgspec.json.encode(playlist), indent=2) + b"\n"
