"""The gate: what it compares, what it shows to a person, and that what was checked is what goes out."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import Conflict, NotFound
from pim.base.settings import Settings
from pim.exports.load import load_definition
from pim.exports.model import Gate, PriceSwings
from pim.syndication import store
from pim.syndication.approval import approve, reject
from pim.syndication.comparison import Compared, compared, differences, file_differences
from pim.syndication.gate import FeedDifference, reason_to_hold
from pim.syndication.rollback import roll_back
from pim.syndication.run_result import ExportResult
from pim.syndication.stored_publication import folder_of
from tests.makers import Edit, a_product, commit, given
from tests.syndication.runs import FILES, a_hat, an_export, run, storage_of

SAYING = [{**file, "says": {"price": {"field": "price", "currency": "currency"}}} for file in FILES]


class Feed:
    def __init__(self, items: int, rejected: int = 0) -> None:
        self.items, self.rejected = items, rejected


@pytest.mark.parametrize(("difference", "reason"), [
    (FeedDifference(0, 0, 100, 5), None),
    (FeedDifference(40, 40, 0, 0), "`f` would lose 40 of 100 items (40%; the limit is 20%)"),
    (FeedDifference(0, 0, 10, 6), "`f` would move the price of 6 of 100 items by more than 50% (6%; the limit is 5%)"),
])  # fmt: skip
def test_the_gate_looks_at_items_and_prices_not_only_at_numbers(difference: FeedDifference, reason: str | None) -> None:
    assert reason_to_hold(Gate(), {"f": Feed(100)}, {"f": Feed(100)}, {"f": difference}) == reason


def test_more_changes_than_allowed_wait() -> None:
    gate, feeds = Gate(changed=0.5), {"f": Feed(10)}
    assert reason_to_hold(gate, feeds, feeds, {"f": FeedDifference(0, 0, 5, 0)}) is None
    reason = reason_to_hold(gate, feeds, feeds, {"f": FeedDifference(0, 0, 6, 0)})
    assert reason == "`f` would change 6 of 10 items (60%; the limit is 50%)"


@pytest.fixture
def shop(database: Database, settings: Settings) -> Settings:
    """Ten hats are out at 10 €. Files of every format say their price."""
    given(database, *(a_hat(f"{number}") for number in range(10)))
    settings = an_export(settings, files=SAYING)
    run(database, settings)
    return settings


def run_again(database: Database, shop: Settings) -> ExportResult:
    return run(database, shop).exports[0]


def pair(database: Database, shop: Settings, *numbers: int) -> Compared:
    with database.session() as session:
        definition = load_definition(shop.exports_folder / "shop")
        return compared(session, storage_of(shop), definition, *numbers)


def test_prices_that_swing_wait_in_every_format(database: Database, shop: Settings) -> None:
    commit(database, a_hat("1", price="16.00"))
    result = run_again(database, shop)
    assert result.state == "held"
    moved = "would move the price of 1 of 10 items by more than 50% (10%; the limit is 5%)"
    files = [file.replace("{locale}", "fr_FR") for file in ("{locale}.jsonl", "{locale}.csv", "all.json")]
    assert all(f"`{file}` {moved}" in str(result.message) for file in files)


def test_prices_may_move_as_far_as_the_definition_says(database: Database, shop: Settings) -> None:
    shop = an_export(shop, files=SAYING, gate={"prices": {"by": 0.6}})
    commit(database, a_hat("1", price="16.00"))
    assert run_again(database, shop).state == "published"
    assert load_definition(shop.exports_folder / "shop").gate == Gate(prices=PriceSwings(by=0.6))


def test_what_is_held_shows_items_and_fields_before_and_after(database: Database, shop: Settings) -> None:
    commit(database, a_hat("1", price="16.00"), a_hat("2", price=None), Edit("product", "3", None), a_hat("A"))
    commit(database, Edit("product", "2", None), a_product("B"))
    commit(database, a_hat("2", price=None))
    assert run_again(database, shop).state == "held"
    rows = [
        (row.change, row.item, row.field, row.before, row.after)
        for row in differences(pair(database, shop), "fr_FR.csv")
    ]
    assert rows == [
        ("changed", "1", "price", "10.00", "16.00"),
        ("rejected", "2", None, None, None),
        ("removed", "3", None, None, None),
        ("added", "A", None, None, None),
    ]
    found = next(one for one in file_differences(pair(database, shop)) if one.file == "fr_FR.csv")
    assert (found.items_before, found.items_after, found.added, found.removed, found.changed) == (10, 9, 1, 2, 1)
    assert (found.rejected, found.price_swings) == (1, 1)


def test_a_file_that_spans_locales_tells_in_which_one_it_changed(database: Database, shop: Settings) -> None:
    commit(database, a_hat("1", fr="Béret", en="Hat 1"))
    run_again(database, shop)
    (row,) = differences(pair(database, shop), "all.json")
    assert (row.locale, row.field, row.before, row.after) == ("fr_FR", "name", "Chapeau 1", "Béret")
    assert row.attributes == ["name"]


def held(database: Database, shop: Settings) -> ExportResult:
    commit(database, a_hat("1", price="99.00"))
    result = run_again(database, shop)
    assert result.state == "held"
    return result


def bytes_of(database: Database, shop: Settings, number: int) -> dict[str, str]:
    with database.session() as session:
        row = next(row for row in store.publications(session, "shop") if row.number == number)
        names = list(store.files_of(session, row))
    storage = storage_of(shop)
    digests = {}
    for name in names:
        with storage.open(f"{folder_of(row)}/{name}") as stored:
            digests[name] = hashlib.sha256(stored.read()).hexdigest()
    return digests


def test_what_was_checked_is_what_goes_out_and_who_let_it_is_on_record(database: Database, shop: Settings) -> None:
    number = held(database, shop).number or 0
    checked = bytes_of(database, shop, number)
    commit(database, a_hat("1", price="1.00"))
    approve(database, storage_of(shop), "shop", number, by="ada", comment="the new season")
    assert bytes_of(database, shop, number) == checked
    with database.session() as session:
        assert store.require_current(session, "shop").number == number
        (decision,) = store.decisions(session, "shop")
    assert (decision.number, decision.verdict, decision.author, decision.comment) == (
        number, "approved", "ada", "the new season")  # fmt: skip
    assert "would move the price" in (decision.held_because or "")


def test_it_is_refused_when_another_one_is_current_than_it_was_compared_with(
    database: Database, shop: Settings
) -> None:
    commit(database, a_hat("2", price="11.00"))
    run_again(database, shop)
    held(database, shop)
    roll_back(database, storage_of(shop), "shop")
    with pytest.raises(Conflict, match=r"publication 3 .* compared with publication 2, but publication 4 is current"):
        approve(database, storage_of(shop), "shop")
    reject(database, storage_of(shop), "shop", by="ada")
    with database.session() as session:
        assert [one.verdict for one in store.decisions(session, "shop")] == ["rejected", "rolled_back"]


def test_only_the_one_that_a_person_looked_at_goes_out(database: Database, shop: Settings) -> None:
    looked_at = held(database, shop).number
    commit(database, a_hat("2", price="99.00"))
    assert run_again(database, shop).state == "held"
    with pytest.raises(Conflict, match="publication 2 of export `shop` does not wait for approval; publication 3 does"):
        approve(database, storage_of(shop), "shop", looked_at)


def test_of_two_that_decide_at_once_one_is_told_that_nothing_waits(database: Database, shop: Settings) -> None:
    held(database, shop)
    storage = storage_of(shop)
    with ThreadPoolExecutor() as pool, database.session() as session:
        store.require_held(session, "shop")  # as who approves does, until the end of the block
        rejecting = pool.submit(reject, database, storage, "shop")
        with pytest.raises(TimeoutError):
            rejecting.result(timeout=0.5)
        publication = store.require_held(session, "shop")
        publication.state = store.EXPIRED
        session.add(publication)
        session.commit()
        with pytest.raises(NotFound, match="no publication that waits"):
            rejecting.result(timeout=30)


def test_one_held_export_does_not_hold_the_others_of_its_run(database: Database, shop: Settings) -> None:
    an_export(shop, "other", files=SAYING, gate={"prices": {"by": 99}})
    run(database, shop)
    commit(database, a_hat("1", price="99.00"))
    states: dict[str, Any] = {export.name: export.state for export in run(database, shop).exports}
    assert states == {"other": "published", "shop": "held"}


def test_two_that_are_kept_can_be_compared_by_number(database: Database, shop: Settings) -> None:
    for price in ("11.00", "12.00"):
        commit(database, a_hat("1", price=price))
        run_again(database, shop)
    (row,) = differences(pair(database, shop, 3, 1), "fr_FR.jsonl")
    assert (row.before, row.after) == ("10.00", "12.00")
    with pytest.raises(NotFound, match="Publication `9` of export `shop` is not kept; known: 1, 2, 3"):
        pair(database, shop, 9)
