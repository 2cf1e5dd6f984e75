import json
from pathlib import Path

import pytest
from sqlmodel import select

from pim.base.database import open_database
from pim.base.errors import InvalidInput
from pim.catalog.tables import MediaFileRow
from pim.intake import store
from pim.intake.import_path import Watch
from pim.intake.model import CellChange, Rejection
from pim.intake.tables import ImportRow
from pim.versioning.model import Cell, Edit, Origin
from pim.versioning.revert import revert_import
from pim.versioning.store import current_structure, head_revision
from tests.intake.makers import an_akeneo_set, ndjson, only_products
from tests.makers import NOW, commit, values


def test_an_akeneo_set_becomes_a_catalogue(intake, tmp_path):
    summary = intake(an_akeneo_set(tmp_path / "set"))
    hat = intake.product("hat")
    assert summary.first_rejections == []
    assert summary.counts["products"] == {"created": 4}
    assert (hat["family"], hat["categories"], hat["groups"]) == ("shoes", ["outdoor", "tents"], ["gifts"])
    assert hat["values"]["description"] == [{"locale": "fr_FR", "scope": "web", "data": "Un beau\nchapeau"}]
    assert hat["values"]["price"][0]["data"][0] == {"amount": "12.50", "currency": "EUR"}
    assert hat["associations"] == {"upsell": {"products": ["hat-box", "runner-red"]}}
    assert {"identifier", "quantity"} != set(hat["quantified_associations"]["set"]["products"][0])
    assert {m["quantity"] for m in hat["quantified_associations"]["set"]["products"]} == {1, 2}
    assert intake.product("runner-red")["parent"] == "runner"
    assert intake.product("atlas")["enabled"] is False


def test_what_a_variant_repeats_of_its_model_is_a_warning(intake, tmp_path):
    summary = intake(an_akeneo_set(tmp_path / "set"))
    assert "name" not in intake.product("runner-red")["values"]
    assert sorted(message.split("`")[1] for message in summary.warnings) == ["name", "price"]


def test_pictures_are_kept_once_under_a_code_of_their_content(intake, storage, tmp_path):
    folder = an_akeneo_set(tmp_path / "set")
    intake(folder)
    (code,) = {intake.product(name)["values"]["picture"][0]["data"] for name in ("hat", "runner-red")}
    with intake.database.session() as session:
        (row,) = session.execute(select(MediaFileRow)).scalars().all()
    assert (row.code, row.width, row.height, row.media_type) == (code, 12, 8, "image/png")
    with storage.open(f"media/{code}") as stream:
        assert stream.read() == (folder / "files" / "hat.png").read_bytes()


def test_the_same_content_again_changes_nothing(intake, tmp_path):
    folder = an_akeneo_set(tmp_path / "set")
    first, again = intake(folder), intake(folder)
    assert again.import_id != first.import_id
    assert again.revisions == []
    assert {outcome for counts in again.counts.values() for outcome in counts} == {"unchanged"}


