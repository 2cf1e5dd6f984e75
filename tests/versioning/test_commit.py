from tests.makers import a_product, commit, given, values


def test_equal_values_make_no_revision(database):
    given(database, a_product("hat", values=values(name={"fr_FR": "Chapeau"})))
    again = commit(database, a_product("hat", values=values(name={"fr_FR": "Chapeau"})))
    assert again.revision is None
