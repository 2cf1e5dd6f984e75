"""Labels are read back by a barcode reader and looked at dot by dot."""

import csv
import hashlib
import io
import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from pim.base.errors import ConfigurationError
from pim.syndication.model import Item
from pim.syndication.writers.label_designs import DESIGNS
from pim.syndication.writers.label_panel import BOLD, REGULAR, SMALLEST, Panel, capital_height, font, width_of
from pim.syndication.writers.label_text import ELLIPSIS, fitted
from pim.syndication.writers.labels import write_labels
from pim.syndication.writers.offer import offer_of, price_parts, written
from tests.syndication.shelf import (
    BLACK,
    GTIN,
    ON_SALE,
    RED,
    WHITE,
    Puts,
    a_panel,
    a_product,
    a_store_feed,
    an_item,
    opened,
)  # fmt: skip

SIZES = list(DESIGNS)
FULL: dict[str, Any] = {
    **ON_SALE,
    "name": "Lampe de table Lueur en terre cuite émaillée, abat-jour en lin lavé et câble textile de deux mètres",
    "variant": [{"name": "Couleur", "value": "Terre cuite"}, {"name": "Prise", "value": "Oui", "data": True}],
    "tagline": "Une lumière douce, du soir au matin, jusque dans les chambres d’enfants les plus petites de la maison",
    "unit_price": {"amount": "59.90", "quantity": "1", "unit": "KILOGRAM"},
    "sale_unit_price": {"amount": "1240.50", "quantity": "100", "unit": "GRAM"},
    "origin": "France, Éthiopie, Équateur",
    "eco_participation": "0.12",
    "energy_class": "A",
}


def put_labels(*items: Any, locale: str = "fr_FR", **options: Any) -> tuple[Puts, list[dict[str, Any]]]:
    puts = Puts()
    write_labels(a_store_feed(f"labels_{locale}.json", locale, options), items, puts)
    return puts, json.loads(puts[f"labels_{locale}.json"])["labels"]


def colours(panel: Panel) -> set[tuple[int, ...]]:
    return {colour for _, colour in panel.image.convert("RGB").getcolors(256) or []}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", [{}, FULL])
def test_a_scanner_reads_the_gtin_from_every_size(size: str, fields: dict[str, Any]) -> None:
    picture = opened(a_panel(size, **fields).png()).convert("L")
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.EAN13)
    assert [one.text for one in found] == [GTIN]


@pytest.mark.parametrize("size", SIZES)
def test_the_thinnest_bar_is_two_dots_wide(size: str) -> None:
    """GS1 wants modules of at least 0.264 mm; a dot of these panels is 0.21 to 0.23 mm."""
    panel = a_panel(size)
    [(left, top, right, _)] = [box for text, box in panel.placed if text == GTIN]
    dots = [panel.image.getpixel((x, top + 1)) for x in range(left, right)]
    widths = [len(list(run)) for _, run in itertools.groupby(dots)]
    assert min(widths) == 2
    assert (widths[0], widths[-1]) == (22, 14)


def test_a_telephone_reads_the_digital_link_from_the_larger_size() -> None:
    [found] = zxingcpp.read_barcodes(
        opened(a_panel("400x300", **FULL).png()).convert("L"), formats=zxingcpp.BarcodeFormat.QRCode
    )
    assert (found.text, found.ec_level) == (f"https://id.gs1.org/01/0{GTIN}", "M")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("gtin", ["9506000134353", "96385074", None])
def test_without_a_valid_ean13_there_is_no_barcode_but_the_reference_in_words(size: str, gtin: str | None) -> None:
    panel = a_panel(size, gtin=gtin, link=None)
    assert zxingcpp.read_barcodes(panel.image.convert("L")) == []
    assert "Réf. TEN-1" in [text for text, _ in panel.placed]


@pytest.mark.parametrize("size", SIZES)
def test_a_label_is_a_palette_png_of_its_size_in_pure_colours(size: str) -> None:
    image = opened(a_panel(size, **FULL).png())
    assert (image.mode, f"{image.width}x{image.height}") == ("P", size)
    assert image.getpalette() == [*WHITE, *BLACK, *RED]
    assert {colour for _, colour in image.convert("RGB").getcolors(256) or []} == {WHITE, BLACK, RED}


@pytest.mark.parametrize("size", SIZES)
def test_red_is_for_announced_reductions_only(size: str) -> None:
    assert RED not in colours(a_panel(size, energy_class="B"))
    assert RED in colours(a_panel(size, **ON_SALE))
    assert RED not in colours(a_panel(size, **{**ON_SALE, "prior_price": "40.00"}))


