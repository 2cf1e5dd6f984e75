"""Transforms, one line each: what goes in, the step, what comes out (None: nothing)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.catalog.gtin import check_digit, valid_gtin
from pim.syndication.context import Quantity
from pim.syndication.transforms import TRANSFORMS, make_step
from pim.syndication.transforms.text import clean, cut, plain
from tests.syndication.makers import a_context

KILO = Quantity(Decimal("0.800"), "KILOGRAM", "Weight")
PICTURES = {
    "a/tent.png": {"width": 1200, "height": 900, "media_type": "image/png", "size": 40_000},
    "small.png": {"width": 90, "height": 900, "media_type": "image/png", "size": 4_000},
}

CASES: list[tuple[Any, Any, Any]] = [
    ("strip_html", "<p>A <b>warm</b>&nbsp;tent</p><p>Two</p>", "A warm tent\nTwo"),
    ("strip_html", "<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
    ("strip_html", "under 2 < 3 kg & dry", "under 2 < 3 kg & dry"),
    ("strip_html", "a<br/>b<script>alert(1)</script>", "a\nb"),
    ("strip_html", "  one\n\n two  ", "one\ntwo"),
    ("strip_html", "<p> </p>", None),
    ("html_clean", '<p onclick="x">A<script>y</script> <a href="z">b</a></p>', "<p>A b</p>"),
    ({"html_clean": ["b"]}, "<p><b>A</b></p>", "<b>A</b>"),
    ("collapse", " a \n\t b ", "a b"),
    ({"truncate": 12}, "waterproof and warm", "waterproof"),
    ({"truncate": 10}, "waterproof", "waterproof"),
    ({"truncate": 4}, "waterproof", "wate"),
    ({"truncate": {"length": 12, "ellipsis": "…"}}, "waterproof and warm", "waterproof…"),
    ({"truncate": 2}, "ae\u0301x", "a"),
    ({"at_most": 3}, "abcd", None),
    ({"truncate_bytes": 4}, "été", "ét"),
    ("upper", "à", "À"),
    ("lower", "À", "à"),
    ("capitalise", "tente GORE", "Tente GORE"),
    ("unshout", "SUPER PROMO", "Super promo"),
    ("unshout", "GPS", "GPS"),
    ("slug", "Œuf à l’ancienne & Cie", "oeuf-a-l-ancienne-cie"),
    ({"prefix": "{language}/"}, "x", "fr/x"),
    ({"suffix": " cm"}, "12", "12 cm"),
    ({"replace": {"find": "a", "by": "b"}}, "aa", "bb"),
    ("lines", "- one\n\n• two\n3) three", ["one", "two", "three"]),
    ("sentences", "Warm. Dry at 2.5 kg! Écoutez", ["Warm.", "Dry at 2.5 kg!", "Écoutez"]),
    ({"split": ";"}, "a; b;", ["a", "b"]),
    ({"join": ", "}, ["a", 2], "a, 2"),
    ("first", ["a", "b"], "a"),
    ("last", ["a", "b"], "b"),
    ({"limit": 1}, ["a", "b"], ["a"]),
    ("unique", ["a", "b", "a"], ["a", "b"]),
    ({"at_least": 2}, ["a"], None),
    ({"keyed": {"by": "k", "to": "v"}}, [{"k": "a", "v": 1}, {"k": "b"}, {"k": "a", "v": 2}], {"a": 1}),
    ({"keyed": {"by": "k", "to": "v"}}, "x", None),
    ("minimum", [Decimal(10), Decimal("9.5")], Decimal("9.5")),
    ("maximum", ["a", Decimal(1)], None),
    ("count", ["a", "b"], 2),
    ({"only": ["a"]}, "b", None),
    ({"drop": ["a"]}, "b", "b"),
    ("number", "2.50", 2.5),
    ("number", Decimal("3.00"), 3),
    ("number", "three", None),
    ("number", True, None),
    ({"decimals": 1}, "2.25", "2.3"),
    ({"between": {"above": 0}}, Decimal(0), None),
    ({"between": {"least": 0, "most": 5}}, Decimal(5), Decimal(5)),
    ("money", Decimal("12.9"), "12.90 EUR"),
    ("money", "12.345", "12.35 EUR"),
    ("amount_text", Decimal(12), "12.00"),
    ("minor_units", Decimal("12.99"), 1299),
    ("money_text", Decimal("1249.9"), "1\u202f249,90\u00a0€"),
    ("amount", KILO, Decimal("0.8")),
    ({"convert": "GRAM"}, KILO, Quantity(Decimal(800), "GRAM", "Weight")),
    ({"convert": "METER"}, KILO, None),
    ("quantity", KILO, "0.8 kg"),
    ("quantity", Quantity(Decimal("8E+2"), "GRAM", "Weight"), "800 g"),
    ("quantity", Quantity(Decimal(8), "CELSIUS", "Temperature"), None),
    ("base_measure", KILO, "1 kg"),
    ({"base_measure": "100 g"}, KILO, "100 g"),
    ("unit_code", KILO, "KGM"),
    ("quantity_text", KILO, "0,8\u00a0kg"),
    ("number_text", 12500, "12\u202f500"),
    ("gtin", "4006381333931", "4006381333931"),
    ("gtin", "4006381333932", None),
    ({"gtin": {"invalid": "keep"}}, "4006381333932", "4006381333932"),
    ("gtin", "09506000134352", "09506000134352"),
    ("gtin", "2000000000008", None),
    ({"gtin": {"restricted": "keep"}}, "2000000000008", "2000000000008"),
    ({"gtin": {"length": 13}}, "09506000134352", None),
    ("gtin14", "9506000134352", "09506000134352"),
    ("isbn", "2-07-036822-X", "9782070368228"),
    ("isbn", "9782070368228", "9782070368228"),
    ("isbn", "4006381333931", None),
    ("digital_link", "9506000134352", "https://id.gs1.org/01/09506000134352"),
    ("date", "2026-03-01T00:00:00+00:00", "2026-03-01"),
    ("instant", "2026-07-01", "2026-07-01T00:00:00Z"),
    ("instant", "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"),
    ({"instant": {"days": 1}}, "2026-06-30", "2026-07-01T00:00:00Z"),
    ("date_text", "2026-03-03", "3 mars 2026"),
    ("year", "2026-03-03", 2026),
    ("year", "soon", None),
    ("media_url", "a/été.png", "https://pim.example/media/a/%C3%A9t%C3%A9.png"),
    ({"image": {"id": "code", "w": "width"}}, "a/tent.png", {"id": "a/tent.png", "w": 1200}),
    ({"image": {"id": "code"}}, "gone.png", None),
    ({"image_within": {"side": 100}}, "small.png", None),
    ({"image_within": {"side": 100, "megapixels": 64}}, "a/tent.png", "a/tent.png"),
    ("url_encode", "TEN/1 é", "TEN%2F1%20%C3%A9"),
    ("absolute_url", "/médias/a b.png", "https://pim.example/m%C3%A9dias/a%20b.png"),
    ("absolute_url", "https://me:secret@shop.example/", None),
    ("absolute_url", "ftp://shop.example/a", None),
    ({"absolute_url": "https://x.example/"}, "a", "https://x.example/a"),
]


@pytest.mark.parametrize(("step", "given", "expected"), CASES)
def test_a_transform_gives(step: Any, given: Any, expected: Any) -> None:
    made, _ = make_step(step, a_context(media=PICTURES))
    assert made(given) == expected


def test_every_transform_has_a_case() -> None:
    tried = {step if isinstance(step, str) else next(iter(step)) for step, _, _ in CASES}
    assert set(TRANSFORMS) - tried == {
        "unit_price_text",
        "column",
        "cell",
    }  # tried where unit prices and tables are made


def test_currencies_without_cents_have_none() -> None:
    for step, expected in (("money", "1290 JPY"), ("minor_units", 1290)):
        made, _ = make_step(step, a_context(currency={"*": "JPY"}))
        assert made(Decimal("1290.4")) == expected


@given(st.text())
def test_clean_text_can_stand_in_xml(text: str) -> None:
    kept = clean(text)
    assert not any(
        (ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF for c in kept
    )
    assert clean(kept) == kept


@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_cut_text_is_a_beginning_of_at_most_that_length(text: str, length: int) -> None:
    if len(text) > length:
        kept = cut(text, length)
        assert len(kept) <= length
        assert text.startswith(kept)


@given(st.text(alphabet="<>&;/ abli\n"))
def test_plain_text_is_stripped_once_for_all(text: str) -> None:
    once = plain(text)
    assert once is None or once == once.strip()


@given(st.text(alphabet="0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, at: int, by: int) -> None:
    digits = body + check_digit(body)
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    assert valid_gtin(wrong) is None
