"""A draft that waits for its time."""

import pytest
from sqlalchemy import text

from pim.base.installation import Installation
from tests.makers import a_product, given, values
from tests.syndication.runs import a_hat, an_export, storage_of
from tests.versioning.drafts.makers import approved, draft


@pytest.fixture
def here(settings, database):
    """A hat with a page, an approved draft `spring` that gives it two, and nothing in the queue."""
    with database.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    settings = an_export(settings)
    given(database, a_hat("A"), a_product("hat", values=values(pages=1)))
    draft(database, "spring", a_product("hat", values=values(pages=2)))
    approved(database, "spring")
    return Installation(settings, database, storage_of(settings))
