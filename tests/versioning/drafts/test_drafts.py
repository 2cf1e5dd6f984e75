"""Edits that wait in a draft, and what becomes of them when it is applied to a catalogue that went on."""

from typing import Any

import pytest
from sqlalchemy import text

from pim.base.database import Database
from pim.base.errors import Conflict, InvalidInput, NotFound, NotPermitted
from pim.versioning.drafts.apply_draft import apply_draft, conflicts_of
from pim.versioning.drafts.resolve_draft import drop_edits
from pim.versioning.drafts.review import approve_draft, comment_draft, delete_draft, reject_draft, submit_draft
from pim.versioning.drafts.store import create_draft, edits_of, events_of, get_draft, list_drafts
from pim.versioning.model import Edit
from pim.versioning.revert import revert_changeset
from pim.versioning.store import current_structure, get_changeset, head_revision
from tests.makers import (
    NOW,
    ORIGIN,
    a_family,
    a_product,
    a_product_model,
    a_record,
    an_attribute,
    brands_and_packshots,
    document_of,
    value,
    values,
)
from tests.versioning.drafts.makers import applied, approved, conflicts, draft, resolved, rows, state
from tests.versioning.test_associations import associations, pointing
from tests.versioning.test_batches import product
from tests.versioning.test_revert import codes, pages, write

HAT = a_product("hat", values=values(pages=1, name={"fr_FR": "Chapeau"}), categories=["home"])


@pytest.fixture
def shop(catalogue: Database) -> Database:
    """A hat and a mug."""
    write(catalogue, HAT, a_product("mug", values=values(pages=1)))
    return catalogue


def hat(database: Database) -> dict[str, Any]:
    with database.session() as session:
        return document_of(session, "product", "hat")


def pages_of(number: Any, code: str = "hat") -> Edit:
    return a_product(code, values=values(pages=number))


def test_edits_wait_in_a_draft_and_the_catalogue_does_not_know_of_them(shop):
    with shop.session() as session:
        before = head_revision(session)
    draft(shop, "spring", pages_of(2), a_product("new"), Edit("product", "mug", None))
    with shop.session() as session:
        assert head_revision(session) == before
    assert (pages(shop), codes(shop)) == (1, {"hat", "mug"})
    first, *_ = rows(shop, "spring")
    assert (first.path, first.attribute, first.base, first.data) == ("values", "pages", 1, 2)


def test_an_applied_draft_is_one_changeset_in_the_name_of_its_author(shop):
    draft(shop, "spring", pages_of(2), a_product("new"), Edit("product", "mug", None))
    done = applied(shop, "spring")
    assert (pages(shop), codes(shop), state(shop, "spring")) == (2, {"hat", "new"}, "applied")
    with shop.session() as session:
        changeset = get_changeset(session, done.revision)
    assert (changeset.author, changeset.source, changeset.reason) == ("camille", "draft", "draft `spring`")


def test_an_applied_draft_is_reverted_as_one(shop):
    draft(shop, "spring", pages_of(2), a_product("new"), Edit("product", "mug", None))
    done = applied(shop, "spring")
    with shop.session() as session:
        revert_changeset(session, done.revision, ORIGIN, NOW)
    assert (pages(shop), codes(shop)) == (1, {"hat", "mug"})


def test_what_others_changed_elsewhere_stays(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, a_product("hat", values=values(name={"fr_FR": "Couvre-chef"}), enabled=False))
    applied(shop, "spring")
    document = hat(shop)
    assert (pages(shop), document["enabled"]) == (2, False)
    assert document["values"]["name"] == value("Couvre-chef", "fr_FR")


def test_equal_changes_pass_and_make_no_revision(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, pages_of(2))
    done = applied(shop, "spring")
    assert (done.revision, done.conflicts, state(shop, "spring")) == (None, (), "applied")


def test_a_value_that_both_changed_is_told_and_nothing_is_written(shop):
    draft(shop, "spring", pages_of(2), pages_of(9, "mug"))
    write(shop, pages_of(3))
    (conflict,) = applied(shop, "spring").conflicts
    assert (conflict.code, conflict.attribute, conflict.reason) == ("hat", "pages", "changed")
    assert (conflict.base, conflict.ours, conflict.theirs) == (1, 2, 3)
    assert (pages(shop), pages(shop, "mug"), state(shop, "spring")) == (3, 1, "conflicted")


