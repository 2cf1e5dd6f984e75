from pim.versioning.commit import commit_changeset
from pim.versioning.store import current_structure
from tests.makers import NOW, ORIGIN, a_product, commit, given, messages, options, values


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