def test_a_black_and_white_panel_gets_no_red() -> None:
    assert colours(a_panel("296x128", palette="BW", **ON_SALE)) == {WHITE, BLACK}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("59.90", None, None)),
        ({"sale_price": "40.00", "prior_price": "50.00"}, ("40.00", "50.00", 20)),
        ({"sale_price": "40.00"}, ("40.00", None, None)),
        ({"sale_price": "40.00", "prior_price": "40.00"}, ("40.00", None, None)),
        ({"sale_price": "40.00", "prior_price": "35.00"}, ("40.00", None, None)),
        ({"sale_price": "59.90", "prior_price": "70.00"}, ("59.90", None, None)),
        ({"sale_price": "65.00", "prior_price": "70.00"}, ("59.90", None, None)),
        ({"sale_price": "40.05", "prior_price": "50.00"}, ("40.05", "50.00", 19)),
    ],
)
def test_a_reduction_is_announced_only_below_the_lowest_price_of_the_month_before(
    fields: dict[str, str], expected: tuple[str, str | None, int | None]
) -> None:
    offer = offer_of(a_product(**fields))
    assert (str(offer.selling), str(offer.prior) if offer.prior else None, offer.percent) == expected


def test_the_unit_price_is_the_one_of_what_is_paid_and_never_repeats_the_price() -> None:
    unit = {"amount": "20.00", "quantity": "1", "unit": "KILOGRAM"}
    paid = {"amount": "15.00", "quantity": "100", "unit": "GRAM"}
    regular = offer_of(a_product(unit_price=unit, sale_unit_price=paid)).unit
    reduced = offer_of(a_product(**ON_SALE, unit_price=unit, sale_unit_price=paid)).unit
    assert regular is not None
    assert reduced is not None
    assert (regular.amount, regular.per) == (Decimal("20.00"), "kg")
    assert (reduced.amount, reduced.per) == (Decimal("15.00"), "100 g")
    assert offer_of(a_product(price="20.00", unit_price=unit)).unit is None


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text", "parts"),
    [
        ("189.90", "EUR", "fr_FR", "189,90 €", ("", "189", ",", "90", "€")),
        ("1189.90", "EUR", "fr_FR", "1 189,90 €", ("", "1 189", ",", "90", "€")),
        ("165", "GBP", "en_GB", "£165.00", ("£", "165", ".", "00", "")),
        ("1200", "JPY", "en_US", "¥1,200", ("¥", "1,200", "", "", "")),
        ("5", "EUR", "xx_FR", "€5.00", ("€", "5", ".", "00", "")),
    ],
)
def test_a_price_is_written_as_its_readers_write_it(
    amount: str, currency: str, locale: str, text: str, parts: tuple[str, ...]
) -> None:
    found = price_parts(Decimal(amount), currency, locale)
    assert written(Decimal(amount), currency, locale).replace("\u00a0", " ") == text
    joined = (found.before, found.whole.replace("\u00a0", " "), found.point, found.cents, found.after)
    assert joined == parts


names = st.text("aijméàœÉÎgyWQ015 .,:;!?%-–«»()·°&€/", min_size=1, max_size=150)
prices = st.decimals("0.01", "99999.99", places=2).map(str)


@pytest.mark.parametrize("size", SIZES)
@example(name="gjyÉÎÇ " * 40, price="99999.99", is_full=True, gtin=GTIN)
@example(name="gjyÉÎÇ " * 40, price="0.01", is_full=False, gtin=None)
@example(name="gjyÉÎÇ" * 40, price="1289.90", is_full=False, gtin=GTIN)
@given(name=names, price=prices, is_full=st.booleans(), gtin=st.sampled_from([GTIN, None]))
def test_nothing_leaves_the_panel_or_covers_its_neighbour(
    size: str, name: str, price: str, is_full: bool, gtin: str | None
) -> None:
    panel = a_panel(size, **{**(FULL if is_full else {}), "name": name, "price": price, "gtin": gtin})
    for text, (left, top, right, bottom) in panel.placed:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= panel.width, text
        assert bottom <= panel.height, text
    for (one, a), (other, b) in itertools.combinations(panel.placed, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one, a, other, b)


@pytest.mark.parametrize(("name", "size"), [(REGULAR, 11), (REGULAR, 13), (BOLD, 14), (BOLD, 16), (BOLD, 25)])
def test_letters_drawn_once_stand_as_in_a_text_drawn_whole(name: str, size: int) -> None:
    text = "Hj Jacket, Qué fjord : œufs (18) ça glisse; pyjama №7 — Æ"
    ours, whole = Panel(700, 60, "BW"), Image.new("1", (700, 60))
    ours.text((10, 40), text, name, size)
    pen = ImageDraw.Draw(whole)
    pen.fontmode = "1"
    pen.text((10, 40), text, fill=1, font=font(name, size), anchor="ls")
    drawn = ImageOps.invert(ours.image.convert("L")).convert("1")
    assert drawn.crop(drawn.getbbox()).tobytes() == whole.crop(whole.getbbox()).tobytes()


