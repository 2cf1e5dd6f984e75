"""What an assortment takes and leaves out, counted and listed; and that a run which copies takes the same."""

from datetime import timedelta
from typing import Any

import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.base.settings import Settings
from pim.syndication.preview import Preview, PreviewRow, preview
from tests.makers import NOW, Edit, commit, given
from tests.syndication.incremental import NEVER_HELD, assert_as_if_whole
from tests.syndication.runs import a_hat, an_export, path_of

ASSORTMENT = {"completeness": 20, "exclude": ["C"], "search": {"name": [{"operator": "STARTS WITH", "value": "Ch"}]}}


def previewed(database: Database, settings: Settings, **asked: Any) -> tuple[Preview, list[PreviewRow]]:
    with database.snapshot_session() as session:
        found = preview(session, settings, "shop")
        return found, list(found.rows(**asked))


def test_a_preview_counts_and_lists_by_rule(database: Database, settings: Settings) -> None:
    given(database, a_hat("A", fr="Chapeau", en="Chapeau"), a_hat("B"), a_hat("C"))
    commit(database, Edit("product", "A", {"enabled": True}), a_hat("D"), Edit("product", "D", {"enabled": False}))
    found, rows = previewed(database, an_export(settings, assortment=ASSORTMENT))
    told = {(row.item, *sorted(row.locales)): row.rule for row in rows}
    assert told == {
        ("A", "en_GB", "fr_FR"): None, ("B", "fr_FR"): None, ("B", "en_GB"): "search",
        ("C", "en_GB", "fr_FR"): "exclude", ("D", "en_GB", "fr_FR"): "enabled_only",
    }  # fmt: skip
    english, french = found.counts
    assert (french.taken, french.by_rule) == (2, {"exclude": 1, "enabled_only": 1})
    assert (english.taken, english.left_out, english.by_rule["search"]) == (1, 3, 1)


def test_a_preview_takes_what_a_run_takes(database: Database, settings: Settings) -> None:
    given(database, a_hat("A"), a_hat("B"), a_hat("C"))
    settings = an_export(settings, files=[{"name": "{locale}.jsonl", "writer": "jsonl"}], assortment=ASSORTMENT)
    _, rows = previewed(database, settings, verdict="taken")
    feed = path_of(assert_as_if_whole(database, settings), "fr_FR.jsonl").read_text()
    assert [row.item for row in rows if "fr_FR" in row.locales] == ["A", "B"] == [c for c in "ABC" if f'"{c}"' in feed]


def test_rows_are_narrowed_and_counts_stay(database: Database, settings: Settings) -> None:
    given(database, a_hat("A"), a_hat("C"))
    found, rows = previewed(database, an_export(settings, assortment=ASSORTMENT), rule="exclude")
    assert ([row.item for row in rows], found.counts[1].taken) == (["C"], 1)
    with pytest.raises(InvalidInput, match="`rule` is `price`; known: categories"):
        previewed(database, an_export(settings), rule="price")


def test_what_is_in_for_being_new_is_gone_from_a_run_that_copies(database: Database, settings: Settings) -> None:
    given(database)
    new = {"search": {"updated": [{"operator": "SINCE LAST N DAYS", "value": 3}]}}
    settings = an_export(settings, files=[{"name": "all.jsonl", "writer": "jsonl"}], assortment=new, gate=NEVER_HELD)
    sizes = []
    for day, code in enumerate("ABCDE"):
        commit(database, a_hat(code), at=NOW + timedelta(days=day))
        sizes.append(assert_as_if_whole(database, settings).exports[0].items)
    assert sizes == [1, 2, 3, 3, 3]


def test_a_change_brings_a_product_into_the_search_of_a_run_that_copies(database: Database, settings: Settings) -> None:
    given(database, a_hat("A"), a_hat("B", fr="Bonnet", en="Cap"))
    search = {"name": [{"operator": "STARTS WITH", "value": "C"}]}
    settings = an_export(settings, assortment={"search": search, "completeness": 20}, gate=NEVER_HELD)
    assert assert_as_if_whole(database, settings).exports[0].items == 2
    commit(database, a_hat("B", fr="Casquette", en="Hat"), a_hat("A", price=None))
    assert_as_if_whole(database, settings)