@pytest.mark.parametrize(("take", "left"), [("draft", 2), ("catalogue", 3)])
def test_a_conflict_is_settled_for_one_side_and_looked_at_again(shop, take, left):
    draft(shop, "spring", pages_of(2), pages_of(9, "mug"))
    write(shop, pages_of(3))
    (conflict,) = applied(shop, "spring").conflicts
    assert resolved(shop, "spring", take, conflict.edit) == []
    assert state(shop, "spring") == "in_review"
    applied(shop, "spring")
    assert (pages(shop), pages(shop, "mug")) == (left, 9)


def test_what_was_settled_is_a_conflict_again_once_the_catalogue_changes_again(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, pages_of(3))
    resolved(shop, "spring", "draft")
    write(shop, pages_of(4))
    (conflict,) = conflicts(shop, "spring")
    assert (conflict.base, conflict.theirs) == (3, 4)


def test_writing_a_value_again_does_not_settle_what_others_wrote_since(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, pages_of(3))
    draft(shop, "spring", pages_of(5))
    (conflict,) = conflicts(shop, "spring")
    assert (conflict.base, conflict.ours, conflict.theirs) == (1, 5, 3)


def test_two_who_add_different_categories_both_have_their_way(shop):
    draft(shop, "spring", a_product("hat", add_categories=["outdoor"], remove_categories=["home"]))
    write(shop, a_product("hat", add_categories=["master"]))
    applied(shop, "spring")
    assert hat(shop)["categories"] == ["master", "outdoor"]


def test_two_who_associate_different_products_both_have_their_way(shop):
    write(shop, a_product("pen"))
    draft(shop, "spring", pointing("hat", "pair", "mug"))
    write(shop, pointing("hat", "pair", "pen"))
    assert applied(shop, "spring").conflicts == ()
    uuids = {code: str(product(shop, code).uuid) for code in ("hat", "mug", "pen")}
    assert associations(shop, "hat")["pair"]["products"] == sorted([uuids["mug"], uuids["pen"]])
    assert associations(shop, "mug")["pair"]["products"] == [uuids["hat"]]


def test_a_draft_does_not_delete_what_was_edited_since_unless_somebody_says_so(shop):
    draft(shop, "spring", Edit("product", "hat", None))
    write(shop, pages_of(3))
    (conflict,) = applied(shop, "spring").conflicts
    assert (conflict.path, conflict.reason, conflict.theirs) == ("-", "changed", hat(shop))
    resolved(shop, "spring", "draft")
    applied(shop, "spring")
    assert codes(shop) == {"mug"}


def test_edits_of_what_was_deleted_since_can_only_be_dropped(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, Edit("product", "hat", None))
    (conflict,) = conflicts(shop, "spring")
    assert conflict.reason == "deleted"
    with pytest.raises(InvalidInput, match="bring back what was deleted"):
        resolved(shop, "spring", "draft")
    assert resolved(shop, "spring", "catalogue") == []
    assert rows(shop, "spring") == []


def test_a_deletion_of_what_is_gone_already_passes(shop):
    draft(shop, "spring", Edit("product", "hat", None))
    write(shop, Edit("product", "hat", None))
    assert applied(shop, "spring").conflicts == ()


def test_what_both_created_is_a_conflict_unless_it_is_equal(shop):
    draft(shop, "spring", pages_of(2, "new"), pages_of(2, "same"))
    write(shop, pages_of(3, "new"), pages_of(2, "same"))
    (conflict,) = conflicts(shop, "spring")
    assert (conflict.code, conflict.reason) == ("new", "exists")
    assert resolved(shop, "spring", "draft") == []
    applied(shop, "spring")
    assert pages(shop, "new") == 2


