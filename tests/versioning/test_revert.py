"""Taking back a changeset or an import; what others wrote since is never overwritten."""

from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import Conflict, InvalidInput, NotFound
from pim.catalog import store
from pim.versioning.model import Committed, Edit, Origin
from pim.versioning.revert import revert_changeset, revert_import
from pim.versioning.store import current_structure, get_changeset
from tests.makers import (
    NOW,
    ORIGIN,
    a_channel,
    a_family,
    a_family_variant,
    a_product,
    a_product_model,
    an_attribute,
    commit,
    messages,
    value,
    values,
)
from tests.versioning.derived import assert_derived
from tests.versioning.test_associations import associations, pointing
from tests.versioning.test_batches import accepted, product

IMPORT = Origin("camille", "import", "spring list", import_id=7)
SHOE = a_product_model("shoe", family="shoes", family_variant="shoes_color")
RED = a_product("shoe-red", parent="shoe", values=values(color="red"))
TAGS_DOWN = a_family_variant("shoes_color", "shoes", (["color"], ["ean", "weight", "tags"]))


def everything(database: Database) -> dict[str, Any]:
    """All documents, of structure as well."""
    with database.session() as session:
        entities = [
            *current_structure(session).entities.values(),
            *store.products(session),
            *store.product_models(session),
        ]
        return {f"{one.kind}/{one.owner}/{one.code}": one.document for one in entities}


def write(database: Database, *edits: Edit, origin: Origin = ORIGIN) -> int:
    committed = commit(database, *edits, origin=origin)
    assert messages(committed) == []
    assert committed.revision is not None
    return committed.revision


def revert(database: Database, revision: int | None) -> Committed:
    with database.session() as session:
        return revert_changeset(session, revision or 0, ORIGIN, NOW)


def undo_import(database: Database) -> Committed:
    with database.session() as session:
        return revert_import(session, 7, ORIGIN, NOW)


def codes(database: Database) -> set[str]:
    with database.session() as session:
        return {entity.code for entity in (*store.products(session), *store.product_models(session))}


def pages(database: Database, code: str = "hat") -> Any:
    entries = product(database, code).document["values"].get("pages")
    return entries[0]["data"] if entries else None


def test_a_revert_is_a_changeset_of_its_own(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)))
    revision = write(catalogue, a_product("hat", values=values(pages=2)))
    reverted = revert(catalogue, revision)
    assert reverted.revision == revision + 1
    assert pages(catalogue) == 1
    with catalogue.session() as session:
        changeset = get_changeset(session, revision + 1)
    assert (changeset.source, changeset.reverts) == ("revert", revision)


def test_the_revert_of_a_revert_restores(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)), a_product("mug"))
    revision = write(
        catalogue, a_product("hat", values=values(pages=2), categories=["home"]), Edit("product", "mug", None),
        a_product("new"),
    )  # fmt: skip
    reverted = revert(catalogue, revision)
    assert codes(catalogue) == {"hat", "mug"}
    revert(catalogue, reverted.revision)
    assert codes(catalogue) == {"hat", "new"}
    assert pages(catalogue) == 2
    assert product(catalogue, "hat").document["categories"] == ["home"]


def test_only_what_was_written_is_put_back(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1, name={"fr_FR": "a"})))
    revision = write(catalogue, a_product("hat", values=values(pages=2)))
    write(catalogue, a_product("hat", values=values(name={"fr_FR": "b"}), enabled=False))
    revert(catalogue, revision)
    hat = product(catalogue, "hat").document
    assert (pages(catalogue), hat["values"]["name"], hat["enabled"]) == (1, value("b", "fr_FR"), False)


