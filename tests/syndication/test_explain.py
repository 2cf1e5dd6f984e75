"""Lineage: where a cell comes from, by which fallback and steps, and what the schema says of it."""

from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput, NotFound
from pim.base.settings import Settings
from pim.syndication.explain import Explanation, explain
from pim.syndication.trace import Trace
from pim.versioning.model import Origin
from tests.makers import Edit, a_product, commit, given
from tests.syndication.runs import MAPPING, a_hat, an_export, path_of, run

TITLE = {"first_of": [{"from": "tagline"}, {"from": ["tagline", "name"], "then": ["strip_html", {"truncate": 5}]}]}
FILES = [{"name": "{locale}.jsonl", "writer": "jsonl"}]


@pytest.fixture
def shop(database: Database, settings: Settings) -> Settings:
    given(database, a_hat("A", fr="<b>Chapeau</b> melon"), a_hat("B", price=None))
    settings = an_export(
        settings,
        mapping={**MAPPING, "name": TITLE},
        fallbacks={"en_GB": ["fr_FR"]},
        locales=["fr_FR", "en_GB"],
        files=FILES,
    )
    run(database, settings)
    return settings


def asked(database: Database, shop: Settings, code: str, *rest: Any, **given: Any) -> Explanation:
    with database.snapshot_session() as session:
        return explain(session, shop, "shop", code, *rest, **given)


def trace(explanation: Explanation, field: str) -> Trace:
    return explanation.locales[0].fields[field]


def test_a_cell_names_value_owner_changeset_and_the_value_after_every_step(database: Database, shop: Settings) -> None:
    found = trace(asked(database, shop, "A", "name", "fr_FR"), "name").parts["1"]
    origin = found.origins[-1]
    assert (origin.name, origin.locale, origin.data) == ("name", "fr_FR", "<b>Chapeau</b> melon")
    assert (origin.owner_kind, origin.owner, origin.revision, origin.is_fallback) == ("product", "A", 2, True)
    assert [(step.step, step.value) for step in found.steps] == [
        ("strip_html", "Chapeau melon"), ({"truncate": 5}, found.value)]  # fmt: skip


def test_a_fallback_to_another_locale_is_told(database: Database, shop: Settings) -> None:
    origins = trace(asked(database, shop, "A", "name.1", "en_GB"), "name.1").origins
    assert [(one.name, one.locale, one.used) for one in origins][-1] == ("name", "fr_FR", True)
    assert origins[-1].is_fallback


def test_the_last_changeset_that_wrote_the_value_is_named_with_its_reason(database: Database, shop: Settings) -> None:
    commit(database, a_hat("A", price="12.00"), origin=Origin("ada", "api", "spring prices"))
    commit(database, Edit("product", "A", {"enabled": True}))
    run(database, shop)
    (origin,) = trace(asked(database, shop, "A", "price"), "price").origins
    assert (origin.changed_by, origin.reason) == ("ada", "spring prices")
    earlier = trace(asked(database, shop, "A", "price", as_of=2), "price")
    assert (earlier.value, earlier.origins[0].revision) == ("10.00", 2)


def test_what_is_explained_is_what_is_published(database: Database, shop: Settings) -> None:
    published = path_of(run(database, shop), "fr_FR.jsonl").read_text()
    explained = asked(database, shop, "A", None, "fr_FR")
    fields = {name: one.value for name, one in explained.locales[0].fields.items()}
    assert all(f'"{name}":"{value}"' in published for name, value in fields.items())
    assert (explained.publication, explained.same_definition, explained.locales[0].verdict) == (1, True, "accepted")


def test_the_verdict_of_the_schema_comes_with_its_reasons(database: Database, shop: Settings) -> None:
    (found, _) = asked(database, shop, "B", "price").locales
    assert (found.verdict, [one.rule for one in found.violations]) == ("rejected", ["required"])
    commit(database, a_product("B", enabled=False))
    run(database, shop)
    assert [(one.verdict, one.why) for one in asked(database, shop, "B").locales] == [
        ("left_out", {"B": "it is disabled"})] * 2  # fmt: skip


def test_what_is_not_there_is_named(database: Database, shop: Settings) -> None:
    with pytest.raises(NotFound, match="no product or product model `Z`"):
        asked(database, shop, "Z")
    with pytest.raises(InvalidInput, match="has no field `titel`; known: currency, name"):
        asked(database, shop, "A", "titel")
    with pytest.raises(NotFound, match="no locale `de_DE`; known: en_GB, fr_FR"):
        asked(database, shop, "A", None, "de_DE")