def test_a_unique_value_that_somebody_took_is_a_conflict_and_the_way_out_is_an_edit(shop):
    draft(shop, "spring", a_product("hat", values=values(ean="4006381333931")), pages_of(2, "mug"))
    write(shop, a_product("pen", values=values(ean="4006381333931")))
    (conflict,) = applied(shop, "spring").conflicts
    assert (conflict.code, conflict.attribute, conflict.reason) == ("hat", "ean", "invalid")
    assert "4006381333931" in conflict.message
    assert pages(shop, "mug") == 1
    with pytest.raises(InvalidInput, match="edit the draft"):
        resolved(shop, "spring", "draft")
    draft(shop, "spring", a_product("hat", values=values(ean="96385074")))
    assert applied(shop, "spring").conflicts == ()


def test_variants_that_would_have_the_same_axes_are_a_conflict(shop):
    shoe = a_product_model("shoe", family="shoes", family_variant="shoes_color")
    write(shop, shoe)
    draft(shop, "spring", a_product("shoe-1", parent="shoe", values=values(color="red")))
    write(shop, a_product("shoe-2", parent="shoe", values=values(color="red")))
    (conflict,) = conflicts(shop, "spring")
    assert (conflict.code, conflict.reason, conflict.path) == ("shoe-1", "invalid", "+")


def test_structure_and_what_needs_it_wait_together(shop):
    draft(shop, "spring", an_attribute("mood"), a_family("hats", ["sku", "mood"]))
    draft(shop, "spring", a_product("hat", family="hats", values=values(mood="calm")))
    write(shop, a_family("books", ["sku", "name", "pages", "price", "tags"]))
    assert applied(shop, "spring").conflicts == ()
    assert hat(shop)["values"]["mood"] == value("calm")


def test_two_who_add_attributes_to_a_family_both_have_their_way(shop):
    books = ["sku", "name", "pages", "price"]
    draft(shop, "spring", a_family("books", [*books, "tags"]))
    write(shop, a_family("books", [*books, "weight"]))
    assert applied(shop, "spring").conflicts == ()
    with shop.session() as session:
        family = current_structure(session).families["books"]
    assert {"tags", "weight"} <= set(family.attributes)


def test_a_reference_entity_waits_with_its_first_attributes_and_its_records(shop):
    brand, *rest = brands_and_packshots()
    draft(shop, "spring", brand)
    draft(shop, "spring", *rest)
    draft(shop, "spring", a_record("brand", "lueur", values={"label": value("Lueur", "fr_FR")}))
    draft(shop, "spring", a_product("hat", values=values(brand="lueur")))
    assert applied(shop, "spring").conflicts == ()
    assert hat(shop)["values"]["brand"] == value("lueur")


def test_what_a_draft_creates_is_edited_there_and_deleted_without_a_trace(shop):
    draft(shop, "spring", a_product("new", values=values(pages=1, ean="96385074")), pages_of(2))
    draft(shop, "spring", a_product("new", values=values(pages=None), add_categories=["home"]), pages_of(3, "new"))
    created = next(row for row in rows(shop, "spring") if row.path == "+")
    assert (created.data["values"]["pages"], created.data["categories"]) == (value(3), ["home"])
    draft(shop, "spring", Edit("product", "new", None))
    assert [row.attribute for row in rows(shop, "spring")] == ["pages"]


def test_products_of_a_draft_point_at_each_other(shop):
    draft(shop, "spring", a_product("one"), a_product("two"))
    draft(shop, "spring", pointing("one", "upsell", "two"), pointing("two", "upsell", "one"))
    applied(shop, "spring")
    assert associations(shop, "one")["upsell"]["products"] == [str(product(shop, "two").uuid)]


def test_an_edit_back_to_what_the_catalogue_says_is_none(shop):
    draft(shop, "spring", pages_of(2))
    draft(shop, "spring", pages_of(1))
    assert rows(shop, "spring") == []
    with pytest.raises(Conflict, match="holds no edits"):
        approved(shop, "spring")


def test_a_renamed_product_keeps_its_edits(shop):
    draft(shop, "spring", pages_of(2))
    write(shop, Edit("product", "hat", {"identifier": "cap"}))
    applied(shop, "spring")
    assert pages(shop, "cap") == 2