def test_the_smallest_type_has_capitals_of_eight_dots() -> None:
    assert min(capital_height(name, SMALLEST) for name in (REGULAR, BOLD)) >= 8


@given(text=names, width=st.integers(40, 300), lines=st.integers(1, 3))
def test_broken_text_fits_its_lines_and_loses_nothing_without_an_ellipsis(text: str, width: int, lines: int) -> None:
    broken, name, size = fitted(text, width, lines, ((BOLD, 16), (REGULAR, 12)))
    assert len(broken) <= lines
    assert all(width_of(line, name, size) <= width for line in broken)
    if not any(line.endswith(ELLIPSIS) for line in broken):
        assert "".join("".join(broken).split()) == "".join(text.split())


def test_a_number_stays_with_its_unit_and_a_mark_with_its_word() -> None:
    broken, _, _ = fitted("Coffret : café 250 g et miel 500 g", 130, 3, ((BOLD, 14),))
    assert not any(line.startswith((":", "g ")) or line.endswith(("250", "500")) for line in broken)


def test_the_index_names_each_picture_with_its_digest() -> None:
    puts, entries = put_labels(an_item("A"), an_item("B", **ON_SALE))
    assert [(entry["sku"], entry["template"]) for entry in entries] == list(itertools.product("AB", SIZES))
    for entry in entries:
        picture = puts[entry["image"]]
        assert (hashlib.sha256(picture).hexdigest(), len(picture)) == (entry["sha256"], entry["bytes"])
        assert opened(picture).size == (entry["width"], entry["height"])


def test_the_index_tells_the_gateway_the_prices_as_text() -> None:
    _, (regular, reduced) = put_labels(an_item("A"), an_item("B", **ON_SALE), sizes=["296x128"])
    assert {name for name in regular if name.startswith(("promo", "previous"))} == set()
    told = [reduced[name] for name in ("price", "promoPrice", "previousPrice", "promoStart", "promoEnd", "eans")]
    assert told == ["59.90", "40.00", "50.00", "2026-11-01", "2026-12-31", [GTIN]]


def test_the_csv_index_says_the_same_as_the_json_index() -> None:
    puts, entries = put_labels(an_item("A", name='Tente "Bivouac", verte'), index=["json", "csv"])
    rows = list(csv.DictReader(io.StringIO(puts["labels_fr_FR.csv"].decode())))
    assert [[row["name"], row["eans"], row["image"]] for row in rows] == [
        [entry["name"], " ".join(entry["eans"]), entry["image"]] for entry in entries
    ]


def test_a_picture_changes_its_name_only_when_it_looks_different() -> None:
    def names_of(**changes: Any) -> list[str]:
        return [entry["image"] for entry in put_labels(an_item(**changes))[1]]

    assert names_of(summary="Nouveau texte", aisle="B-12") == names_of()
    assert set(names_of(price="58.90")).isdisjoint(names_of())


def test_keys_that_look_alike_in_file_names_keep_their_own_pictures() -> None:
    alike = [Item(key, "product", f"product/{key}", a_product()) for key in ("A/1", "A-1", "Á 1")]
    puts, entries = put_labels(*alike)
    assert len({entry["image"] for entry in entries}) == len(entries) == 3 * len(SIZES)
    assert all("/" not in name for name in puts)


def test_a_panel_mounted_turned_gets_its_picture_turned() -> None:
    puts, [upright] = put_labels(an_item(), sizes=["296x128"])
    turned_puts, [turned] = put_labels(an_item(), sizes=["296x128"], rotation=1)
    assert (turned["width"], turned["height"], turned["rotation"]) == (128, 296, 1)
    back = opened(turned_puts[turned["image"]]).rotate(90, expand=True)
    assert back.tobytes() == opened(puts[upright["image"]]).tobytes()


def test_the_same_items_make_the_same_bytes() -> None:
    assert put_labels(an_item(**FULL))[0] == put_labels(an_item(**FULL))[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": ["1x1"]}, "296x128"),
        ({"palette": "CMYK"}, "BWR"),
        ({"index": ["xml"]}, "csv, json"),
        ({"rotation": 4}, "quarter turns"),
        ({"colour": "red"}, "colour"),
        ({"words": "lost.yaml"}, "lost.yaml"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_do(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        put_labels(an_item(), **options)
