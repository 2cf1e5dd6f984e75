"""Who points at whom, on both sides, and what becomes of it when one of them goes."""

from typing import Any

from pim.base.database import Database
from pim.catalog import store
from pim.catalog.model import Entity
from pim.versioning.model import Edit
from tests.makers import a_product, a_product_model, commit, document_of, messages, values
from tests.versioning.test_batches import accepted, product

NOVEL = a_product_model("shoe", family="shoes", family_variant="shoes_color")
RED = a_product("shoe-red", parent="shoe", values=values(color="red"))


def associations(database: Database, code: str, kind: str = "product") -> Any:
    with database.session() as session:
        return document_of(session, kind, code)["associations"]


def uuid_of(database: Database, code: str) -> str:
    return str(product(database, code).uuid)


def pointing(code: str, association_type: str, *products: str, **kinds: list[str]) -> Edit:
    return a_product(code, associations={association_type: {"products": list(products), **kinds}})


def test_products_are_named_by_identifier_or_uuid_and_stored_by_uuid(catalogue):
    accepted(catalogue, a_product("a"), a_product("b"))
    a, b = uuid_of(catalogue, "a"), uuid_of(catalogue, "b")
    accepted(catalogue, pointing("c", "upsell", "b", a.upper(), a, "b"))
    assert associations(catalogue, "c") == {"upsell": {"products": sorted([a, b])}}
    assert accepted(catalogue, pointing("c", "upsell", a, b)).revision is None


def test_associations_survive_a_new_identifier(catalogue):
    accepted(catalogue, a_product("a"), pointing("b", "upsell", "a"))
    accepted(catalogue, Edit("product", "a", {"identifier": "z"}))
    assert associations(catalogue, "b") == {"upsell": {"products": [uuid_of(catalogue, "z")]}}
    (message,) = messages(commit(catalogue, pointing("c", "upsell", "a")))
    assert message == "product `a` does not exist; create it before associating it"


def test_an_old_identifier_is_unknown_to_the_lines_that_follow(catalogue):
    accepted(catalogue, a_product("a"))
    committed = commit(catalogue, Edit("product", "a", {"identifier": "z"}), pointing("b", "upsell", "a"))
    assert messages(committed) == ["product `a` does not exist; create it before associating it"]


def test_whoever_is_not_there_is_named(catalogue):
    edit = pointing("a", "upsell", "nil", product_models=["nix"], groups=["none"])
    assert messages(commit(catalogue, edit)) == [
        "product `nil` does not exist; create it before associating it",
        "product model `nix` does not exist; create it before associating it",
        "group `none` does not exist; known: gifts",
    ]


def test_nothing_points_at_itself(catalogue):
    accepted(catalogue, a_product("a"), NOVEL)
    itself = [
        pointing("a", "upsell", "a"),
        pointing("a", "pair", uuid_of(catalogue, "a")),
        a_product("a", quantified_associations={"set": {"products": [{"identifier": "a", "quantity": 1}]}}),
        a_product_model("shoe", associations={"upsell": {"product_models": ["shoe"]}}),
    ]
    for edit in itself:
        (message,) = messages(commit(catalogue, edit))
        assert "cannot point at itself" in message


def test_kinds_of_targets_and_types_merge_and_an_empty_list_takes_off(catalogue):
    accepted(catalogue, a_product("a"), NOVEL, pointing("b", "upsell", "a"))
    accepted(catalogue, a_product("b", associations={"upsell": {"product_models": ["shoe"], "groups": ["gifts"]}}))
    a = uuid_of(catalogue, "a")
    assert associations(catalogue, "b")["upsell"] == {"products": [a], "product_models": ["shoe"], "groups": ["gifts"]}
    accepted(catalogue, a_product("b", associations={"upsell": {"products": [], "groups": []}}))
    assert associations(catalogue, "b") == {"upsell": {"product_models": ["shoe"]}}
    accepted(catalogue, a_product("b", associations={"upsell": {"product_models": []}}))
    assert associations(catalogue, "b") == {}


def test_a_two_way_association_is_written_on_both_sides_and_taken_off_both(catalogue):
    accepted(catalogue, a_product("a"), NOVEL, pointing("b", "pair", "a", product_models=["shoe"]))
    b = {"pair": {"products": [uuid_of(catalogue, "b")]}}
    assert associations(catalogue, "a") == b
    assert associations(catalogue, "shoe", "product_model") == b
    accepted(catalogue, a_product("a", associations={"pair": {"products": []}}))
    assert associations(catalogue, "b") == {"pair": {"product_models": ["shoe"]}}


def test_a_model_pairs_with_a_product_and_the_product_with_the_model(catalogue):
    model = a_product_model(
        "shoe", family="shoes", family_variant="shoes_color", associations={"pair": {"products": ["a"]}}
    )
    accepted(catalogue, a_product("a"))
    accepted(catalogue, model)
    assert associations(catalogue, "a") == {"pair": {"product_models": ["shoe"]}}


