"""The pure parts of the printed catalogue: plan, packing, texts, prices."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pim.catalog.model import AttributeOption
from pim.syndication.writers.blocks import block_of, in_axis_order, polished
from pim.syndication.writers.book import Chapter, Entry, Plan, Section, letter_groups, parts_of
from pim.syndication.writers.packing import PAGE, Heights, Page, Row, pack
from pim.syndication.writers.pictures import Pictures, kept_by_jpeg
from pim.syndication.writers.print_style import load_style
from tests.syndication.print_items import FOLDER, a_picture, a_structure, a_variant, an_item, option

WORDS = load_style(FOLDER, "fr_FR").words


def an_entry(id: str, feature: bool = False, picture: str | None = None) -> Entry:
    return Entry(id, f"Article {id}", (id.upper(),), feature, picture, 0)


def a_section(*entries: Entry, id: str = "c1s1", name: str | None = "Tentes") -> Section:
    return Section(id, name, list(entries))


def packed(sections: list[Section], heights: dict[str, float]) -> list[Page]:
    return pack(sections, Heights([10.0] * len(sections), heights))


def shown(pages: list[Page]) -> list[list[str]]:
    return [[e.id for _, line in page.lines if isinstance(line, Row) for e in line.entries] for page in pages]


def block(locale: str = "fr_FR", **fields: Any) -> dict[str, Any]:
    return block_of(an_item("a", **fields).fields, "i1", locale, WORDS)


def test_chapters_and_sections_come_in_the_order_of_the_category_tree() -> None:
    plan = Plan(a_structure(), "Autres")
    for place in (("", "", "", ""), ("table", "La table", "coffee", "Cafés"), ("camp", "Bivouac", "sleeping", "Lits")):
        plan.add(place, an_entry("x"))
    plan.add(("camp", "Bivouac", "tents", "Tentes"), an_entry("y"))
    plan.add(("camp", "Bivouac", "", ""), an_entry("z"))
    chapters = plan.chapters()
    assert [chapter.name for chapter in chapters] == ["Bivouac", "La table", "Autres"]
    assert [section.name for section in chapters[0].sections] == [None, "Tentes", "Lits"]


def test_a_long_section_is_cut_and_only_its_first_piece_keeps_its_id() -> None:
    section = a_section(*(an_entry(str(n)) for n in range(7)))
    parts = parts_of(Chapter("c1", "camp", "Bivouac", [section]), most=3)
    assert [[(piece.id, len(piece.entries)) for piece in part] for part in parts] == [
        [("c1s1", 3)],
        [("", 3)],
        [("", 1)],
    ]


def test_a_later_block_fills_what_the_next_one_cannot() -> None:
    section = a_section(an_entry("a", True), an_entry("b", True), an_entry("c", True))
    assert shown(packed([section], {"a": 150, "b": 120, "c": 60})) == [["a", "c"], ["b"]]


def test_a_head_takes_the_next_page_with_its_first_block() -> None:
    first, second = a_section(an_entry("a", True)), a_section(an_entry("b", True), id="c1s2", name="Couchage")
    pages = packed([first, second], {"a": 150, "b": 90})
    assert [type(line).__name__ for _, line in pages[1].lines] == ["Section", "Row"]


def test_only_a_feature_alone_on_a_half_empty_page_gets_a_large_picture() -> None:
    heights = {"a": 150.0, "b": 240.0, "c": 20.0}
    alone = [page.lone_feature() for page in packed([a_section(an_entry("a", True), an_entry("b", True))], heights)]
    assert [entry and entry.id for entry in alone] == ["a", None]
    assert packed([a_section(an_entry("c"))], heights)[0].lone_feature() is None


@given(st.lists(st.tuples(st.floats(20, 400), st.booleans()), min_size=1, max_size=30), st.integers(1, 4))
def test_every_block_is_placed_once_and_no_page_overflows(blocks: list[tuple[float, bool]], cuts: int) -> None:
    entries = [an_entry(f"e{n}", feature) for n, (_, feature) in enumerate(blocks)]
    heights = {entry.id: height for entry, (height, _) in zip(entries, blocks, strict=True)}
    sections = [a_section(*entries[at::cuts], id=f"s{at}") for at in range(cuts) if entries[at::cuts]]
    pages = packed(sections, heights)
    assert sorted(id for page in shown(pages) for id in page) == sorted(heights)
    for page in pages:
        rows = [line for _, line in page.lines if isinstance(line, Row)]
        assert rows, "a head stands alone"
        assert page.used <= PAGE + 0.01 or len(rows) == 1
        assert page.lines[-1][1] is rows[-1], "a head ends the page"


def test_sizes_come_in_the_order_of_their_options_and_measures_by_amount() -> None:
    sizes = {code: AttributeOption(code=code, attribute="size", sort_order=n) for n, code in enumerate("sml")}
    letters = [a_variant(code, options=[option(code, "Taille", "size")]) for code in "lms"]
    weights = [
        a_variant(f"{n} g", options=[{"label": "Poids", "value": "", "data": {"amount": n, "unit": "GRAM"}}])
        for n in ("1000", "250", "500")
    ]
    assert [v["reference"] for v in in_axis_order(letters, {"size": sizes})] == ["s", "m", "l"]
    assert [v["reference"] for v in in_axis_order(weights, {})] == ["250 g", "500 g", "1000 g"]


def test_the_lowest_price_leads_and_says_that_there_are_others() -> None:
    offer = block(variants=[a_variant("a", price="30.00"), a_variant("b", price="20.00")])["offer"]
    assert (offer["price"], offer["lead"]) == ("20,00\u00a0€", True)


def test_one_price_for_all_variants_is_simply_the_price() -> None:
    assert block(variants=[a_variant("a"), a_variant("b")])["offer"]["lead"] is False


def test_a_reduction_names_the_price_it_is_measured_against_and_its_days() -> None:
    sale = {"price": "60.00", "sale_price": "45.00", "prior_price": "50.00", "sale_end": "2026-11-30"}
    offer = block(variants=[a_variant("a", **sale)])["offer"]
    assert (offer["price"], offer["old"], offer["discount"]) == ("45,00\u00a0€", "50,00\u00a0€", "−10\u00a0%")
    assert offer["window"] == "jusqu’au 30 novembre 2026"


def test_one_energy_class_stands_beside_the_price_and_several_in_the_table() -> None:
    same, several = (
        block(variants=[a_variant(energy, energy_class=energy) for energy in energies]) for energies in ("FF", "FE")
    )
    assert (same["energy"], same["variants"]["has_energy"]) == ("F", False)
    assert (several["energy"], [row["energy"] for row in several["variants"]["rows"]]) == (None, ["F", "E"])


def test_a_code_with_a_wrong_check_digit_is_never_drawn() -> None:
    drawn = block(variants=[a_variant("a", ean="9520000000012")])
    assert (drawn["ean"], drawn["bars"]) == (None, None)


def test_variants_that_name_different_axes_share_one_table() -> None:
    variants = [a_variant("a", options=[option("Bleu", "Coloris", "color")]), a_variant("b", options=[])]
    table = block(variants=variants)["variants"]
    assert (table["axes"], [row["cells"] for row in table["rows"]]) == (["Coloris"], [["Bleu"], ["–"]])


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("Vrai ! Pourquoi ?", "Vrai\u202f! Pourquoi\u202f?"),
        ("« doux » : 50 %", "«\u00a0doux\u00a0»\u00a0: 50\u00a0%"),
        ("A" * 30, "A" * 22 + "\u200b" + "A" * 8),
        ("abcdefghijkl/mnopqrstuvwxyz", "abcdefghijkl/\u200bmnopqrstuvwxyz"),
    ],
)
def test_french_signs_stay_with_their_word_and_endless_words_may_break(text: str, set_as: str) -> None:
    assert polished(text, "fr_FR") == set_as


def test_english_keeps_its_blanks() -> None:
    assert polished("50 % : yes !", "en_GB") == "50 % : yes !"


def test_the_index_ignores_accents_and_puts_figures_first() -> None:
    groups = letter_groups([("Œufs", "1"), ("Étoile", "2"), ("Eau", "3"), ("72 heures", "4"), ("zèbre", "5")])
    assert [(g["letter"], [e["name"] for e in g["entries"]]) for g in groups] == [  # type: ignore[attr-defined]
        ("#", ["72 heures"]),
        ("E", ["Eau", "Étoile"]),
        ("O", ["Œufs"]),
        ("Z", ["zèbre"]),
    ]


def test_a_picture_is_scaled_to_its_place_and_never_enlarged(tmp_path: Any) -> None:
    from PIL import Image

    pictures = Pictures(a_picture, tmp_path / "pictures")
    for millimetres, width in ((20.0, 236), (200.0, 600)):
        name = pictures.placed("tente", millimetres)
        with Image.open(tmp_path / str(name)) as image:
            assert image.width == width


def test_the_white_around_a_picture_takes_the_colour_of_its_panel(tmp_path: Any) -> None:
    from PIL import Image

    tint = kept_by_jpeg("#f3e8e4")
    with Image.open(tmp_path / str(Pictures(a_picture, tmp_path / "pictures").placed("tente", 30.0, tint))) as image:
        assert "#{:02x}{:02x}{:02x}".format(*image.convert("RGB").getpixel((1, 1))) == tint  # type: ignore[misc]


@pytest.mark.parametrize("code", ["lost", "broken", None])
def test_a_picture_that_is_not_there_leaves_its_place_empty(code: str | None, tmp_path: Any) -> None:
    assert Pictures(a_picture, tmp_path / "pictures").placed(code, 30.0) is None
