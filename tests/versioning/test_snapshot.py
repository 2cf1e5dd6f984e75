"""The catalogue as of one revision: order, ranges, and everything that happened since undone."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from pim.base.database import Database
from pim.base.errors import NotFound
from pim.versioning.model import Edit
from pim.versioning.snapshot import open_snapshot
from tests.makers import a_family, a_product, a_product_model, an_attribute, value, values
from tests.versioning.test_batches import accepted, product

UUID_1 = UUID("0f0f0f0f-0000-4000-8000-000000000001")
BOOT = a_product_model("boot", family="shoes", family_variant="shoes_color_size", values=values(name={"fr_FR": "B"}))


def a_color(color: str) -> Edit:
    return a_product_model(f"boot-{color}", parent="boot", values=values(color=color))


def a_size(color: str, size: str) -> Edit:
    return a_product(f"boot-{color}-{size}", parent=f"boot-{color}", values=values(size=size))


def write(database: Database, *edits: Edit) -> int:
    revision = accepted(database, *edits).revision
    assert revision is not None
    return revision


def keys(database: Database, revision: int | None = None, after: str = "", until: str | None = None) -> list[str]:
    with database.snapshot_session() as session:
        return [root.key for root in open_snapshot(session, revision).roots(after, until)]


def read(database: Database, code: str, revision: int) -> Any:
    with database.snapshot_session() as session:
        return open_snapshot(session, revision).product(code).document


CODES = ["b", "B", "a", "é", "_", "-", "10", "9", "a b", "a-b", "ab", "ÿ", "z", "日", "\U0001f600", "\uffee"]


def test_roots_stand_in_the_order_of_the_bytes_of_their_keys(catalogue):
    write(
        catalogue, *map(a_product, CODES), Edit("product", None, {}, uuid=UUID_1), BOOT, a_color("red"),
        a_size("red", "m"),
    )  # fmt: skip
    wanted = sorted([*(f"product/{code}" for code in [*CODES, str(UUID_1)]), "product_model/boot"], key=str.encode)
    assert keys(catalogue) == wanted


def test_the_order_is_the_same_where_much_was_undone(catalogue):
    revision = write(catalogue, *map(a_product, CODES))
    wanted = keys(catalogue)
    write(catalogue, *(Edit("product", code, None) for code in CODES[::3]))
    write(catalogue, *(Edit("product", code, {"identifier": f"new {code}"}) for code in CODES[1::3]), a_product("c"))
    assert keys(catalogue, revision) == wanted
    assert keys(catalogue, revision) == sorted(wanted, key=str.encode)


@pytest.mark.parametrize("undone", [False, True])
def test_ranges_put_together_are_the_whole(catalogue, undone):
    revision = write(catalogue, *map(a_product, CODES), BOOT, a_color("red"), a_size("red", "m"))
    if undone:
        write(catalogue, *(Edit("product", code, None) for code in CODES[::2]), Edit("product_model", "boot", None))
    whole = keys(catalogue, revision)
    cuts = ["", "product/9", "product/a", "product/a!", "product_model/", "product_model/boot", "zz"]
    parts = [keys(catalogue, revision, after, until) for after, until in pairwise(cuts)]
    assert [key for part in parts for key in part] == whole
    assert parts[1][0] == "product/9"  # the beginning belongs to a range, its end does not
    assert "product/a" not in parts[1]
    assert keys(catalogue, revision, "zz") == []


def test_a_root_holds_its_models_and_variants_in_order_and_merged(catalogue):
    write(catalogue, BOOT, a_color("red"), a_color("blue"), a_size("red", "s"), a_size("red", "m"), a_size("blue", "m"))
    with catalogue.snapshot_session() as session:
        (root,) = open_snapshot(session).roots()
    assert root.head.code == "boot"
    assert [model.code for model in root.models] == ["boot-blue", "boot-red"]
    assert [variant.code for variant in root.products] == ["boot-blue-m", "boot-red-m", "boot-red-s"]
    assert set(root.products[0].document["values"]) == {"name", "color", "size"}
    assert [ancestor.code for ancestor in root.products[0].ancestors] == ["boot", "boot-blue"]


def test_a_simple_product_is_its_own_variant(catalogue):
    write(catalogue, a_product("hat"))
    with catalogue.snapshot_session() as session:
        (root,) = open_snapshot(session).roots()
    assert (root.head.code, root.models, [p.code for p in root.products]) == ("hat", (), ["hat"])


def test_a_code_that_was_used_again_means_the_product_of_then(catalogue):
    first = write(catalogue, a_product("hat", values=values(pages=1)))
    write(catalogue, Edit("product", "hat", None))
    third = write(catalogue, a_product("hat", values=values(pages=2)))
    assert read(catalogue, "hat", first)["values"]["pages"] == value(1)
    assert read(catalogue, "hat", third)["values"]["pages"] == value(2)
    with pytest.raises(NotFound, match=f"product `hat` did not exist at revision {first + 1}"):
        read(catalogue, "hat", first + 1)


def test_an_identifier_means_whoever_had_it_then(catalogue):
    first = write(catalogue, a_product("hat", values=values(pages=1)), a_product("cap", values=values(pages=2)))
    hat = product(catalogue, "hat").uuid
    write(
        catalogue, Edit("product", None, {"identifier": "x"}, uuid=hat), Edit("product", "cap", {"identifier": "hat"}),
        Edit("product", None, {"identifier": "cap"}, uuid=hat),
    )  # fmt: skip
    assert read(catalogue, "hat", first)["values"]["pages"] == value(1)
    assert read(catalogue, "hat", first + 1)["values"]["pages"] == value(2)
    assert keys(catalogue, first) == keys(catalogue, first + 1) == ["product/cap", "product/hat"]


def test_a_variant_stands_below_its_model_of_then(catalogue):
    novel = a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(name={"fr_FR": "S"}))
    other = a_product_model("clog", family="shoes", family_variant="shoes_color", values=values(name={"fr_FR": "C"}))
    first = write(catalogue, novel, other, a_product("red", parent="shoe", values=values(color="red")))
    write(catalogue, a_product("red", parent="clog"))
    write(catalogue, Edit("product_model", "shoe", None))

    def roots(revision: int) -> dict[str, list[str]]:
        with catalogue.snapshot_session() as session:
            return {root.key: [p.code for p in root.products] for root in open_snapshot(session, revision).roots()}

    assert roots(first) == {"product_model/clog": [], "product_model/shoe": ["red"]}
    assert roots(first + 1) == {"product_model/clog": ["red"], "product_model/shoe": []}
    assert roots(first + 2) == {"product_model/clog": ["red"]}
    assert read(catalogue, "red", first)["values"]["name"] == value("S", "fr_FR")
    assert read(catalogue, "red", first + 1)["values"]["name"] == value("C", "fr_FR")


def test_a_simple_product_that_became_a_variant_was_its_own_root(catalogue):
    write(catalogue, a_product_model("shoe", family="shoes", family_variant="shoes_color"))
    first = write(catalogue, a_product("red", family="shoes", values=values(color="red")))
    write(catalogue, a_product("red", parent="shoe"))
    assert keys(catalogue, first) == ["product/red", "product_model/shoe"]
    assert keys(catalogue) == ["product_model/shoe"]


def test_an_untouched_variant_is_read_with_its_model_of_then(catalogue):
    first = write(catalogue, BOOT, a_color("red"), a_size("red", "m"))
    write(catalogue, a_product_model("boot", values=values(name={"fr_FR": "Botte"})))
    assert read(catalogue, "boot-red-m", first)["values"]["name"] == value("B", "fr_FR")
    assert read(catalogue, "boot-red-m", first + 1)["values"]["name"] == value("Botte", "fr_FR")


def test_structure_is_that_of_then(catalogue):
    first = write(catalogue, an_attribute("motto"), a_product("hat", values=values(motto="x")))
    write(catalogue, Edit("attribute", "motto", None), a_family("books", ["name"]))
    ton = {"convert_from_standard": [{"operator": "mul", "value": "1000"}]}
    write(catalogue, an_attribute("motto", "number"), Edit("measurement_family", "Weight", {"units": {"TON": ton}}))
    with catalogue.snapshot_session() as session:
        snapshot = open_snapshot(session, first)
        assert snapshot.structure.attributes["motto"].type == "pim_catalog_text"
        assert "pages" in snapshot.structure.families["books"].attributes
        assert set(snapshot.structure.measurement_families["Weight"].units) == {"KILOGRAM", "GRAM"}
        assert snapshot.product("hat").document["values"]["motto"] == value("x")
    with catalogue.snapshot_session() as session:
        assert "motto" not in open_snapshot(session, first + 1).structure.attributes


def test_revision_and_time_of_a_document_are_those_of_then(catalogue):
    first = write(catalogue, a_product("hat"), a_product("mug"))
    write(catalogue, a_product("hat", enabled=False))
    write(catalogue, a_product("hat", enabled=True), a_product("mug", enabled=False), a_product("mug", enabled=True))
    for revision, wanted in ((first, first), (first + 1, first + 1), (first + 2, first + 2)):
        with catalogue.snapshot_session() as session:
            snapshot = open_snapshot(session, revision)
            assert (snapshot.product("hat").revision, snapshot.product("mug").revision) == (wanted, first)


def test_a_snapshot_does_not_see_what_is_committed_after_it_began(catalogue):
    write(catalogue, *map(a_product, "abc"))
    with catalogue.snapshot_session() as session:
        snapshot = open_snapshot(session)
        before = [root.key for root in snapshot.roots()]
        write(catalogue, Edit("product", "b", None), an_attribute("motto"), a_product("d"))
        assert [root.key for root in snapshot.roots()] == before
        assert "motto" not in snapshot.structure.attributes


def test_revision_0_is_empty_and_a_revision_to_come_is_none(catalogue):
    write(catalogue, a_product("hat"))
    assert keys(catalogue, 0) == []
    with pytest.raises(NotFound, match="revision 3 does not exist; the newest is 2"):
        keys(catalogue, 3)
    with pytest.raises(NotFound, match="revision -1 does not exist"):
        keys(catalogue, -1)
