"""Shelf-edge labels: one palette PNG per item and size, and an index for the gateway that sends them to the panels.

Options in export.yaml: `sizes` (of label_designs.DESIGNS), `palette` (of label_panel.PALETTES), `rotation` (quarter
turns clockwise, for panels mounted turned), `words` (wording file), `index` (`[json]`, `[json, csv]`), `store_id`.

An image's name carries the digest of its bytes. So an index never names a picture of another day, a label whose picture
is the same keeps its name, and a gateway sends to the panel only names (or `sha256`) that it has not sent before: a
panel's battery pays for every change.
"""

import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import msgspec
from PIL import Image

from pim.base.errors import ConfigurationError, known
from pim.syndication.feed import Feed, Put
from pim.syndication.model import Item
from pim.syndication.writers.earlier_labels import EarlierLabels
from pim.syndication.writers.label_designs import DESIGNS, Label, label_of
from pim.syndication.writers.label_index import INDEXES, MEDIA_TYPES, Entry
from pim.syndication.writers.label_panel import PALETTES
from pim.syndication.writers.wording import Wording

TURNS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


class LabelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sizes: list[str] = msgspec.field(default_factory=lambda: list(DESIGNS))
    palette: str = "BWR"
    rotation: int = 0
    words: str = "words.yaml"
    index: list[str] = msgspec.field(default_factory=lambda: ["json"])
    store_id: str | None = None


def write_labels(feed: Feed, items: Iterable[Item], put: Put) -> None:
    options = _options(feed)
    if feed.locale is None:
        raise ConfigurationError(f"{feed.export}: a label speaks one language; give the file a name with {{locale}}")
    words = Wording(feed.folder / options.words, feed.locale)
    stem = feed.name.rpartition(".")[0] or feed.name
    with tempfile.TemporaryDirectory() as folder:
        paths = {kind: Path(folder) / f"{stem}.{kind}" for kind in options.index}
        with ExitStack() as indexes:
            appends = [indexes.enter_context(INDEXES[kind](path, feed)) for kind, path in paths.items()]
            earlier = _earlier(feed, options, stem, Path(folder))
            for item in items:
                kept = earlier.of(item, len(options.sizes)) if earlier else []
                for entry in _kept(kept, put) if kept else _entries(item, feed.locale, options, words, put):
                    for append in appends:
                        append(entry)
        for kind, path in paths.items():
            put(feed.name if kind == options.index[0] else path.name, path, MEDIA_TYPES[kind])


def _earlier(feed: Feed, options: LabelOptions, stem: str, folder: Path) -> EarlierLabels | None:
    if feed.made_before is None or "json" not in options.index:
        return None
    index = feed.name if options.index[0] == "json" else f"{stem}.json"
    return EarlierLabels(feed.made_before, index, folder)


def _kept(labels: list[tuple[Entry, Path]], put: Put) -> Iterator[Entry]:
    for entry, picture in labels:
        put(entry["image"], picture, "image/png")
        yield entry


def _options(feed: Feed) -> LabelOptions:
    try:
        options = msgspec.convert(dict(feed.options), LabelOptions)
    except msgspec.ValidationError as invalid:
        raise ConfigurationError(f"{feed.export}, {feed.name}: options of labels: {invalid}") from invalid
    _known(feed, [options.palette], PALETTES)
    _known(feed, options.sizes, DESIGNS)
    _known(feed, options.index, INDEXES)
    if options.rotation not in range(4):
        raise ConfigurationError(f"{feed.export}: rotation {options.rotation} is no number of quarter turns; 0 to 3")
    return options


def _known(feed: Feed, names: list[str], choices: Mapping[str, object]) -> None:
    for name in names:
        if name not in choices:
            raise ConfigurationError(f"{feed.export}, {feed.name}: labels know no {name!r}; {known(choices)}")


def _entries(item: Item, locale: str, options: LabelOptions, words: Wording, put: Put) -> Iterator[Entry]:
    label = label_of(item.fields, locale, words)
    for size in options.sizes:
        panel = DESIGNS[size](label, options.palette)
        if options.rotation:
            panel.image = panel.image.transpose(TURNS[options.rotation])
        png = panel.png()
        digest = hashlib.sha256(png).hexdigest()
        image = f"label_{locale}_{_file_part(item.key)}_{size}_{digest[:16]}.png"
        put(image, png, "image/png")
        yield _entry(item, label, options) | {
            "locale": locale,
            "template": size,
            "width": panel.image.width,
            "height": panel.image.height,
            "palette": options.palette,
            "rotation": options.rotation,
            "image": image,
            "bytes": len(png),
            "sha256": digest,
        }


def _entry(item: Item, label: Label, options: LabelOptions) -> Entry:
    """What the gateway may show or check beside the picture; what the product does not have is left out."""
    fields, offer = item.fields, label.offer
    on_sale = offer.selling < Decimal(fields["price"])
    entry = {
        "storeId": options.store_id,
        "itemId": item.key,
        "sku": fields["sku"],
        "eans": [label.gtin] if label.gtin else [],
        "name": label.name,
        "brand": label.brand,
        "variant": label.variant,
        "price": fields["price"],
        "currency": offer.currency,
        "unitPrice": str(offer.unit.amount) if offer.unit else None,
        "unit": offer.unit.per if offer.unit else None,
        "promoPrice": str(offer.selling) if on_sale else None,
        "promoStart": fields.get("sale_start") if on_sale else None,
        "promoEnd": fields.get("sale_end") if on_sale else None,
        "previousPrice": str(offer.prior) if offer.prior else None,
        "origin": fields.get("origin"),
        "ecoParticipation": fields.get("eco_participation"),
        "energyClass": label.energy_class,
        "category": fields.get("category"),
        "aisle": fields.get("aisle"),
        "link": label.link,
    }
    return {name: value for name, value in entry.items() if value not in (None, "")}


def _file_part(key: str) -> str:
    """The key as it may stand in a file name: itself where it is plain, else what is readable of it and a mark of its
    own, so that two keys never share a name."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,59}", key):
        return key
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", plain).strip("-.")[:60]
    return f"{readable}~{hashlib.sha256(key.encode()).hexdigest()[:8]}"
