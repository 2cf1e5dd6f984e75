"""Barcodes are read back by a reader, never compared with what we believe they look like."""

import pytest
import zxingcpp
from PIL import Image

from pim.base.errors import InvalidInput
from pim.syndication.writers.barcodes import as_ean13, bar_runs, ean13_modules, qr_modules


def drawn(rows: list[list[bool]], scale: int = 3, quiet: int = 12) -> Image.Image:
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if black else 255 for row in rows for black in row])
    page = Image.new("L", (image.width + 2 * quiet, image.height + 2 * quiet), 255)
    page.paste(image, (quiet, quiet))
    return page.resize((page.width * scale, page.height * scale), Image.Resampling.NEAREST)


@pytest.mark.parametrize("gtin", ["9506000134352", "4006381333931", "9780201379624", "2000000000053"])
def test_a_reader_finds_the_gtin_in_the_ean_modules(gtin: str) -> None:
    row = [module == "1" for module in ean13_modules(gtin)]
    [found] = zxingcpp.read_barcodes(drawn([row] * 30))
    assert (found.text, found.format) == (gtin, zxingcpp.BarcodeFormat.EAN13)


@pytest.mark.parametrize("code", ["9506000134353", "", None, "abc", "123456789013", "96385074", "0000000000000"])
def test_a_code_without_a_valid_check_digit_has_no_symbol(code: str | None) -> None:
    assert as_ean13(code) is None
    with pytest.raises(InvalidInput, match="EAN-13"):
        ean13_modules(code or "")


def test_a_upc_and_a_padded_gtin_become_their_thirteen_digits() -> None:
    assert as_ean13("036000291452") == "0036000291452"
    assert as_ean13("09506000134352") == "9506000134352"


def test_bars_stand_where_the_modules_are_black() -> None:
    modules = ean13_modules("9506000134352")
    blackened = {at for start, width in bar_runs(modules) for at in range(start, start + width)}
    assert blackened == {at for at, module in enumerate(modules) if module == "1"}


def test_a_reader_finds_the_link_in_the_qr_modules_with_correction_m() -> None:
    link = "https://id.gs1.org/01/09506000134352"
    [found] = zxingcpp.read_barcodes(drawn(qr_modules(link)))
    assert (found.text, found.ec_level) == (link, "M")
