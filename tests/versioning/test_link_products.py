"""Product link rules: products that they select link to new assets, moments after these are made."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from pim.background import JOBS
from pim.base.installation import Installation
from pim.base.jobs.tables import JobRow
from pim.versioning.model import Edit, Origin
from pim.versioning.revert import revert_changeset, revert_import
from tests.base.jobs.workers import attempt, fetched, job
from tests.makers import NOW, ORIGIN, a_product, an_asset, brands_and_packshots, commit, given, value, values
from tests.syndication.runs import storage_of
from tests.versioning.test_batches import product


def rule(value: Any, mode: str = "add", field: str = "sku", operator: str = "=", **place: str) -> dict[str, Any]:
    return {
        "product_selections": [{"field": field, "operator": operator, "value": value}],
        "assign_assets_to": [{"attribute": "packshots", "mode": mode, **place}],
    }


@pytest.fixture
def here(settings, database):
    """A hat, a cap, and a family of packshots without rules."""
    given(database, *brands_and_packshots())
    commit(database, a_product("hat"), a_product("cap", enabled=False))
    with database.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    return Installation(settings, database, storage_of(settings))


def made(here: Installation, rules: list[Any], *assets: Edit, origin: Origin = ORIGIN) -> JobRow | None:
    """The job that follows from making the assets, done; None where none does."""
    commit(here.database, Edit("asset_family", "packshot", {"product_link_rules": rules}))
    outcomes = commit(here.database, *assets, origin=origin).outcomes
    assert [outcome.status for outcome in outcomes] == ["created"] * len(assets)
    job_id = fetched(here.database)
    if job_id is None:
        return None
    attempt(here, JOBS, job_id)
    return job(here.database, job_id)


def links(here: Installation, code: str = "hat") -> list[str]:
    entries = product(here.database, code).document["values"].get("packshots", [])
    return entries[0]["data"] if entries else []


def a_packshot(code: str, angle: str | None = None) -> Edit:
    return an_asset("packshot", code, values={} if angle is None else {"angle": value(angle)})


@pytest.mark.parametrize(
    ("rules", "hat", "cap"),
    [
        ([rule("{{angle}}")], ["front"], []),
        ([rule(["{{angle}}", "cap"], operator="IN")], ["front"], ["front"]),
        ([rule("{{ angle }}", mode="replace")], ["front"], []),
        ([rule(False, field="enabled")], [], ["front"]),
        ([rule("{{film}}")], [], []),
        ([rule("{{code}}")], [], []),
        ([{**rule("hat"), "product_selections": []}], [], []),
        ([rule("cap"), rule("{{angle}}")], ["front"], ["front"]),
    ],
)
def test_products_link_to_what_a_rule_says(here, rules, hat, cap):
    done = made(here, rules, a_packshot("front", "hat"))
    assert (done.state, links(here), links(here, "cap")) == ("done", hat, cap)


@pytest.mark.parametrize(("mode", "expected"), [("add", ["old", "a", "b"]), ("replace", ["a", "b"])])
def test_assets_that_come_at_once_stand_together(here, mode, expected):
    made(here, [], a_packshot("old"))
    commit(here.database, a_product("hat", values=values(packshots=["old"])))
    made(here, [rule("{{angle}}", mode)], a_packshot("a", "hat"), a_packshot("b", "hat"))
    assert links(here) == expected


def test_nothing_follows_without_rules_and_from_assets_that_were_there(here):
    assert made(here, [], a_packshot("front", "hat")) is None
    commit(here.database, Edit("asset_family", "packshot", {"product_link_rules": [rule("{{angle}}")]}))
    commit(here.database, a_packshot("front", "cap"))
    assert fetched(here.database) is None


def test_a_rule_that_selects_by_what_is_not_there_is_told(here):
    done = made(here, [rule("x", field="colour"), rule("{{angle}}")], a_packshot("front", "hat"))
    assert (done.state, links(here)) == ("failed", ["front"])
    assert "asset `front`: `colour` is neither an attribute nor a property" in done.error


def test_links_that_follow_from_an_import_are_taken_back_with_it(here):
    made(here, [rule("{{angle}}")], a_packshot("front", "hat"), origin=replace(ORIGIN, source="import", import_id=7))
    assert links(here) == ["front"]
    with here.database.session() as session:
        revert_import(session, 7, ORIGIN, NOW)
    assert links(here) == []


def test_a_revert_makes_no_links_but_those_there_were(here):
    made(here, [rule("{{angle}}")], a_packshot("front", "cap"))
    commit(here.database, a_product("cap", values={"packshots": value(None)}))
    deleted = commit(here.database, Edit("asset", "front", None, "packshot")).revision
    with here.database.session() as session:
        revert_changeset(session, deleted, ORIGIN, NOW)
    assert (fetched(here.database), links(here, "cap")) == (None, [])
