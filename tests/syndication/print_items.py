"""Builders for tests of the print catalogue: items, a feed around them, and pictures drawn on the spot."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageDraw

from pim.base.errors import NotFound
from pim.catalog.model import Category, Resolved, Root
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.syndication.context import mapping_context
from pim.syndication.feed import Feed
from pim.syndication.mapping import compile_mapping
from pim.syndication.model import Item
from tests.syndication.demo_items import AS_OF, demo_definition, demo_products, demo_structure, media_info, root_key

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


def an_ean(number: int) -> str:
    """From the range that GS1 keeps for examples."""
    digits = f"952{number:09}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


ODD_NAME = "Tarif #1 $pécial *50 %* @home <b>gras</b> & “co” _x_ [y] `z` = test"
LONG_NAME = (
    "Matelas gonflable autoportant à valve plate et isolation en aluminium microperforé, version longue et large"
)


def a_small_catalogue() -> list[Item]:
    """Two chapters and three sections; features, cards, and everything that is hard to set."""
    sizes = [option(size, "Taille", "size") for size in ("S", "M", "L")]
    colours = [option(colour, "Coloris", "color") for colour in ("Bleu", "Rouge", "Noir", "Vert")]
    pairs = [[colour, size] for colour in colours for size in sizes]
    sale = {"sale_price": "199.00", "prior_price": "239.00", "sale_start": "2026-11-03", "sale_end": "2026-11-30"}
    kilo = {"currency": "EUR", "quantity": "1", "unit": "KILOGRAM"}
    return [
        an_item("tente", name="Tente dôme Bivouac", brand="Cairn", picture="tente", summary="Légère et solide.",
                highlights=["Montage en quatre minutes", "Abside de 1,2 m²"], specs=[fact("Saison", "3 saisons")],
                variants=[a_variant("TEN-2", price="249.00", ean=an_ean(1), **sale),
                          a_variant("TEN-3", price="299.00", ean=an_ean(2))]),
        an_item("veste", category="sleeping", name="Veste Suroît", picture="veste", pictures=["veste", "veste_rouge"],
                variants=[a_variant(f"VES-{n}", ean=an_ean(10 + n), options=pair) for n, pair in enumerate(pairs)]),
        an_item("odd", category="sleeping", name=ODD_NAME, brand="#B*R@N$D", summary="$ x $ // /* */ #let x = 1 → ✓",
                highlights=["# pas un titre", "* pas gras *"], specs=[fact("Code", "ABCDEFGHIJ0123456789" * 6)],
                variants=[a_variant("ODD_#1*$@<X>-REFERENCE-SANS-BLANC-" + "0123456789" * 4, ean=an_ean(40))]),
        an_item("long", category="sleeping", name=LONG_NAME, picture="long", brand="La Manufacture des Grands Espaces"),
        an_item("lost", category="sleeping", name="Oreiller Plume", picture="lost", summary="Vrai ! Et « doux »."),
        an_item("broken", category="sleeping", name="Drap de soie", picture="broken"),
        an_item("priceless", category="sleeping", name="Article sans prix", variants=[{"reference": "SP-1"}]),
        an_item("lamp", category="camp", name="Lanterne Veillée", picture="lamp",
                variants=[a_variant("LAN", ean=an_ean(50), eco_participation="0.06", energy_class="C")]),
        an_item("coffee", category="coffee", name="Café d’Éthiopie", picture="coffee", variants=[
            a_variant("CAF-250", price="9.90", ean=an_ean(60), unit_price={"amount": "39.60", **kilo}),
            a_variant("CAF-1000", price="34.00", ean=an_ean(61), unit_price={"amount": "34.00", **kilo})]),
        an_item("homeless", category="paper", name="Carte cadeau"),
    ]  # fmt: skip


def option(value: str, label: str, attribute: str) -> dict[str, Any]:
    return {"label": label, "value": value, "attribute": attribute, "data": value.lower()}


def fact(label: str, value: str) -> dict[str, str]:
    return {"label": label, "value": value}


def demo_root_items(locale: str) -> list[Item]:
    """What the mapping makes of the demo catalogue's roots in the paper catalogue's tree."""
    context = mapping_context(demo_definition("print_catalog"), demo_structure(), locale, AS_OF, media_info=media_info)
    render = compile_mapping(context)
    tree = context.channel.category_tree
    roots: dict[str, list[Resolved]] = {}
    for product in demo_products():
        if any(demo_structure().tree_of[code] == tree for code in product.document["categories"]):
            roots.setdefault(root_key(product), []).append(product)
    return [_item(key, products, render) for key, products in sorted(roots.items())]


def _item(key: str, products: list[Resolved], render: Callable[[Root], Any]) -> Item:
    ancestors = products[0].ancestors
    head = resolve(ancestors[0], ()) if ancestors else products[0]
    subs = {e.code: resolve(e, product.ancestors[:1]) for product in products for e in product.ancestors[1:]}
    fields = render(Root(key, head, tuple(subs.values()), tuple(products))).fields
    return Item(head.code, head.kind, key, fields)
