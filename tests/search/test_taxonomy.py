"""A channel's taxonomy for the categories of the catalogue: the closest entries, and the lookup file they go into."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.cli import app
from pim.search.taxonomy import Taxonomy, categories_of, read_taxonomy, suggest
from pim.versioning.model import Edit
from tests.makers import a_channel, a_structure, given
from tests.syndication.demo_items import PROJECT, demo_definition, demo_structure

DATA = Path(os.environ.get("PIM_TEST_DATA", PROJECT.parent / "shared" / "data")) / "taxonomy"
ENGLISH = """\
# Google_Product_Taxonomy_Version: 2021-09-21
1 - Apparel & Accessories
2 - Apparel & Accessories > Hats
3 - Apparel & Accessories > Shoes
4 - Sporting Goods > Camping > Tents
5 - Toys & Games > Toy Tents
"""
FRENCH = "# Google_Product_Taxonomy_Version: 2015-02-19\n4 - Articles de sport > Camping > Tentes\n9 - Chapellerie\n"
"""The second was given up between the two."""


def a_category(code: str, parent: str | None = "shop", **labels: str) -> Edit:
    locales = {{"en": "en_GB", "fr": "fr_FR"}[language]: label for language, label in labels.items()}
    return Edit("category", code, {"code": code, "parent": parent, "labels": locales})


TREE = [
    a_category("shop", None),
    a_category("outside", en="Camping", fr="Camping"),
    a_category("tents", "outside", fr="Tentes"),
    a_category("hats", en="Hats", fr="Chapellerie"),
    a_category("odds", en="Odds and ends"),
]


def taxonomies() -> list[Taxonomy]:
    return [read_taxonomy("taxonomy.en-US.txt", ENGLISH), read_taxonomy("taxonomy.fr-FR.txt", FRENCH)]


def test_categories_find_entries_in_any_language_they_have_and_never_an_id_that_was_given_up() -> None:
    structure = a_structure(TREE)
    found = {one.category: one for one in suggest(structure, categories_of(structure, "shop"), taxonomies())}
    assert list(found) == ["outside", "tents", "hats", "odds"]
    assert (found["tents"].closest[0].id, found["tents"].sure) == ("4", True)
    assert [closest.id for closest in found["hats"].closest] == ["2"]
    assert (list(found["odds"].closest), found["odds"].sure) == ([], False)


def test_what_two_entries_are_about_as_close_to_is_not_sure() -> None:
    structure = a_structure([TREE[0], a_category("both", en="Hats, shoes")])
    (found,) = suggest(structure, ["both"], taxonomies())
    assert {closest.id for closest in found.closest} == {"2", "3"}
    assert not found.sure


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("list.txt", ENGLISH, "`list.txt` does not say its language"),
        ("list.en-US.txt", "1 - Hats\nHats\n", "list.en-US.txt:2: `Hats` is no line of a taxonomy"),
        ("list.en-US.txt", "# nothing\n", "list.en-US.txt: there is no entry in it"),
    ],
)
def test_a_file_that_is_no_taxonomy_says_why(name: str, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_taxonomy(name, text)


def test_what_is_sure_of_the_demo_is_what_a_person_chose() -> None:
    files = sorted(DATA.glob("taxonomy-with-ids.*.txt"))
    if not files:
        pytest.skip(f"{DATA} is not there; set PIM_TEST_DATA")
    chosen = demo_definition("google_merchant").lookups["google_category_by_category.yaml"]
    found = list(
        suggest(demo_structure(), list(chosen), [read_taxonomy(file.name, file.read_text()) for file in files])
    )
    sure = {one.category: one.closest[0].id for one in found if one.sure}
    assert len(sure) > 5
    assert sure == {category: chosen[category] for category in sure}


Pim = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The exports folder of a catalogue with these categories."""
    folder = tmp_path / "exports" / "shop"
    folder.mkdir(parents=True)
    (folder / "export.yaml").write_text(
        "channel: [feed]\ngrain: product\nschema: google_merchant/2026-11\n"
        "files: [{name: '{locale}.jsonl', writer: jsonl}]\n"
    )
    (folder / "mapping.yaml").write_text("google_product_category: {from: $category, map: ids.yaml}\n")
    (folder / "ids.yaml").write_text("# by hand\nhats: '1'   # on purpose\n#? tents: '77'\n")
    return folder


@pytest.fixture
def pim(database: Database, shop: Path, tmp_path: Path) -> Pim:
    languages = [Edit("locale", code, {}) for code in ("fr_FR", "en_GB")]
    given(database, *languages, Edit("currency", "EUR", {}), *TREE, a_channel("feed", category_tree="shop"))
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {"PIM_DATABASE_URL": address, "PIM_HOME": str(tmp_path), "PIM_EXPORTS": str(shop.parent)}
    (tmp_path / "list.en-US.txt").write_text(ENGLISH)
    (tmp_path / "list.fr-FR.txt").write_text(FRENCH)
    words = ["exports", "categories", "shop", "--lookup", "ids.yaml"]
    for language in ("en-US", "fr-FR"):
        words += ["--taxonomy", str(tmp_path / f"list.{language}.txt")]
    return lambda *more: CliRunner().invoke(app, [*words, *more], env=environment)


def test_a_lookup_file_is_completed_and_what_is_unsure_waits_behind_a_mark(pim: Pim, shop: Path) -> None:
    result = pim()
    assert "1 were there, 1 are sure, 2 wait for a person" in result.stdout, result.output
    lines = (shop / "ids.yaml").read_text().splitlines()
    assert lines[:2] == ["# by hand", "hats: '1'   # on purpose"]
    assert lines[2].startswith('tents: "4" ')
    assert all(line.startswith("#? outside: ") for line in lines[3:])


def test_the_same_again_or_a_dry_run_changes_nothing(pim: Pim, shop: Path) -> None:
    before = (shop / "ids.yaml").read_text()
    assert "nothing was written" in pim("--dry-run").stdout
    assert (shop / "ids.yaml").read_text() == before
    pim()
    completed = (shop / "ids.yaml").read_text()
    pim()
    assert (shop / "ids.yaml").read_text() == completed
