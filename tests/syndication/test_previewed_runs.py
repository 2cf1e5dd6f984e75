"""`pim export --draft`: feeds as they would be with a draft applied, kept apart from those that are current."""

from datetime import datetime

import pytest

from pim.base.database import Database
from pim.base.errors import NotFound
from pim.base.settings import Settings
from pim.versioning.drafts.preview import draft_view, open_draft_view
from pim.versioning.drafts.store import get_draft
from pim.versioning.model import Edit
from tests.makers import NOW, a_product, a_product_model, commit, given, values
from tests.syndication.incremental import both_grains, files_of
from tests.syndication.runs import a_hat, run, storage_of
from tests.versioning.drafts.makers import applied, draft, state

SHOE = a_product_model("shoe", family="shoes", family_variant="shoes_color", values=values(name={"fr_FR": "Soulier"}))
RED = a_product("shoe-red", parent="shoe", categories=["outdoor"], values=values(color="red"))
EDITS = (
    a_hat("new", "12.00"),
    a_hat("A", "9.00"),
    Edit("product", "B", None),
    a_product_model("shoe", values=values(name={"fr_FR": "Chaussure"})),
    Edit("attribute_option", "red", {"labels": {"fr_FR": "Écarlate"}}, "color"),
    a_product("C", associations={"upsell": {"products": ["new"]}}),
)


def at_noon() -> datetime:
    return NOW


@pytest.fixture
def shop(settings: Settings, database: Database) -> Settings:
    given(database, a_hat("A"), a_hat("B"), a_hat("C"), SHOE, RED)
    draft(database, "spring", *EDITS)
    return both_grains(settings)


def test_a_draft_is_rendered_to_the_bytes_that_it_will_have_once_it_is_applied(
    shop: Settings, database: Database
) -> None:
    before = run(database, shop)
    preview = run(database, shop, draft="spring", clock=at_noon)
    assert {export.state for export in preview.exports} == {"previewed"}
    assert run(database, shop).revision == before.revision
    shown = {export.name: files_of(shop, export.folder) for export in preview.exports}
    applied(database, "spring")
    after = run(database, shop, full=True)
    assert shown == {export.name: files_of(shop, export.folder) for export in after.exports}
    assert shown != {export.name: files_of(shop, export.folder) for export in before.exports}


def test_a_preview_is_never_current_and_says_what_it_is(shop: Settings, database: Database) -> None:
    (current, _), (apart, _) = run(database, shop).exports, run(database, shop, draft="spring").exports
    assert apart.folder == "drafts/products/spring"
    with storage_of(shop).open(f"{apart.folder}/manifest.json") as manifest:
        assert b'"draft": "spring"' in manifest.read()
    (unchanged, _) = run(database, shop).exports
    assert (unchanged.state, unchanged.number) == ("unchanged", current.number)
    assert state(database, "spring") == "draft"


def test_a_preview_shows_one_moment_whatever_is_written_while_it_is_read(shop: Settings, database: Database) -> None:
    with database.session() as session:
        view = draft_view(session, get_draft(session, "spring"), NOW)
    commit(database, a_hat("A", "1.00"), a_hat("later"), Edit("product_model", "shoe", None))
    with database.snapshot_session() as session:
        snapshot = open_draft_view(session, view)
        codes = {product.code for root in snapshot.roots() for product in root.products}
        price = snapshot.product("A").document["values"]["price"][0]["data"]
    assert codes == {"A", "C", "new", "shoe-red"}
    assert price[0]["amount"] == "9.00"


def test_a_draft_that_is_not_there_is_named(shop: Settings, database: Database) -> None:
    with pytest.raises(NotFound, match="draft `summer` does not exist; known: spring"):
        run(database, shop, draft="summer")
