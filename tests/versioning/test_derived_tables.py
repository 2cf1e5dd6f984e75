"""Whatever happened, the derived tables are those that the documents alone would make."""

from hypothesis import given
from hypothesis.strategies import booleans

from pim.versioning.derive import catch_up
from tests.conftest import emptied
from tests.makers import a_small_catalogue, commit
from tests.versioning.derived import assert_derived
from tests.versioning.random_edits import changesets
from tests.versioning.test_time import once_each


@once_each
@given(changesets=changesets, late=booleans())
def test_derived_tables_are_those_of_the_documents_once_derivation_has_caught_up(database, changesets, late):
    emptied(database)
    for changeset in [a_small_catalogue(), *changesets]:
        commit(database, *changeset)
        if not late:
            catch_up(database)
            assert_derived(database)
    catch_up(database)
    assert_derived(database)
