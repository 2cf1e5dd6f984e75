"""Exports that extend another: what is theirs, what they inherit, and where a mistake of either is shown."""

from pathlib import Path

import pytest

from pim.base.errors import InvalidInput
from pim.exports.load import definition_digest, load_definition

BASE = """\
channel: [shop]
grain: product
schema: google_merchant/2026-11
currency: {fr_FR: EUR, "*": USD}
constants: {shop_url: "https://shop.example", sold_by: Cap}
assortment: {families: [tents], where: {availability: {is_not: discontinued}}}
files: [{name: "{locale}.xml", writer: rss}]
token: PIM_BASE_TOKEN
schedule: "0 4 * * *"
destinations: [{name: mirror, transport: folder, path: /srv/feeds}]
"""
MAPPING = """\
id: $code
title: {from: name, then: [strip_html]}
brand: {from: brand, map: brands.yaml}
custom_label_1: season
"""


def write(folder: Path, export: str, mapping: str, **lookups: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "export.yaml").write_text(export, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    for name, text in lookups.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "base", BASE, MAPPING, brands="cap: Cap & Refuge\n")


def overlay(base: Path, export: str = "", mapping: str = "", name: str = "overlay", **lookups: str) -> Path:
    return write(base.parent / name, f"extends: base\n{export}", mapping, **lookups)


def test_what_is_not_said_is_inherited_with_its_lookup_files(base: Path) -> None:
    given, made = load_definition(base), load_definition(overlay(base))
    assert (made.name, made.extends) == ("overlay", "base")
    assert (made.mapping, made.lookups, made.files, made.currency) == (
        given.mapping,
        given.lookups,
        given.files,
        given.currency,
    )


def test_secrets_schedules_and_destinations_stay_with_the_export_that_has_them(base: Path) -> None:
    made = load_definition(overlay(base))
    assert (made.token, made.schedule, made.destinations) == (None, None, [])


def test_settings_are_laid_over_by_name_and_taken_away_by_null(base: Path) -> None:
    made = load_definition(overlay(base, "constants: {sold_by: null, place: Lyon}\nassortment: {families: null}\n"))
    assert made.constants == {"shop_url": "https://shop.example", "place": "Lyon"}
    assert (made.assortment.families, list(made.assortment.where)) == ([], ["availability"])


def test_a_field_is_ones_own_or_inherited_never_half_of_each(base: Path) -> None:
    made = load_definition(overlay(base, mapping="title: {const: Tent}\ncustom_label_1: null\n"))
    assert made.mapping["title"] == {"const": "Tent"}
    assert list(made.mapping) == ["id", "title", "brand"]


def test_a_field_may_be_like_an_inherited_one_but_for_what_it_says_itself(base: Path) -> None:
    mapping = "mpn: {like: id}\ntitle: {like: title, then: [upper]}\ngtin: {like: title, then: null}\n"
    made = load_definition(overlay(base, mapping=mapping)).mapping
    assert made["mpn"] == {"from": "$code"}
    assert made["title"] == {"from": "name", "then": ["upper"]}
    assert made["gtin"] == {"from": "name"}


def test_an_export_of_roots_takes_fields_of_products_by_name(base: Path) -> None:
    export = "grain: root\nschema: agentic_commerce/2026-04\n"
    mapping = "item: {id: {like: id}, variants: {variants: v}}\nvariants: {v: {media: {each: [{like: title}]}}}\n"
    made = load_definition(overlay(base, export, mapping))
    assert made.mapping["item"]["id"] == {"from": "$code"}
    assert made.mapping["variants"] == {"v": {"media": {"each": [{"from": "name", "then": ["strip_html"]}]}}}
    assert made.lookups["brands.yaml"] == {"cap": "Cap & Refuge"}