def test_both_sides_of_a_pair_are_in_the_log(catalogue):
    committed = accepted(catalogue, a_product("a"))
    committed = accepted(catalogue, pointing("b", "pair", "a"))
    changed = {(change.entity_id, change.cell.path) for change in committed.changes}
    assert changed == {
        (product(catalogue, "b").id, "+"),
        (product(catalogue, "a").id, "associations.pair.products"),
    }


def test_quantities_belong_to_their_target(catalogue):
    def with_quantity(quantity: int) -> Edit:
        members = [{"identifier": "a", "quantity": quantity}]
        return a_product("b", quantified_associations={"set": {"products": members}})

    accepted(catalogue, a_product("a"), with_quantity(2))
    accepted(catalogue, with_quantity(5))
    stored = product(catalogue, "b").document["quantified_associations"]
    assert stored == {"set": {"products": [{"uuid": uuid_of(catalogue, "a"), "quantity": 5}]}}
    (message,) = messages(commit(catalogue, with_quantity(0)))
    assert "the quantity 0 must be a whole number from 1 to 2147483647" in message


def test_a_product_that_goes_is_taken_off_everybody_who_mentions_it(catalogue):
    quantified = {"set": {"products": [{"identifier": "gone", "quantity": 2}]}}
    accepted(
        catalogue,
        a_product("gone"),
        a_product("kept"),
        pointing("plain", "upsell", "gone", "kept"),
        pointing("paired", "pair", "gone"),
        a_product("counted", quantified_associations=quantified),
    )
    committed = accepted(catalogue, Edit("product", "gone", None))
    assert associations(catalogue, "plain") == {"upsell": {"products": [uuid_of(catalogue, "kept")]}}
    assert associations(catalogue, "paired") == {}
    assert product(catalogue, "counted").document["quantified_associations"] == {}
    assert len(committed.changes) == 4


def test_whoever_mentions_it_since_earlier_lines_is_found_too(catalogue):
    accepted(catalogue, a_product("gone"), a_product("a"))
    accepted(
        catalogue, pointing("a", "upsell", "gone"), pointing("new", "upsell", "gone"), Edit("product", "gone", None)
    )
    assert associations(catalogue, "a") == associations(catalogue, "new") == {}


def test_a_model_that_goes_takes_along_what_is_below_it(catalogue):
    accepted(
        catalogue,
        a_product_model("boot", family="shoes", family_variant="shoes_color_size"),
        a_product_model("boot-red", parent="boot", values=values(color="red")),
        a_product("boot-red-m", parent="boot-red", values=values(size="m", ean="1")),
        pointing("fan", "upsell", "boot-red-m", product_models=["boot", "boot-red"]),
    )
    accepted(catalogue, Edit("product_model", "boot", None))
    with catalogue.session() as session:
        assert [entity.code for entity in store.products(session)] == ["fan"]
        assert store.product_models(session) == []
    assert associations(catalogue, "fan") == {}
    accepted(catalogue, a_product("new", values=values(ean="1")))


def test_a_variant_inherits_the_associations_of_its_models(catalogue):
    accepted(catalogue, a_product("a"), a_product("b"), NOVEL, RED)
    accepted(catalogue, a_product_model("shoe", associations={"upsell": {"products": ["a"]}}))
    accepted(catalogue, pointing("shoe-red", "upsell", "b"))
    with catalogue.session() as session:
        (resolved,) = store.resolve_all(session, store.products_by_code(session, ["shoe-red"]))
    both = [uuid_of(catalogue, "a"), uuid_of(catalogue, "b")]
    assert resolved.document["associations"] == {"upsell": {"products": both}}
    assert associations(catalogue, "shoe-red") == {"upsell": {"products": both[1:]}}


def test_a_paired_variant_below_an_edited_model_keeps_both_changes(catalogue):
    """The variant is met by its pair before anything else of its models was read."""
    accepted(
        catalogue,
        a_product_model("boot", family="shoes", family_variant="shoes_color_size"),
        a_product_model("boot-red", parent="boot", values=values(color="red")),
        a_product("boot-red-m", parent="boot-red", values=values(size="m")),
    )
    accepted(
        catalogue,
        a_product_model("boot", categories=["home"]),
        pointing("a", "pair", "boot-red-m"),
        a_product_model("boot", values=values(name={"fr_FR": "Botte"})),
    )
    with catalogue.session() as session:
        boot: Entity = store.product_models_by_code(session, ["boot"])[0]
    assert boot.document["categories"] == ["home"]
    assert set(boot.document["values"]) == {"name"}
    assert set(associations(catalogue, "boot-red-m")) == {"pair"}