def test_edits_that_break_a_rule_are_refused_all_together(shop):
    with pytest.raises(InvalidInput, match="fabric"):
        draft(shop, "spring", pages_of(2), a_product("mug", values=values(fabric="wool")))
    with pytest.raises(NotFound):
        draft(shop, "spring", Edit("product", "pen", None))
    with shop.session() as session:
        assert list_drafts(session) == []


def test_what_a_draft_deletes_is_not_edited_in_it(shop):
    draft(shop, "spring", Edit("product", "hat", None))
    (row,) = rows(shop, "spring")
    with pytest.raises(Conflict, match=f"drop its edit {row.id} first"):
        draft(shop, "spring", pages_of(2))
    with shop.session() as session:
        drop_edits(session, "spring", [row.id], "camille", NOW)
    draft(shop, "spring", pages_of(2))
    assert [one.attribute for one in rows(shop, "spring")] == ["pages"]


def test_nobody_applies_what_is_not_approved_or_approves_what_is_not_handed_in(shop):
    draft(shop, "spring", pages_of(2))
    with shop.session() as session:
        with pytest.raises(Conflict, match="only an approved one"):
            apply_draft(session, "spring", "robin", NOW)
        with pytest.raises(Conflict, match="has to be in review"):
            approve_draft(session, "spring", "robin", NOW)


def test_an_edit_of_an_approved_draft_takes_the_approval_back(shop):
    draft(shop, "spring", pages_of(2))
    approved(shop, "spring")
    draft(shop, "spring", pages_of(3))
    assert state(shop, "spring") == "draft"


def test_whoever_wrote_in_a_draft_does_not_approve_it_where_others_have_to(shop):
    draft(shop, "spring", pages_of(2))
    draft(shop, "spring", pages_of(3), by="robin")
    with shop.session() as session:
        submit_draft(session, "spring", "camille", NOW)
    for author in ("camille", "robin"):
        with shop.session() as session, pytest.raises(NotPermitted, match="somebody else"):
            approve_draft(session, "spring", author, NOW, by_others=True)
    with shop.session() as session:
        approve_draft(session, "spring", "dominique", NOW, by_others=True)


def test_a_draft_remembers_what_was_done_with_it_and_said_of_it(shop):
    draft(shop, "spring", pages_of(2))
    with shop.session() as session:
        submit_draft(session, "spring", "camille", NOW, "please")
        comment_draft(session, "spring", "robin", NOW, "two pages?")
        reject_draft(session, "spring", "robin", NOW, "too few")
        told = [(e.what, e.author, e.comment) for e in events_of(session, get_draft(session, "spring"))]
    assert told == [
        ("created", "camille", None), ("edited", "camille", None), ("submitted", "camille", "please"),
        ("commented", "robin", "two pages?"), ("rejected", "robin", "too few"),
    ]  # fmt: skip


def test_a_deleted_draft_leaves_nothing_and_an_applied_one_stays(shop):
    draft(shop, "spring", pages_of(2))
    draft(shop, "summer", pages_of(2, "mug"))
    applied(shop, "summer")
    with shop.session() as session:
        delete_draft(session, "spring")
        with pytest.raises(Conflict, match="revert that revision"):
            delete_draft(session, "summer")
        assert [one.code for one in list_drafts(session)] == ["summer"]
        assert [row.code for row in edits_of(session, get_draft(session, "summer"))] == ["mug"]


def test_a_draft_has_a_name_of_its_own(shop):
    draft(shop, "spring")
    with shop.session() as session:
        with pytest.raises(Conflict, match="exists already"):
            create_draft(session, "spring", "camille", NOW)
        with pytest.raises(InvalidInput, match="cannot be named so"):
            create_draft(session, "spring sale", "camille", NOW)
        with pytest.raises(NotFound, match="known: spring"):
            get_draft(session, "summer")


def test_looking_for_conflicts_leaves_no_lock(shop):
    draft(shop, "spring", pages_of(2))
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    with shop.session() as session:
        assert conflicts_of(session, get_draft(session, "spring"), NOW) == []
        assert session.execute(held).scalar_one() == 0
