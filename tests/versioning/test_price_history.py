"""What a price was when, and its lowest of the last days."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.versioning.commit import commit_or_raise
from pim.versioning.history import find_priced
from pim.versioning.model import Edit
from pim.versioning.price_history import PriceHistory, price_cell, price_history
from pim.versioning.store import current_structure
from tests.makers import NOW, ORIGIN, a_product, a_product_model, value, values


def on_day(database: Database, day: int, *edits: Edit) -> None:
    with database.session() as session:
        commit_or_raise(session, edits, ORIGIN, NOW + timedelta(days=day))


def euros(amount: str | None, code: str = "hat") -> Edit:
    prices = None if amount is None else [{"amount": amount, "currency": "EUR"}]
    return a_product(code, values={"price": value(prices)})


def prices(database: Database, day: int, code: str = "hat", **asked: Any) -> list[PriceHistory]:
    with database.snapshot_session() as session:
        cell = price_cell(current_structure(session), "price", None, None)
        return price_history(session, find_priced(session, code), cell, NOW + timedelta(days=day), **asked)


def test_periods_follow_each_other_from_the_creation_on(catalogue):
    on_day(catalogue, 0, euros("50"))
    on_day(catalogue, 10, euros("40"))
    on_day(catalogue, 12, a_product("hat", enabled=False))
    on_day(catalogue, 20, euros("45"))
    (found,) = prices(catalogue, 30)
    assert [(one.amount, (one.since - NOW).days) for one in found.periods] == [(45, 20), (40, 10), (50, 0)]
    assert [one.until for one in found.periods[1:]] == [one.since for one in found.periods[:-1]]


def test_the_lowest_counts_what_was_asked_at_any_time_in_the_days(catalogue):
    on_day(catalogue, 0, euros("30"))
    on_day(catalogue, 10, euros("50"))
    for day, lowest in [(39, 30), (40, 50), (41, 50)]:
        (found,) = prices(catalogue, day)
        assert found.lowest is not None
        assert found.lowest.amount == lowest, day


def test_a_reduction_names_the_lowest_price_before_it(catalogue):
    on_day(catalogue, 0, euros("40"))
    on_day(catalogue, 50, euros("60"))
    on_day(catalogue, 60, euros("55"))
    on_day(catalogue, 61, euros("60"))
    on_day(catalogue, 70, euros("45"))
    (found,) = prices(catalogue, 75)
    assert found.reduction is not None
    assert (found.reduction.old, found.reduction.new, found.reduction.lowest_before) == (60, 45, 40)
    (found,) = prices(catalogue, 75, days=15)
    assert found.reduction is not None
    assert found.reduction.lowest_before == 55
    on_day(catalogue, 80, euros("46"))
    assert prices(catalogue, 81)[0].reduction is None


def test_time_without_a_price_or_a_product_is_no_price(catalogue):
    on_day(catalogue, 0, euros("20"))
    on_day(catalogue, 5, euros(None))
    on_day(catalogue, 8, euros("20"))
    (found,) = prices(catalogue, 9)
    assert [one.amount for one in found.periods] == [20, None, 20]
    assert found.reduction is None


def test_a_variant_has_the_price_of_its_model_and_each_currency_its_own_history(catalogue):
    both = [{"amount": "20", "currency": "EUR"}, {"amount": "18", "currency": "GBP"}]
    model = a_product_model("shoe", family="shoes", family_variant="shoes_color", values={"price": value(both)})
    on_day(catalogue, 0, model, a_product("shoe-red", parent="shoe", values=values(color="red")))
    on_day(catalogue, 1, a_product_model("shoe", values={"price": value(both[:1])}))
    euro, pound = prices(catalogue, 2, "shoe-red")
    assert (euro.currency, euro.current, len(euro.periods)) == ("EUR", Decimal(20), 1)
    assert (pound.currency, pound.current, len(pound.periods)) == ("GBP", None, 2)


@pytest.mark.parametrize(
    ("attribute", "scope", "told"), [("name", None, "holds no prices"), ("price", "web", "one value for every scope")]
)
def test_what_is_no_price_is_told(catalogue, attribute, scope, told):
    with catalogue.session() as session, pytest.raises(InvalidInput, match=told):
        price_cell(current_structure(session), attribute, None, scope)
