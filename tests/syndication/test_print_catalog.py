"""The PDF as its readers get it: read with PDFium, zxing and qpdf's own checks, never with what wrote it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from pim.base.errors import ConfigurationError
from pim.syndication.model import Item
from pim.syndication.writers.typst_pdf import write_typst_pdf
from tests.syndication.print_items import (
    LONG_NAME,
    ODD_NAME,
    a_print_feed,
    a_small_catalogue,
    a_variant,
    an_ean,
    an_item,
    demo_root_items,
    fact,
    option,
)

MILLIMETRE = 72 / 25.4
SCHEMA = Path(__file__).parents[2] / "schemas/items/print_catalog/2026-11.schema.json"


def printed(folder: Path, items: list[Item], locale: str = "fr_FR") -> Path:
    kept: list[Path] = []

    def put(name: str, content: bytes | Path, media_type: str) -> None:
        assert isinstance(content, Path)
        assert media_type == "application/pdf"
        kept.append(Path(shutil.copy(content, folder / name)))

    write_typst_pdf(a_print_feed(locale), iter(items), put)
    (pdf,) = kept
    return pdf


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return printed(tmp_path_factory.mktemp("print"), a_small_catalogue())


@pytest.fixture(scope="module")
def pages(catalogue: Path) -> list[str]:
    """The text of each page, blanks and line breaks as one blank."""
    return texts_of(catalogue)


def texts_of(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [plain(page.get_textpage().get_text_range()) for page in pdf]


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub("[\u00ad\ufffe\u200b]", "", text)).strip()


def says(page: str, text: str) -> bool:
    """Wherever the lines break."""
    return text.replace(" ", "") in page.replace(" ", "")


def codes_on(path: Path) -> set[str]:
    """What a scanner reads from the pages at 300 dpi."""
    read: set[str] = set()
    with pypdfium2.PdfDocument(path) as pdf:
        for page in pdf:
            image = page.render(scale=300 / 72).to_pil().convert("L")
            read |= {symbol.text for symbol in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.EAN13)}
    return read


def links(path: Path) -> Iterator[tuple[int, int, str]]:
    """(page it stands on, page it leads to, what it says) of every link."""
    with pikepdf.open(path) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        for number, page in enumerate(pdf.pages, 1):
            for note in page.obj.get("/Annots", []):
                yield number, numbers[note["/Dest"][0].objgen], str(note["/Contents"])


def test_the_file_is_sound_and_says_what_it_is(catalogue: Path) -> None:
    with pikepdf.open(catalogue) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.Root["/Lang"] == "fr-FR"
        assert pdf.Root["/MarkInfo"]["/Marked"]
        assert "Cap & Refuge" in str(pdf.docinfo["/Title"])
        assert "/CreationDate" not in pdf.docinfo
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == str(pdf.docinfo["/Title"])


def test_the_same_items_make_the_same_bytes(catalogue: Path, tmp_path: Path) -> None:
    assert printed(tmp_path, a_small_catalogue()).read_bytes() == catalogue.read_bytes()


def test_the_folio_of_every_page_is_its_label_and_its_place(catalogue: Path, pages: list[str]) -> None:
    with pikepdf.open(catalogue) as pdf:
        assert [page.label for page in pdf.pages] == [str(number) for number in range(1, len(pages) + 1)]
    for number, text in list(enumerate(pages, 1))[1:-1]:
        assert re.search(rf"\b{number}\b", text), f"page {number} does not show its folio"


def test_the_contents_name_the_pages_where_chapters_and_sections_are(pages: list[str]) -> None:
    contents = pages[1]
    assert contents.startswith("SOMMAIRE")
    for name in ("Bivouac", "Tentes", "Couchage", "La table", "Cafés"):
        number = int(re.search(rf"{name} (\d+)", contents)[1])  # type: ignore[index]
        assert name in pages[number - 1], f"{name} is not on page {number}"


def test_the_indexes_name_the_pages_where_products_are(pages: list[str]) -> None:
    names, references = (next(t for t in pages if f"Index des {what} " in t) for what in ("produits", "références"))
    for item in a_small_catalogue():
        name = plain(item.fields["name"])
        number = int(re.search(rf"{re.escape(name)} (\d+)", names)[1])  # type: ignore[index]
        assert says(pages[number - 1], name), f"{name} is not on page {number}"
        reference = item.fields["variants"][-1]["reference"]
        assert says(references, f"{reference} {number}"), f"{reference} has no or another page"


def test_links_lead_where_they_say(catalogue: Path, pages: list[str]) -> None:
    found = list(links(catalogue))
    assert len(found) > 40
    for number, target, words in found:
        assert words == f"page {target}"
        assert re.search(rf"\b{target}\b", pages[number - 1])


def test_every_item_is_printed_with_its_references_and_price(pages: list[str]) -> None:
    body = " ".join(pages[2:-4])
    for item in a_small_catalogue():
        assert says(body, plain(item.fields["name"]))
        assert all(says(body, variant["reference"]) for variant in item.fields["variants"])
    assert "199,00 €" in body
    assert "−16 %" in body
    assert "du 3 novembre au 30 novembre 2026" in body
    assert "39,60 € / kg" in body
    assert "dont éco-participation 0,06 €" in body
    assert body.count("Prix en magasin") == 1


def test_signs_that_mean_something_to_the_typesetter_are_printed_as_they_are(pages: list[str]) -> None:
    page = next(text for text in pages[2:-4] if says(text, ODD_NAME))
    assert "#B*R@N$D" in page
    assert "$ x $ // /* */ #let x = 1 → ✓" in page
    assert "* pas gras *" in page


def test_every_code_is_decoded_from_the_page_and_no_other(catalogue: Path) -> None:
    variants = [variant for item in a_small_catalogue() for variant in item.fields["variants"]]
    assert codes_on(catalogue) == {variant["ean"] for variant in variants if "ean" in variant}


def test_no_text_leaves_the_text_area(catalogue: Path) -> None:
    assert_inside(catalogue)


@pytest.mark.parametrize("variants", [20, 70])
def test_a_product_taller_than_a_page_runs_on_without_losing_anything(variants: int, tmp_path: Path) -> None:
    rows = [a_variant(f"V-{n}", ean=an_ean(n), options=[option(f"Teinte {n}", "C", "c")]) for n in range(variants)]
    specs = [fact(f"Propriété {n}", "Valeur assez longue pour deux lignes " * 3) for n in range(12)]
    pdf = printed(tmp_path, [an_item("huge", name=LONG_NAME, picture="huge", specs=specs, variants=rows), an_item("z")])
    assert codes_on(pdf) == {row["ean"] for row in rows}
    assert_inside(pdf)


def assert_inside(path: Path) -> None:
    with pypdfium2.PdfDocument(path) as pdf:
        for number in range(1, len(pdf) - 1):
            text = pdf[number].get_textpage()
            for at in range(text.count_chars()):
                left, bottom, right, top = (edge / MILLIMETRE for edge in text.get_charbox(at))
                thumb_index = right < 8 or left > 202
                inside = left >= 15.5 and right <= 194.5 and bottom >= 5 and top <= 290
                assert inside or thumb_index or right == left, f"page {number + 1}: {text.get_text_range(at, 9)!r}"


def test_no_page_is_blank(pages: list[str]) -> None:
    assert all(len(text) > 25 for text in pages)


def test_the_outline_has_chapters_with_their_sections(catalogue: Path, pages: list[str]) -> None:
    with pikepdf.open(catalogue) as pdf, pdf.open_outline() as outline:
        titles = {item.title: [below.title for below in item.children] for item in outline.root}
        places = [pikepdf.Page(item.destination[0]).index for item in outline.root]  # type: ignore[index]
    assert list(titles)[:3] == ["Sommaire", "Bivouac", "La table"]
    assert titles["Bivouac"] == ["Tentes", "Couchage"]
    assert places == sorted(places)
    assert all(title in pages[place] for title, place in zip(titles, places, strict=True))


def test_the_tags_of_all_parts_are_one_tree(catalogue: Path) -> None:
    """Every page and link finds its structure elements through the parent tree, and each lies below the document."""
    with pikepdf.open(catalogue) as pdf:
        root = pdf.Root["/StructTreeRoot"]
        (document,) = root["/K"]
        parents = dict(pikepdf.NumberTree(root["/ParentTree"]).items())
        notes = [note for page in pdf.pages for note in page.obj.get("/Annots", [])]
        numbers = [int(page.obj["/StructParents"]) for page in pdf.pages if "/StructParents" in page.obj]
        assert len(numbers) >= len(pdf.pages) - 1
        assert len(set(numbers)) == len(numbers)
        for element in [e for number in numbers for e in parents[number]] + [
            parents[n["/StructParent"]] for n in notes
        ]:
            while element["/P"].objgen != root.objgen:
                element = element["/P"]
            assert element.objgen == document.objgen


def test_cells_name_header_cells_of_their_own_table(catalogue: Path) -> None:
    with pikepdf.open(catalogue) as pdf:
        root = pdf.Root["/StructTreeRoot"]
        headers = dict(pikepdf.NameTree(root["/IDTree"]).items())
        assert list(headers) == sorted(set(headers), key=str.encode)
        tables = [element for element in elements_below(root["/K"][0]) if element.get("/S") == "/Table"]
        named = [(table, name) for table in tables for name in headers_named_in(table)]
        assert {name for _, name in named} == set(headers)
        for table, name in named:
            assert headers[name]["/S"] == "/TH"
            assert table.objgen in {element.objgen for element in above(headers[name])}


def elements_below(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    yield element
    for child in element.get("/K", []) if isinstance(element.get("/K"), pikepdf.Array) else []:
        if isinstance(child, pikepdf.Dictionary) and child.get("/Type") == "/StructElem":
            yield from elements_below(child)


def above(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    while "/P" in element:
        element = element["/P"]
        yield element


def headers_named_in(table: pikepdf.Object) -> set[str]:
    cells = [element for element in elements_below(table) if element.get("/S") == "/TD"]
    return {str(name) for cell in cells for facts in cell.get("/A", []) for name in facts.get("/Headers", [])}


def test_poppler_and_qpdf_find_nothing_wrong(catalogue: Path) -> None:
    if not (shutil.which("qpdf") and shutil.which("pdfinfo")):
        pytest.skip("qpdf or pdfinfo (poppler-utils) is not installed; the checks with pikepdf and PDFium stand alone")
    subprocess.run(["qpdf", "--check", catalogue], check=True, capture_output=True)
    told = subprocess.run(["pdfinfo", catalogue], check=True, capture_output=True, text=True)
    assert re.search(r"Tagged:\s+yes", told.stdout)
    assert told.stderr == ""


def test_a_section_longer_than_a_part_goes_on_with_the_right_pages(tmp_path: Path) -> None:
    items = [an_item(f"a{n:03}", name=f"Article numéro {n:03}") for n in range(310)]
    texts = texts_of(printed(tmp_path, items))
    index = " ".join(text for text in texts if text.startswith(("INDEX", "CAP & REFUGE INDEX")))
    assert any("Tentes suite" in text for text in texts)
    for n in (0, 299, 300, 309):
        number = int(re.search(rf"Article numéro {n:03} (\d+)", index)[1])  # type: ignore[index]
        assert f"Article numéro {n:03}" in texts[number - 1]


def test_an_empty_catalogue_still_binds(tmp_path: Path) -> None:
    assert len(texts_of(printed(tmp_path, []))) == 6


def test_a_language_without_words_of_its_own_is_set_with_english_ones(tmp_path: Path) -> None:
    contents = texts_of(printed(tmp_path, [an_item("a")], "it_IT"))[1]
    assert "Contents" in contents


def test_a_file_that_spans_locales_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="locale"):
        write_typst_pdf(a_print_feed(locale=None), [], lambda *given: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_the_demo_catalogue_maps_to_valid_blocks_but_for_the_products_meant_not_to(locale: str) -> None:
    import jsonschema_rs

    check = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()), validate_formats=True)
    items = demo_root_items(locale)
    rejected = [item.key for item in items if not check.is_valid(json.loads(json.dumps(item.fields)))]
    assert len(items) > 60
    assert len(rejected) <= 3
    assert {"Tente", "tent"} & {word for item in items for word in item.fields["name"].split()}