def test_an_export_of_roots_over_another_inherits_items_and_variants_field_by_field(base: Path) -> None:
    export, schema = BASE.replace("grain: product", "grain: root"), "agentic_commerce/2026-04"
    mapping = "item: {id: $code, title: name, variants: {variants: v}}\nvariants: {v: {id: $code, title: name}}\n"
    write(base, export.replace("google_merchant/2026-11", schema), mapping)
    made = load_definition(overlay(base, mapping="item: {title: null}\nvariants: {v: {title: {like: id}}}\n"))
    assert list(made.mapping["item"]) == ["id", "variants"]
    assert made.mapping["variants"]["v"] == {"id": "$code", "title": {"from": "$code"}}


def test_a_field_is_like_inherited_ones_only(base: Path) -> None:
    with pytest.raises(
        InvalidInput, match=r"overlay/mapping.yaml:2: `like` names no inherited field: `mpn`; known: br"
    ):
        load_definition(overlay(base, mapping="mpn: mpn\ngtin: {like: mpn}\n"))


def test_a_lookup_file_of_ones_own_takes_the_place_of_the_inherited_one(base: Path) -> None:
    made = load_definition(overlay(base, brands="cap: C&R\n"))
    assert made.lookups["brands.yaml"] == {"cap": "C&R"}


def test_inherited_fields_that_the_own_schema_does_not_have_are_left_out(base: Path) -> None:
    write(base, BASE, MAPPING + "pause: {const: ads}\n", brands="cap: Cap\n")
    assert "pause" in load_definition(base).mapping
    made = load_definition(overlay(base, "schema: meta_catalog/2026-11\n"))
    assert list(made.mapping) == ["id", "title", "brand", "custom_label_1"]
    with pytest.raises(InvalidInput, match=r"overlay/mapping.yaml:1: field `colour` is not in item schema"):
        load_definition(overlay(base, mapping="colour: color\n"))


def test_an_export_may_extend_one_that_extends_another(base: Path) -> None:
    overlay(base, "keep: 9\n", "mpn: mpn\n")
    third = write(base.parent / "third", "extends: overlay\n", "gtin: ean\n")
    made = load_definition(third)
    assert (made.keep, made.channel, list(made.mapping)) == (
        9,
        ["shop"],
        [*load_definition(base).mapping, "mpn", "gtin"],
    )


def test_a_mistake_is_shown_in_the_file_where_it_stands(base: Path) -> None:
    folder = overlay(base, "keep: 0\n", "mpn: {from: mpn, then: [uper]}\n")
    (base / "mapping.yaml").write_text(MAPPING + "gtin: {from: ean, then: [gtn]}\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_definition(folder)
    places = [violation.message.rsplit(": ", 2)[0].split(": ")[0] for violation in caught.value.violations]
    assert places == ["overlay/export.yaml:2", "overlay/mapping.yaml:1", "base/mapping.yaml:5"]


@pytest.mark.parametrize(
    ("export", "mapping", "message"),
    [
        ("", "colour: null\n", "overlay/mapping.yaml:1: `colour: null` takes away what is not inherited; known: brand"),
        ("gate: null\n", "", "overlay/export.yaml:2: `gate: null` takes away what is not inherited"),
        ("schema: null\n", "", "overlay/export.yaml:1: `schema` is missing"),
    ],
)
def test_null_for_what_is_not_there_is_a_mistake(base: Path, export: str, mapping: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_definition(overlay(base, export, mapping))
    assert message in caught.value.violations[0].message


def test_exports_cannot_extend_what_is_not_there_nor_each_other(base: Path) -> None:
    lost = write(base.parent / "lost", "extends: bas\n", "")
    with pytest.raises(InvalidInput, match=r"lost/export.yaml:1: export `bas` is not there; known: base"):
        load_definition(lost)
    write(base, "extends: overlay\n", MAPPING)
    with pytest.raises(InvalidInput, match=r"extend each other: overlay → base → overlay"):
        load_definition(overlay(base))


def test_the_digest_covers_both(base: Path) -> None:
    folder = overlay(base)
    before = definition_digest(folder)
    (base / "brands.yaml").write_text("cap: Another\n", encoding="utf-8")
    assert definition_digest(folder) != before