def test_what_others_wrote_since_is_named_and_nothing_is_overwritten(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)), a_product("mug", values=values(pages=1)))
    hat = a_product("hat", values=values(pages=2, name={"fr_FR": "x"}))
    revision = write(catalogue, hat, a_product("mug", values=values(pages=2)))
    write(catalogue, a_product("hat", values=values(pages=3, name={"fr_FR": "y"})))
    with pytest.raises(Conflict) as conflict:
        revert(catalogue, revision)
    beginning, _, cells = str(conflict.value).partition(": ")
    assert beginning == "changed since, so nothing was reverted"
    assert set(cells.split("; ")) == {
        "`name` (fr_FR) of product `hat` is `y` now, was made `x`, before it was nothing",
        "`pages` of product `hat` is `3` now, was made `2`, before it was `1`",
    }
    assert {(v.subject, v.path, v.attribute, v.locale) for v in conflict.value.violations} == {
        ("product/hat", "values", "name", "fr_FR"),
        ("product/hat", "values", "pages", None),
    }
    assert (pages(catalogue), pages(catalogue, "mug")) == (3, 2)


def test_what_others_changed_and_changed_back_is_no_conflict(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)))
    revision = write(catalogue, a_product("hat", values=values(pages=2)))
    for number in (3, 2):
        write(catalogue, a_product("hat", values=values(pages=number)))
    revert(catalogue, revision)
    assert pages(catalogue) == 1


def test_what_was_created_goes_unless_somebody_edited_it(catalogue):
    revision = write(catalogue, a_product("hat"), a_product("mug"))
    write(catalogue, a_product("hat", enabled=False))
    with pytest.raises(Conflict, match="product `hat` was edited: `enabled`"):
        revert(catalogue, revision)
    write(catalogue, a_product("hat", enabled=True))
    revert(catalogue, revision)
    assert codes(catalogue) == set()


def test_what_was_deleted_since_cannot_be_put_back(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)))
    revision = write(catalogue, a_product("hat", values=values(pages=2)))
    write(catalogue, Edit("product", "hat", None))
    with pytest.raises(Conflict, match="product `hat` was deleted"):
        revert(catalogue, revision)


def test_a_deletion_is_taken_back_with_id_uuid_and_mentions(catalogue):
    write(catalogue, SHOE, RED, a_product("mug"))
    write(catalogue, pointing("fan", "upsell", "shoe-red"), pointing("mug", "pair", "shoe-red"))
    before = {code: product(catalogue, code) for code in ("shoe-red", "fan", "mug")}
    revision = write(catalogue, Edit("product_model", "shoe", None))
    assert associations(catalogue, "fan") == {}
    revert(catalogue, revision)
    for code, entity in before.items():
        after = product(catalogue, code)
        assert (after.id, after.uuid, after.created, after.document) == (
            entity.id, entity.uuid, entity.created, entity.document,
        )  # fmt: skip
    assert_derived(catalogue)


def test_what_was_made_anew_is_not_overwritten_by_what_it_replaced(catalogue):
    write(catalogue, SHOE, a_product("hat"))
    revision = write(
        catalogue, Edit("product_model", "shoe", None), Edit("product", "hat", None), Edit("category", "home", None)
    )
    new_shoe = a_product_model("shoe", family="shoes", family_variant="shoes_color_size", categories=["outdoor"])
    write(catalogue, new_shoe, a_product("hat", enabled=False), Edit("category", "home", {"labels": {"fr_FR": "neuf"}}))
    with pytest.raises(Conflict) as conflict:
        revert(catalogue, revision)
    for name in ("product model `shoe`", "product `hat`", "category `home`"):
        assert f"{name} was deleted and made anew" in str(conflict.value)
    assert not product(catalogue, "hat").document["enabled"]


def test_a_new_identifier_is_taken_back(catalogue):
    write(catalogue, a_product("hat"))
    revision = write(catalogue, Edit("product", "hat", {"identifier": "cap"}))
    revert(catalogue, revision)
    assert codes(catalogue) == {"hat"}


def test_a_product_without_identifier_stays_without(catalogue):
    write(catalogue, a_product("hat"))
    uuid = product(catalogue, "hat").uuid
    write(catalogue, Edit("product", None, {"identifier": None}, uuid=uuid))
    revision = write(catalogue, Edit("product", None, {"enabled": False}, uuid=uuid))
    revert(catalogue, revision)
    with catalogue.session() as session:
        (found,) = store.products(session)
    assert (found.document["identifier"], found.document["enabled"]) == (None, True)


