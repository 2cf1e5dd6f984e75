from pim.versioning.commit import commit_changeset
from pim.versioning.store import current_structure
from tests.makers import NOW, ORIGIN, a_product, a_product_model, commit, document_of, given, messages, options, values


def test_equal_values_make_no_revision(database):
    given(database, a_product("hat", values=values(name={"fr_FR": "Chapeau"})))
    again = commit(database, a_product("hat", values=values(name={"fr_FR": "Chapeau"})))
    assert again.revision is None


def test_structure_that_was_rolled_back_is_not_remembered(database):
    given(database)
    with database.session() as session:
        commit_changeset(session, options("size", "xl"), ORIGIN, NOW)
        commit_changeset(session, options("size", "xxl"), ORIGIN, NOW)
        session.rollback()
    commit(database, *options("size", "xs"))
    with database.session() as session:
        assert set(current_structure(session).options["size"]) == {"s", "m", "l", "xs"}


def test_everything_wrong_with_a_product_is_told_at_once(database):
    given(database)
    wrong = a_product("hat", family="hats", categories=["nowhere"], values=values(color="pink", pages=0))
    told = " ".join(messages(commit(database, wrong)))
    assert all(word in told for word in ("`hats`", "`nowhere`", "`pink`", "below the least"))


def test_categories_that_a_variant_has_from_its_model_stay_the_models(database):
    given(database, a_product_model("boot", family="shoes", family_variant="shoes_color", categories=["outdoor"]))
    commit(database, a_product("red", parent="boot", categories=["home", "outdoor"], values=values(color="red")))
    with database.session() as session:
        assert document_of(session, "product", "red")["categories"] == ["home"]


def test_categories_are_added_and_removed_one_by_one(database):
    given(database, a_product("hat", categories=["home"]))
    commit(database, a_product("hat", add_categories=["outdoor"], remove_categories=["home", "master"]))
    with database.session() as session:
        assert document_of(session, "product", "hat")["categories"] == ["outdoor"]
