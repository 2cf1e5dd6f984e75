"""A batch of edits: each accepted or refused by itself, later ones seeing earlier ones."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from pim.base.database import Database
from pim.base.errors import Conflict, InvalidInput, NotFound
from pim.catalog import store
from pim.catalog.model import Entity
from pim.versioning.commit import commit_or_raise
from pim.versioning.model import Committed, Edit
from tests.makers import NOW, ORIGIN, a_product, a_product_model, commit, document_of, messages, value, values

BOOT = a_product_model("boot", family="shoes", family_variant="shoes_color_size")
RED_BOOT = a_product_model("boot-red", parent="boot", values=values(color="red"))


def a_size(size: str, code: str = "", **given: Any) -> Edit:
    return a_product(code or f"boot-red-{size}", parent="boot-red", values=values(size=size, **given))


def accepted(database: Database, *edits: Edit) -> Committed:
    committed = commit(database, *edits)
    assert messages(committed) == []
    return committed


def statuses(committed: Committed) -> list[str]:
    return [outcome.status for outcome in committed.outcomes]


def product(database: Database, code: str) -> Entity:
    with database.session() as session:
        (found,) = store.products_by_code(session, [code])
    return found


def test_a_refused_line_leaves_the_others(catalogue):
    committed = commit(
        catalogue, a_product("hat"), a_product("mug", family="cups"), a_product("lamp"), Edit("product", "nil", None)
    )
    assert statuses(committed) == ["created", "rejected", "created", "missing"]
    with catalogue.session() as session:
        assert {entity.code for entity in store.products(session)} == {"hat", "lamp"}


def test_later_lines_see_earlier_ones(catalogue):
    committed = commit(
        catalogue,
        a_product("hat", values=values(name={"fr_FR": "Chapeau"})),
        a_product("hat", values=values(name={"en_GB": "Hat"})),
        a_product("mug", associations={"upsell": {"products": ["hat"]}}),
    )
    assert statuses(committed) == ["created", "updated", "created"]
    assert len(product(catalogue, "hat").document["values"]["name"]) == 2
    assert len(committed.changes) == 2  # one marker each, whatever happened on the way


def test_models_come_before_their_variants_whatever_the_order(catalogue):
    accepted(catalogue, a_size("m"), RED_BOOT, BOOT)
    assert product(catalogue, "boot-red-m").document["family"] == "shoes"


def test_a_product_edited_back_within_a_batch_is_as_it_was(catalogue):
    first = accepted(catalogue, a_product("hat", enabled=True)).revision
    committed = accepted(
        catalogue, a_product("hat", enabled=False), a_product("hat", enabled=True), a_product("mug")
    )  # fmt: skip
    assert committed.revision == (first or 0) + 1
    assert product(catalogue, "hat").revision == first
    assert accepted(catalogue, a_product("hat", enabled=False), a_product("hat", enabled=True)).revision is None


def test_a_new_identifier_keeps_product_and_values(catalogue):
    accepted(catalogue, a_product("hat", values=values(ean="1")))
    before = product(catalogue, "hat")
    accepted(catalogue, Edit("product", "hat", {"identifier": "cap"}))
    after = product(catalogue, "cap")
    assert (after.id, after.uuid, after.document["values"]) == (before.id, before.uuid, before.document["values"])
    assert commit(catalogue, Edit("product", "hat", {}, must="exist")).outcomes[0].status == "missing"


def test_an_identifier_that_is_given_up_can_be_taken_in_the_same_batch(catalogue):
    accepted(catalogue, a_product("hat"))
    accepted(catalogue, Edit("product", "hat", {"identifier": "cap"}), a_product("hat", enabled=False))
    assert product(catalogue, "cap").document["enabled"]
    assert not product(catalogue, "hat").document["enabled"]


def test_two_products_swap_their_identifiers(catalogue):
    accepted(catalogue, a_product("hat"), a_product("cap"))
    hat, cap = product(catalogue, "hat"), product(catalogue, "cap")
    accepted(
        catalogue,
        Edit("product", None, {"identifier": None}, uuid=hat.uuid),
        Edit("product", None, {"identifier": "hat"}, uuid=cap.uuid),
        Edit("product", None, {"identifier": "cap"}, uuid=hat.uuid),
    )
    assert (product(catalogue, "hat").id, product(catalogue, "cap").id) == (cap.id, hat.id)


def test_an_identifier_that_is_taken_is_refused_however_it_is_given(catalogue):
    accepted(catalogue, a_product("hat"), a_product("cap"))
    tries = [
        Edit("product", "cap", {"identifier": "hat"}),
        Edit("product", None, {"identifier": "hat"}),
        Edit("product", "hat", {}, uuid=uuid4()),
        Edit("product", None, {"values": values(sku="hat")}),
    ]
    for edit in tries:
        assert messages(commit(catalogue, edit)) == ["identifier `hat` belongs to another product; choose another"]


def test_the_identifier_may_come_as_a_value(catalogue):
    accepted(catalogue, Edit("product", None, {"values": values(sku="hat", pages=3)}))
    found = product(catalogue, "hat")
    assert (found.document["identifier"], set(found.document["values"])) == ("hat", {"pages"})


def test_a_product_without_identifier_goes_by_its_uuid(catalogue):
    uuid = UUID("0f0f0f0f-0000-4000-8000-000000000001")
    accepted(catalogue, Edit("product", None, {"enabled": False}, uuid=uuid))
    for edit in (Edit("product", None, {"enabled": True}, uuid=uuid), Edit("product", str(uuid), {"family": "books"})):
        accepted(catalogue, edit)
        found = product(catalogue, str(uuid))
        assert (found.document["identifier"], found.uuid) == (None, uuid)
    assert found.document["family"] == "books"
    accepted(catalogue, Edit("product", "hat", {}, uuid=uuid))
    assert product(catalogue, "hat").uuid == uuid


def test_a_product_and_a_product_model_may_have_the_same_code(catalogue):
    accepted(catalogue, BOOT, a_product("boot"))
    committed = accepted(
        catalogue, a_product_model("boot", categories=["home"]), a_product("boot", categories=["outdoor"])
    )
    assert statuses(committed) == ["updated", "updated"]


def test_creating_what_exists_is_refused_where_it_has_to_be_new(catalogue):
    accepted(catalogue, a_product("hat"), BOOT)
    committed = commit(
        catalogue, Edit("product", "hat", {}, must="create"), Edit("product_model", "boot", {}, must="create")
    )
    assert messages(committed) == [
        "product `hat` exists already; patch it", "product model `boot` exists already; patch it",
    ]  # fmt: skip


UNIQUE = "attribute `ean`: `1` belongs to another product; the attribute is unique"


def test_a_unique_value_is_refused_in_the_catalogue_and_within_the_batch(catalogue):
    committed = commit(catalogue, a_product("a", values=values(ean="1")), a_product("b", values=values(ean="1")))
    assert messages(committed) == [UNIQUE]
    assert messages(commit(catalogue, a_product("c", values=values(ean="1")))) == [UNIQUE]


def test_unique_values_are_compared_by_what_they_mean(catalogue):
    accepted(catalogue, Edit("attribute", "rank", {"type": "pim_catalog_number", "group": "general", "unique": True}))
    accepted(catalogue, a_product("a", values=values(rank="12.50")))
    for spelling in (12.5, "12.500", "1.25e1"):
        (message,) = messages(commit(catalogue, a_product("b", values=values(rank=spelling))))
        assert "attribute `rank`: `12.5` belongs to another product" in message


def test_unique_values_are_swapped_within_a_batch(catalogue):
    accepted(catalogue, a_product("a", values=values(ean="1")), a_product("b", values=values(ean="2")))
    accepted(
        catalogue,
        a_product("a", values=values(ean=None)),
        a_product("b", values=values(ean="1")),
        a_product("a", values=values(ean="2")),
    )
    assert product(catalogue, "a").document["values"]["ean"] == value("2")
    assert messages(commit(catalogue, a_product("c", values=values(ean="1")))) == [UNIQUE]


def test_a_unique_value_is_free_again_when_its_product_is_gone(catalogue):
    accepted(catalogue, a_product("a", values=values(ean="1")))
    accepted(catalogue, Edit("product", "a", None))
    accepted(catalogue, a_product("b", values=values(ean="1")))


def test_siblings_differ_in_their_axes(catalogue):
    accepted(catalogue, BOOT, RED_BOOT)
    committed = commit(catalogue, a_size("m"), a_size("m", "again"), a_size("l"))
    assert statuses(committed) == ["created", "rejected", "created"]
    assert messages(committed) == ["the axes (m) are those of its sibling `boot-red-m`; choose another combination"]
    assert "`boot-red-m`" in messages(commit(catalogue, a_size("m", "again")))[0]
    crimson = a_product_model("boot-crimson", parent="boot", values=values(color="red"))
    assert messages(commit(catalogue, crimson)) == [
        "the axes (red) are those of its sibling `boot-red`; choose another combination"
    ]


def test_siblings_swap_their_axes(catalogue):
    accepted(catalogue, BOOT, RED_BOOT, a_size("m", "one"), a_size("l", "two"))
    accepted(catalogue, a_size("s", "one"), a_size("m", "two"), a_size("l", "one"))
    assert product(catalogue, "one").document["values"]["size"] == value("l")
    assert "`two`" in messages(commit(catalogue, a_size("m", "three")))[0]


def test_a_variant_needs_a_parent_that_exists(catalogue):
    committed = commit(catalogue, a_product("x", parent="nil"), a_product_model("y", parent="nil"))
    assert messages(committed) == ["product model `nil` does not exist; create it before what is below it"] * 2


def test_a_variant_moves_to_another_model_of_its_family(catalogue):
    blue = a_product_model("boot-blue", parent="boot", values=values(color="blue"))
    accepted(catalogue, BOOT, RED_BOOT, blue, a_size("m"))
    accepted(catalogue, a_product("boot-red-m", parent="boot-blue"))
    accepted(catalogue, a_size("m", "new"))  # its place below boot-red is free
    assert product(catalogue, "boot-red-m").document["parent"] == "boot-blue"


def test_a_variant_moves_away_from_a_model_that_goes(catalogue):
    blue = a_product_model("boot-blue", parent="boot", values=values(color="blue"))
    accepted(catalogue, BOOT, RED_BOOT, blue, a_size("m"), a_size("l"))
    accepted(catalogue, a_product("boot-red-m", parent="boot-blue"), Edit("product_model", "boot-red", None))
    with catalogue.session() as session:
        assert [entity.code for entity in store.products(session)] == ["boot-red-m"]


def test_a_sub_model_need_not_say_what_its_parent_says(catalogue):
    accepted(catalogue, Edit("product_model", "boot", {"family_variant": "shoes_color_size"}), RED_BOOT)
    with catalogue.session() as session:
        red = document_of(session, "product_model", "boot-red")
    assert (red["family"], red["family_variant"]) == ("shoes", "shoes_color_size")


def test_a_value_of_the_model_sent_on_a_variant_is_warned_of(catalogue):
    accepted(catalogue, BOOT, RED_BOOT)
    (outcome,) = accepted(catalogue, a_size("m", color="blue")).outcomes
    assert outcome.warnings == ["`color` belongs to the product model and was not stored; change it there"]
    assert set(product(catalogue, "boot-red-m").document["values"]) == {"size"}


def test_everything_wrong_is_told_at_once(catalogue):
    bad = a_product(
        "hat", family="socks", parent=None, categories=["nil"], values=values(color="pink", nope=1),
        associations={"upsell": {"products": ["nil"]}},
    )  # fmt: skip
    (outcome,) = commit(catalogue, bad).outcomes
    assert {violation.code for violation in outcome.violations} == {
        "unknown_option", "unknown_attribute", "unknown_target", "unknown_category", "unknown_family",
    }  # fmt: skip


def test_a_misshapen_document_is_told_with_its_place(catalogue):
    committed = commit(catalogue, a_product("hat", color="red"), a_product("mug", values={"name": [{"data": "x"}]}))
    assert statuses(committed) == ["rejected", "rejected"]
    assert 'Property "color" does not exist' in messages(committed)[0]


@pytest.mark.parametrize("edit", [
    a_product("a\x00b"),
    a_product("a", values=values(name={"fr_FR": "\x00"})),
    a_product("a", values={"color\x00": value("x")}),
    a_product("a", associations={"upsell": {"products": ["\x00"]}}),
    a_product("a", parent="\x00"),
    a_product("a", values=values(name={"fr_FR": "half \ud800"})),
    Edit("category", "garden", {"labels": {"fr_FR": "\x00"}}),
])  # fmt: skip
def test_what_no_database_stores_is_refused_and_leaves_the_others(catalogue, edit):
    committed = commit(catalogue, edit, a_product("hat", values=values(name={"fr_FR": "\\u0000"})))
    assert statuses(committed) == ["rejected", "created"]
    assert messages(committed) == [
        "the document holds a NUL or half a surrogate pair, which cannot be stored; remove it"
    ]


@pytest.mark.parametrize(("values_of", "wanted"), [
    (values(pages=10**30), "more digits than fit"),
    (values(weight={"amount": 10**30, "unit": "GRAM"}), None),
    (values(pages="1e9999999"), "is not a number"),
])  # fmt: skip
def test_huge_numbers_never_break_a_batch(catalogue, values_of, wanted):
    found = messages(commit(catalogue, a_product("hat", values=values_of)))
    assert [wanted in message for message in found] == ([True] if wanted else [])


def test_an_edit_of_something_that_changed_meanwhile_is_a_conflict(catalogue):
    revision = accepted(catalogue, a_product("hat"), BOOT, RED_BOOT, a_size("m")).revision
    assert statuses(commit(catalogue, Edit("product", "hat", {"enabled": False}, if_revision=revision))) == ["updated"]
    committed = commit(catalogue, Edit("product", "hat", {"enabled": True}, if_revision=revision))
    assert statuses(committed) == ["conflict"]
    assert f"changed at revision {(revision or 0) + 1}, you saw {revision}; read it again" in messages(committed)[0]


def test_a_variant_counts_as_changed_when_its_model_did(catalogue):
    revision = accepted(catalogue, BOOT, RED_BOOT, a_size("m")).revision
    accepted(catalogue, a_product_model("boot", categories=["home"]))
    committed = commit(catalogue, Edit("product", "boot-red-m", {"enabled": False}, if_revision=revision))
    assert statuses(committed) == ["conflict"]


def test_all_or_nothing_raises_with_every_violation_and_writes_nothing(catalogue):
    def attempt(*edits: Edit) -> None:
        with catalogue.session() as session:
            commit_or_raise(session, edits, ORIGIN, NOW)

    with pytest.raises(InvalidInput) as refused:
        attempt(a_product("hat"), a_product("a", family="x"), a_product("b", family="y"))
    assert len(refused.value.violations) == 2
    with pytest.raises(NotFound, match="product `nil` does not exist"):
        attempt(Edit("product", "nil", None))
    with pytest.raises(Conflict, match="category `master` is in use"):
        attempt(Edit("category", "master", None))
    with catalogue.session() as session:
        assert store.count_products(session) == 0