def test_a_revert_asks_only_the_values_it_puts_back_to_keep_the_rules_of_today(catalogue):
    write(catalogue, an_attribute("motto"), a_product("hat", values=values(motto="long ago", pages=1)))
    revision = write(catalogue, a_product("hat", values=values(pages=2)))
    write(catalogue, an_attribute("motto", max_characters=4))
    revert(catalogue, revision)
    assert pages(catalogue) == 1


@pytest.mark.parametrize(
    "leaves", [Edit("product", "hat", None), a_product("hat", values={"name": value(None, "en_GB")})]
)
def test_a_value_comes_back_to_a_locale_that_has_left_its_channel(catalogue, leaves):
    write(catalogue, a_product("hat", family="books", values={"name": value("Hat", "en_GB")}))
    write(catalogue, a_channel("web", locales=["fr_FR"]))
    before = product(catalogue, "hat").document
    revision = write(catalogue, leaves)
    revert(catalogue, revision)
    assert product(catalogue, "hat").document == before


def test_a_value_that_breaks_the_rules_of_today_is_told(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)))
    revision = write(catalogue, a_product("hat", values=values(pages=50)))
    write(catalogue, an_attribute("pages", "number", decimals_allowed=False, number_min="10"))
    with pytest.raises(InvalidInput, match="1 is below the least allowed, 10"):
        revert(catalogue, revision)
    assert pages(catalogue) == 50


def test_structure_is_taken_back_key_by_key(catalogue):
    revision = write(catalogue, a_channel("web", locales=["fr_FR"], labels={"fr_FR": "Toile"}))
    write(catalogue, Edit("channel", "web", {"labels": {"en_GB": "Web"}}))
    revert(catalogue, revision)
    with catalogue.session() as session:
        web = current_structure(session).channels["web"]
    assert (web.locales, web.labels) == (["en_GB", "fr_FR"], {"en_GB": "Web"})


def test_a_deleted_attribute_comes_back_with_its_options_and_values(catalogue):
    write(catalogue, a_family("books", ["name"]))
    write(
        catalogue, an_attribute("mood", "simpleselect"), Edit("attribute_option", "gay", {}, owner="mood"),
        a_product("hat", values=values(mood="gay")),
    )  # fmt: skip
    before = product(catalogue, "hat").document
    revert(catalogue, write(catalogue, Edit("attribute", "mood", None)))
    assert product(catalogue, "hat").document == before
    assert_derived(catalogue)


def test_an_attribute_that_left_a_family_comes_back_with_its_values(catalogue):
    write(catalogue, SHOE, a_product("shoe-red", parent="shoe", values=values(color="red", ean="1")))
    gone = a_family("shoes", ["sku", "name", "description", "price", "weight", "color", "size", "tags"])
    revert(catalogue, write(catalogue, gone))
    assert product(catalogue, "shoe-red").document["values"]["ean"] == value("1")


def test_structure_that_is_used_by_now_is_not_taken_back(catalogue):
    revision = write(catalogue, Edit("category", "garden", {}))
    write(catalogue, a_product("hat", categories=["garden"]))
    with pytest.raises(Conflict, match="category `garden` is in use and cannot be deleted: product `hat`"):
        revert(catalogue, revision)


def test_an_import_is_taken_back_as_a_whole(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)), a_product("old"))
    write(catalogue, a_product("hat", values=values(pages=2)), a_product("new"), origin=IMPORT)
    write(catalogue, a_product("elsewhere"))
    write(catalogue, a_product("hat", values=values(pages=3)), a_product("new", enabled=False), origin=IMPORT)
    write(catalogue, Edit("product", "old", None), Edit("category", "garden", {}), origin=IMPORT)
    undo_import(catalogue)
    assert codes(catalogue) == {"hat", "old", "elsewhere"}
    assert pages(catalogue) == 1