def test_an_empty_cell_erases_and_a_column_that_is_not_there_does_not(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    summary = intake(only_products(tmp_path / "next", "sku;name-fr_FR;price-EUR;tags;upsell-products\nhat;;;;\n"))
    hat = intake.product("hat")
    assert summary.counts == {"products": {"updated": 1}, "associations": {"updated": 1}}
    assert hat["values"]["name"] == [{"locale": "en_GB", "scope": None, "data": "Hat"}]
    assert hat["values"]["price"][0]["data"] == [{"amount": "10.00", "currency": "GBP"}]
    assert "tags" not in hat["values"]
    assert hat["values"]["color"]
    assert hat["associations"] == {}
    assert hat["quantified_associations"]


def test_a_parent_in_another_case_is_found(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    summary = intake(only_products(tmp_path / "next", "sku;parent;color\nrunner-blue;RUNNER;blue\n"))
    assert summary.total("rejected") == 0
    assert intake.product("runner-blue")["parent"] == "runner"
    assert any("differs in case only" in message for message in summary.warnings)


def test_a_missing_picture_that_a_variant_only_repeats_is_a_warning(intake, tmp_path):
    folder = an_akeneo_set(tmp_path / "set", family_variants=VARIANTS_BY_COLOR_ALONE)
    text = "sku;parent;color;picture\nrunner-red;runner;red;files/none.png\n"
    (folder / "products.csv").write_text(text)
    summary = intake(folder)
    assert summary.first_rejections == []
    assert list(summary.warnings) == ["`picture` belongs to the product model and was not stored; change it there"]


def test_a_document_may_point_at_lines_below_it(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    one = {"identifier": "one", "family": "books", "associations": {"pair": {"products": ["two"]}}}
    summary = intake(ndjson(tmp_path / "a.ndjson", one, {"identifier": "two", "family": "books"}))
    assert summary.counts["products"] == {"created": 2}
    assert intake.product("two")["associations"] == {"pair": {"products": ["one"]}}


def test_a_document_says_nothing_about_what_it_leaves_out(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    before = intake.product("hat")
    intake(ndjson(tmp_path / "a.ndjson", {"identifier": "hat", "values": values(name={"en_GB": "Cap"})}))
    after = intake.product("hat")
    assert after["values"].pop("name")[0]["data"] == "Cap"
    assert after["values"] == {code: v for code, v in before["values"].items() if code != "name"}


VARIANTS_BY_COLOR_ALONE = "code;family;variant-axes_1;variant-attributes_1\nshoes_color;shoes;color;ean,sku\n"
HEADER = "sku;family;name-fr_FR;color;weight;weight-unit;ean;picture;pages;release;upsell-products\n"
BAD_ROWS = [
    (b"b1;shoes;B;purple;;;;;;;\n", "color", "purple", "unknown_option", "known: blue, red"),
    (b"b2;shoes;B;;heavy;GRAM;;;;;\n", "weight", "heavy", "wrong_type", "is not a number"),
    (b"b3;shoes;B;;1;STONE;;;;;\n", "weight", "1", "unknown_unit", "unit `STONE` is not of Weight"),
    (b"b4;shoos;B;;;;;;;;\n", "family", "shoos", "unknown_family", "family `shoos` does not exist"),
    (b"hat;shoes;B;;;;;;;;\n", "sku", "hat", "repeated_in_file", "on line 2 already"),
    (b"b6;shoes;\xc9t\xe9;;;;;;;;\n", "name-fr_FR", "\\xc9t\\xe9", "bad_encoding", "no UTF-8"),
    (b"b7;shoes;B;;;;\n", "picture", "", "ragged", "has 7 cells, the header has 11"),
    (b"b8;shoes;B;;;;;files/none.png;;;\n", "picture", "files/none.png", "missing_media", "neither beside the import"),
    (b"b9;shoes;B;;;;9502;;;;\n", "ean", "9502", "not_unique", "belongs to another product"),
    (b"b10;books;B;;;;;;1.5;;\n", "pages", "1.5", "decimals", "only whole numbers"),
    (b"b11;books;B;;;;;;;soon;\n", "release", "soon", "not_a_date", "write it like 2026-11-22"),
    (b"b12;shoes;B;;;;;;;;nobody\n", "upsell-products", "nobody", "unknown_target", "product `nobody` does not exist"),
    (b";shoes;B;;;;;;;;\n", "sku", "", "no_identifier", "`sku` is empty"),
]


@pytest.mark.parametrize(("row", "column", "value", "code", "message"), BAD_ROWS, ids=[row[3] for row in BAD_ROWS])
def test_a_bad_row_is_left_out_with_its_place_and_reason(intake, tmp_path, row, column, value, code, message):
    intake(an_akeneo_set(tmp_path / "set"))
    content = HEADER.encode() + "hat;shoes;Béret;;;;;;;;\n".encode() + row + b"good;books;Good;;;;;;;;\n"
    summary = intake(only_products(tmp_path / "next", content))
    (line,) = Path(summary.rejected_file).read_text().splitlines()
    told = json.loads(line)
    assert (told["file"], told["line"], told["column"], told["value"]) == ("products.csv", 3, column, value)
    assert told["reason"]["code"] == code
    assert message in told["reason"]["message"]
    assert intake.product("good")["family"] == "books"
    assert {"locale": "fr_FR", "scope": None, "data": "Béret"} in intake.product("hat")["values"]["name"]


def test_an_unknown_column_is_told_once_and_the_rows_come_in(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    summary = intake(only_products(tmp_path / "next", "sku;family;colour\nnew;books;red\nnewer;books;red\n"))
    (rejection,) = summary.first_rejections
    assert (rejection.line, rejection.column, rejection.code) == (1, "colour", "unknown_attribute")
    assert summary.counts["products"] == {"created": 2, "rejected": 1}


def test_every_reason_of_a_row_is_told_but_the_row_counts_once(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    bad = {"identifier": "bad", "values": values(color="purple", shade="dark")}
    summary = intake(ndjson(tmp_path / "a.ndjson", bad))
    assert summary.counts["products"] == {"rejected": 1}
    assert {r.code for r in summary.first_rejections} == {"unknown_option", "unknown_attribute"}


def test_a_row_that_was_left_out_associates_nobody(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    text = "sku;color;upsell-products\nhat-box;purple;atlas\n"
    summary = intake(only_products(tmp_path / "next", text))
    assert summary.total("rejected") == 1
    assert intake.product("hat-box")["associations"] == {}


def test_a_nul_is_refused_before_it_meets_the_database(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    documents = [{"identifier": f"p{n}", "family": "books"} for n in range(3)]
    documents[1]["associations"] = {"upsell": {"groups": ["gifts", "a\x00b"]}}
    summary = intake(ndjson(tmp_path / "a.ndjson", *documents))
    (rejection,) = summary.first_rejections
    assert (rejection.line, rejection.column, rejection.code) == (2, "associations.upsell.groups.1", "bad_character")
    summary = intake(only_products(tmp_path / "next", "sku;family\np\x00;books\nq;books\n"))
    assert [(r.line, r.column, r.value) for r in summary.first_rejections] == [(2, "sku", "p\\x00")]
    assert summary.counts["products"] == {"created": 1, "rejected": 1}


def test_the_summary_is_written_for_people_too(intake, tmp_path):
    summary = intake(an_akeneo_set(tmp_path / "set", products="sku;family\nhat;shoos\n"))
    text = Path(summary.summary_file).read_text()
    assert "products.csv:2 hat family `shoos`: family `shoos` does not exist; known: books, shoes" in text
    assert str(summary.rejected_file) in text


def test_a_dry_run_tells_everything_and_leaves_nothing(intake, storage, settings, tmp_path):
    changes, rejections = [], []
    watch = Watch(on_change=changes.append, on_rejection=rejections.append)
    folder = an_akeneo_set(tmp_path / "set", groups="code;type\ngifts;related\nodd;unknown\n")
    summary = intake(folder, watch, dry_run=True)
    assert summary.counts["products"] == {"created": 4}
    assert [change.code for change in changes if change.resource == "products"] == [
        "hat", "hat-box", "runner-red", "atlas",
    ]  # fmt: skip
    assert [type(r) for r in rejections] == [Rejection]
    assert list(storage.list()) == []
    assert not (settings.home / "imports").exists()
    with intake.database.session() as session:
        assert head_revision(session) == 0
        assert session.execute(select(ImportRow)).first() is None
        assert session.execute(select(MediaFileRow)).first() is None
    assert intake(folder).counts == summary.counts  # nothing of the trial is remembered


def test_the_structure_of_a_dry_run_is_forgotten_with_it(intake, settings, tmp_path):
    counts = intake(an_akeneo_set(tmp_path / "set"), dry_run=True).counts
    changesets = len(counts.keys() - {"product_models", "products", "associations"})
    with open_database(settings) as elsewhere:
        for number in range(changesets):  # until the structure has the revision that the trial had come to
            commit(elsewhere, Edit("attribute_group", f"group_{number}", {}))
    with intake.database.session() as session:
        assert current_structure(session).locales == {}


def test_a_dry_run_lists_the_cells_that_would_change(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    changes = []
    text = "sku;name-fr_FR;tags\nhat;Bonnet;new\nhat-box;Boîte;\n"
    intake(only_products(tmp_path / "next", text), Watch(on_change=changes.append), dry_run=True)
    (change,) = changes
    assert (change.code, change.status) == ("hat", "updated")
    assert sorted(change.cells, key=str) == [
        CellChange(Cell("values", "name", "fr_FR"), "Chapeau", "Bonnet"),
        CellChange(Cell("values", "tags"), ["new", "sale"], ["new"]),
    ]


def test_an_import_is_reverted_as_a_unit(intake, tmp_path):
    intake(an_akeneo_set(tmp_path / "set"))
    before = intake.catalogue()
    text = "sku;family;name-fr_FR;upsell-products\nhat;shoes;Bonnet;new\nnew;books;Neuf;\n"
    summary = intake(only_products(tmp_path / "next", text))
    with intake.database.session() as session:
        revert_import(session, summary.import_id, Origin("camille", "cli"), NOW)
        store.mark_reverted(session, summary.import_id)
    assert intake.catalogue() == before
    assert intake(tmp_path / "next").counts["products"] == {"created": 1, "updated": 1}


def test_progress_goes_over_every_resource_to_its_end(intake, tmp_path):
    seen: dict[str, tuple[int, int]] = {}
    intake(
        an_akeneo_set(tmp_path / "set"),
        Watch(progress=lambda resource, done, total: seen.update({resource: (done, total)})),
    )
    assert seen["products"] == (5, 5)
    assert all(done == total for done, total in seen.values())


def test_other_content_of_the_same_path_ends_what_was_left_open(intake, tmp_path):
    folder = an_akeneo_set(tmp_path / "set")
    with pytest.raises(InterruptedError):
        intake(folder, Watch(progress=_interrupted))
    with intake.database.session() as session:
        (left,) = store.open_imports(session)
    (folder / "products.csv").write_text("sku;family\nhat;shoes\n")
    intake(folder)
    with intake.database.session() as session:
        assert store.get_import(session, left.id).state == store.ABANDONED
        assert store.open_imports(session) == []


def _interrupted(resource: str, done: int, total: int) -> None:
    if resource == "families":
        raise InterruptedError


def test_a_path_that_is_nothing_we_read_writes_nothing(intake, tmp_path):
    with pytest.raises(InvalidInput):
        intake(tmp_path)
    with intake.database.session() as session:
        assert session.execute(select(ImportRow)).first() is None
