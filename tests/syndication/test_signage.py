"""The signage page is opened in a real browser without a network, and read as a document."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from PIL import Image

from pim.base.errors import ConfigurationError
from pim.syndication.model import Item
from pim.syndication.writers.signage import write_signage
from pim.syndication.writers.slides import best
from tests.browser import chromium, in_a_browser
from tests.syndication.shelf import ON_SALE, Puts, a_store_feed, an_item

PINE = (0x17, 0x38, 0x2F)


def pictured(key: str, code: str = "tent.png", root: str | None = None, **changes: Any) -> Item:
    return an_item(key, root, image={"code": code}, **changes)


def page_of(*items: Item, locale: str = "fr_FR", **options: Any) -> tuple[str, dict[str, Any], bytes]:
    """(page, playlist, page as bytes)"""
    puts = Puts()
    write_signage(a_store_feed(f"signage_{locale}.html", locale, {"shop": "Cap & Refuge", **options}), items, puts)
    page = puts[f"signage_{locale}.html"]
    return page.decode(), json.loads(puts[f"playlist_{locale}.json"]), page


def names_on(page: str) -> list[str]:
    return [heading.text_content() for heading in lxml.html.fromstring(page).iter("h1")]


def test_everything_the_page_shows_is_inside_it() -> None:
    page, _, _ = page_of(pictured("A"), pictured("B", "hut.jpg", **ON_SALE))
    document = lxml.html.fromstring(page)
    addresses = [*document.xpath("//@src"), *document.xpath("//link/@href"), *document.xpath("//@srcset")]
    assert len(addresses) == 3
    assert all(address.startswith("data:") for address in addresses)
    styles = "".join(document.xpath("//style/text()"))
    assert styles.count("url(") == styles.count("url(data:") == 2
    assert "@import" not in styles
    [policy] = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none';")


def test_a_text_of_the_catalogue_never_becomes_markup() -> None:
    nasty = "</script><script>alert('x')</script>\"'&{{ shop }}"
    page, _, _ = page_of(pictured("A", name=nasty, brand=nasty, tagline=nasty), shop=nasty)
    document = lxml.html.fromstring(page)
    assert names_on(page) == [nasty]
    assert document.findtext(".//title") == nasty
    assert len(document.findall(".//script")) == 1


def test_a_reduction_shows_both_prices_and_its_last_day() -> None:
    page, _, _ = page_of(pictured("A", **ON_SALE))
    slide = lxml.html.fromstring(page).find_class("product")[0]
    texts = " ".join(slide.text_content().split()).replace("\u00a0", " ")
    assert [s.text_content().replace("\u00a0", " ") for s in slide.iter("s")] == ["50,00 €"]
    assert slide.find_class("price")[0].get("aria-label").replace("\u00a0", " ") == "40,00 €"
    assert "−20 %" in texts
    assert "Jusqu’au 31 décembre 2026" in texts
    assert slide.get("data-ends") == "2026-12-31"


def test_a_reduction_that_may_not_be_announced_is_no_promotion() -> None:
    page, _, _ = page_of(pictured("A", **{**ON_SALE, "prior_price": "39.00"}))
    slide = lxml.html.fromstring(page).find_class("product")[0]
    assert "sale" not in slide.get("class").split()
    assert list(slide.iter("s")) == []


def test_variants_share_one_slide_with_the_lowest_price_and_what_they_have_in_common() -> None:
    grey, size = {"name": "Couleur", "value": "Gris"}, "Pointure"
    shoes = [
        pictured(f"S{n}", root="product_model/shoes", price=price, variant=[grey, {"name": size, "value": str(n)}])
        for n, price in ((41, "99.00"), (42, "89.00"))
    ]
    [slide] = lxml.html.fromstring(page_of(*shoes)[0]).find_class("product")
    assert "89,00" in slide.find_class("price")[0].get("aria-label")
    assert "à partir de" in slide.text_content()
    assert slide.find_class("brand")[0].text_content() == "Aubrac · Gris"


def test_promotions_and_recommendations_take_turns_before_anything_else() -> None:
    items = [
        pictured("A1"), pictured("A2"),
        *(pictured(f"H{n}", highlight=True) for n in range(3)),
        pictured("S1", **ON_SALE), pictured("S2", **{**ON_SALE, "sale_price": "30.00"}),
    ]  # fmt: skip
    kinds = [candidate.kind for candidate in best(items, 5)][:5]
    assert kinds == ["sale", "highlight", "sale", "highlight", "highlight"]
    assert best(items, 5)[0].item.key == "S2"


def test_many_promotions_leave_a_third_of_the_slides_to_others() -> None:
    items = [
        *(pictured(f"S{n}", **ON_SALE) for n in range(20)),
        *(pictured(f"H{n}", highlight=True) for n in range(20)),
    ]
    shown = best(items, 9)[:9]
    assert sum(candidate.kind == "sale" for candidate in shown) == 6


def test_a_product_whose_picture_is_missing_or_broken_makes_room_for_another() -> None:
    page, _, _ = page_of(
        pictured("A", "lost.png", **ON_SALE), pictured("B", "broken.png", **ON_SALE), pictured("C", name="Là"), slides=1
    )
    assert names_on(page) == ["Là"]


def test_without_any_picture_the_screen_shows_the_shop() -> None:
    page, playlist, _ = page_of(an_item("A"))
    [house] = lxml.html.fromstring(page).find_class("house")
    assert "on" in house.get("class").split()
    assert house.text_content() == "Cap & Refuge"
    assert playlist["items"][0]["slides"] == []


def test_the_playlist_names_the_page_by_digest_and_counts_its_seconds() -> None:
    _, playlist, page = page_of(pictured("A"), pictured("B", **ON_SALE), seconds=7)
    [entry] = playlist["items"]
    assert (entry["type"], entry["src"], entry["duration_s"]) == ("html", "signage_fr_FR.html", 14)
    assert entry["sha256"] == hashlib.sha256(page).hexdigest()
    assert [(slide["key"], slide["ends"]) for slide in entry["slides"]] == [("B", "2026-12-31"), ("A", None)]


def test_the_same_items_make_the_same_page_and_another_price_another_version() -> None:
    def version(**changes: Any) -> str:
        return str(page_of(pictured("A", **changes))[1]["version"])

    assert version() == version()
    assert version(price="61.00") != version()


def test_a_broken_template_is_named_with_its_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="lost\\.j2"):
        page_of(pictured("A"), template="lost.j2")


class _Recorder(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *parts: Any) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str], Path]]:
    """(address of the folder, paths asked for, the folder)"""
    asked: list[str] = []
    recorder = type("Recorder", (_Recorder,), {"asked": asked})
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: recorder(*given, directory=str(tmp_path))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked, tmp_path
        server.shutdown()
        thread.join()


@in_a_browser
def test_the_browser_asks_for_the_page_and_for_nothing_else(served: tuple[str, list[str], Path]) -> None:
    address, asked, folder = served
    (folder / "page.html").write_bytes(page_of(pictured("A"), pictured("B", **ON_SALE))[2])
    dumped = chromium("--virtual-time-budget=3000", "--dump-dom", f"{address}/page.html", profile=folder / "profile")
    assert asked == ["/page.html"]
    assert len(lxml.html.fromstring(dumped.stdout).find_class("on")) == 1


@in_a_browser
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920)])
def test_texts_keep_the_safe_margin_in_both_orientations(tmp_path: Path, width: int, height: int) -> None:
    """The longest of everything: the panel of words stays empty for 5 % at its right and lower edge."""
    fields = {
        **ON_SALE,
        "price": "12949.90",
        "prior_price": "12929.90",
        "sale_price": "11899.90",
        "name": "Lampe de table Lueur en terre cuite émaillée, abat-jour en lin lavé et câble textile",
        "tagline": "Une lumière douce, du soir au matin, jusque dans les chambres d’enfants les plus petites",
        "brand": "Manufacture des lumières du refuge",
        "unit_price": {"amount": "1299.90", "quantity": "1", "unit": "KILOGRAM"},
        "sale_unit_price": {"amount": "1189.90", "quantity": "1", "unit": "KILOGRAM"},
        "eco_participation": "12.50",
    }
    page, shot = tmp_path / "page.html", tmp_path / "shot.png"
    page.write_bytes(page_of(pictured("A", **fields))[2])
    chromium(
        "--virtual-time-budget=3000",
        f"--window-size={width},{height}",
        f"--screenshot={shot}",
        f"file://{page}#1",
        profile=tmp_path / "profile",
    )
    with Image.open(shot) as opened:
        image = opened.convert("RGB")
    assert image.size == (width, height)
    right = image.crop((int(width * 0.952), height * 6 // 10, width, height))
    below = image.crop((width * 6 // 10, int(height * 0.952), width, height))
    for edge in (right, below):
        assert edge.getcolors(16) == [(edge.width * edge.height, PINE)]