def test_what_others_wrote_between_the_changesets_of_an_import_is_a_conflict(catalogue):
    write(catalogue, a_product("hat", values=values(pages=1)))
    write(catalogue, a_product("hat", values=values(pages=2)), a_product("new"), origin=IMPORT)
    write(catalogue, a_product("hat", values=values(pages=9)), a_product("new", categories=["home"]))
    write(catalogue, a_product("hat", values=values(pages=3)), origin=IMPORT)
    with pytest.raises(Conflict) as conflict:
        undo_import(catalogue)
    assert "`pages` of product `hat`" in str(conflict.value)
    assert "product `new` was edited: `categories`" in str(conflict.value)
    assert codes(catalogue) == {"hat", "new"}


def test_what_was_never_written_cannot_be_taken_back(catalogue):
    with pytest.raises(NotFound, match="revision 99 does not exist; the newest is 1"):
        revert(catalogue, 99)
    with pytest.raises(NotFound, match="import 7 changed nothing, or does not exist"):
        undo_import(catalogue)


def test_many_conflicts_are_counted(catalogue):
    write(catalogue, *(a_product(f"p{n}", values=values(pages=1)) for n in range(25)))
    revision = write(catalogue, *(a_product(f"p{n}", values=values(pages=2)) for n in range(25)))
    write(catalogue, *(a_product(f"p{n}", values=values(pages=3)) for n in range(25)))
    with pytest.raises(Conflict, match=r"and 5 more$"):
        revert(catalogue, revision)


def test_everything_is_taken_back_from_accepted_edits_of_both_kinds(catalogue):
    revision = accepted(catalogue, an_attribute("brim"), a_family("hats", ["brim"]), a_product("hat", family="hats"))
    revert(catalogue, revision.revision)
    assert codes(catalogue) == set()
    with catalogue.session() as session:
        assert "brim" not in current_structure(session).attributes


def test_a_tree_that_was_made_and_taken_back_comes_back(catalogue):
    write(catalogue, a_product("hat"))
    revision = write(
        catalogue, Edit("category", "b", {}), Edit("category", "a", {"parent": "b"}),
        Edit("category", "c", {"parent": "a"}), a_product("hat", categories=["c"]),
    )  # fmt: skip
    before = everything(catalogue)
    revert(catalogue, revert(catalogue, revision).revision)
    assert everything(catalogue) == before


def test_an_attribute_that_moved_down_moves_up_again_with_its_values(catalogue):
    write(catalogue, a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(tags=["new"])))
    write(catalogue, RED, a_product("shoe-blue", parent="shoe", values=values(color="blue")))
    before = everything(catalogue)
    moved = write(catalogue, TAGS_DOWN)
    back = revert(catalogue, moved)
    assert everything(catalogue) == before
    assert_derived(catalogue)
    revert(catalogue, back.revision)
    assert product(catalogue, "shoe-red").document["values"]["tags"] == value(["new"])


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (a_product("shoe-red", values=values(tags=["sale"])), '`tags` of product `shoe-red` is `["sale"]` now'),
        (
            a_product("shoe-green", parent="shoe", values=values(color="green", tags=["sale"])),
            "own have product `shoe-green`",
        ),
    ],
)
def test_an_attribute_stays_down_where_a_variant_got_a_value_of_its_own_since(catalogue, since, told):
    write(catalogue, a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(tags=["new"])))
    write(catalogue, RED)
    moved = write(catalogue, TAGS_DOWN)
    write(catalogue, since)
    before = everything(catalogue)
    with pytest.raises(Conflict) as conflict:
        revert(catalogue, moved)
    assert told in str(conflict.value)
    assert everything(catalogue) == before


def test_what_moved_down_and_no_variant_took_along_is_brought_back(catalogue):
    write(catalogue, a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(tags=["new"])))
    before = everything(catalogue)
    revert(catalogue, write(catalogue, TAGS_DOWN))
    assert everything(catalogue) == before
