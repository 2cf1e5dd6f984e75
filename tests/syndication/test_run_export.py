import csv
import gzip
import json
import time
from pathlib import Path

import pytest

from pim.base.errors import NotFound
from pim.syndication import store
from pim.syndication.approval import approve, reject
from pim.syndication.publication import status
from pim.syndication.report import report
from pim.syndication.run_lock import RunLock
from tests.makers import a_product, commit, given
from tests.syndication.runs import MAPPING, a_hat, an_export, path_of, run, storage_of
from tests.syndication.stopping import stopped


def states(result) -> dict[str, str]:
    return {export.name: export.state for export in result.exports}


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_every_file_of_an_export_shows_the_accepted_items_in_key_order(database, settings):
    given(database, a_hat("B"), a_hat("A"), a_hat("C", price=None))
    result = run(database, an_export(settings))
    assert [line["sku"] for line in lines_of(path_of(result, "fr_FR.jsonl"))] == ["A", "B"]
    rows = list(csv.reader(path_of(result, "en_GB.csv").open()))
    assert rows == [["sku", "name", "price"], ["A", "Hat A", "10.00"], ["B", "Hat B", "10.00"]]


def test_a_file_that_spans_locales_shows_an_item_in_those_that_accepted_it(database, settings):
    given(database, a_hat("A"), a_hat("B", fr="Chapeau"))
    result = run(database, an_export(settings))
    items = json.loads(path_of(result, "all.json").read_bytes())
    assert [sorted(item) for item in items] == [["en_GB", "fr_FR"], ["fr_FR"]]


def test_a_rejected_item_is_reported_with_field_rule_value_and_source(database, settings):
    given(database, a_hat("A"), a_hat("B", price=None))
    settings = an_export(settings)
    run(database, settings)
    with database.session() as session:
        found = report(session, storage_of(settings), "shop")
    rows = [(row["item"], row["locale"], row["field"], row["rule"], row["attribute"]) for row in found["rejected"]]
    assert rows == [("B", locale, "price", "required", "price") for locale in ("en_GB", "fr_FR")]
    assert (found["items"], found["rejected_items"]) == (1, 1)


def test_the_manifest_names_revision_digests_and_every_file(database, settings):
    given(database, a_hat("A"))
    result = run(database, an_export(settings))
    folder = path_of(result, "fr_FR.jsonl").parent
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["revision"] == result.revision
    assert manifest["schema_version"] == "2026-11"
    for file in manifest["files"]:
        assert (folder / file["name"]).stat().st_size == file["bytes"]
        assert gzip.decompress((folder / (file["name"] + ".gz")).read_bytes()) == (folder / file["name"]).read_bytes()


def test_status_tells_where_each_current_feed_is(database, settings):
    given(database, a_hat("A"))
    settings = an_export(settings)
    result = run(database, settings)
    with database.session() as session:
        rows = status(session, storage_of(settings), settings)
    assert [row["file"] for row in rows] == ["all.json", "en_GB.csv", "en_GB.jsonl", "fr_FR.csv", "fr_FR.jsonl"]
    assert rows[2]["path"] == str(path_of(result, "en_GB.jsonl"))
    keys = ["name", "locale", "file", "path", "url", "items", "rejected", "revision", "bytes", "sha256"]
    assert list(rows[0]) == keys


def test_all_exports_of_a_run_show_one_revision(database, settings):
    given(database, a_hat("A"))
    an_export(settings, "other")
    result = run(database, an_export(settings))
    assert states(result) == {"other": "published", "shop": "published"}
    with database.session() as session:
        assert {row.revision for row in store.publications(session)} == {result.revision}


def test_a_second_run_of_the_same_revision_keeps_the_publication(database, settings):
    given(database, a_hat("A"))
    settings = an_export(settings)
    first, second = run(database, settings), run(database, settings)
    assert states(second) == {"shop": "unchanged"}
    assert second.exports[0].number == first.exports[0].number == 1


def test_a_new_revision_makes_a_new_publication_and_the_last_ones_stay(database, settings):
    given(database, a_hat("A"))
    settings = an_export(settings, keep=2)
    for price in ("11.00", "12.00", "13.00"):
        commit(database, a_hat("A", price))
        result = run(database, settings)
    with database.session() as session:
        kept = [(row.number, row.state) for row in store.publications(session)]
    assert kept == [(3, "current"), (2, "kept")]
    assert with_files(path_of(result, "all.json").parents[1]) == ["2", "3"]


def with_files(exports: Path) -> list[str]:
    """Publications of which more is stored than what readers of deltas need."""
    return sorted(folder.name for folder in exports.iterdir() if {path.name for path in folder.iterdir()} != {"past"})


def test_bytes_that_did_not_change_keep_their_date(database, settings):
    given(database, a_hat("A"), a_hat("B"))
    settings = an_export(settings)
    run(database, settings)
    commit(database, a_hat("B", en="Cap", fr="Chapeau B"))
    run(database, settings)
    with database.session() as session:
        new, old = (store.files_of(session, row) for row in store.publications(session))
    assert new["fr_FR.jsonl"].modified == old["fr_FR.jsonl"].modified
    assert new["en_GB.jsonl"].modified > old["en_GB.jsonl"].modified


def test_a_feed_that_shrinks_sharply_waits_for_a_person(database, settings):
    given(database, *(a_hat(f"{number}") for number in range(10)))
    settings = an_export(settings)
    run(database, settings)
    commit(database, *(a_product(f"{number}", enabled=False) for number in range(5)))
    result = run(database, settings)
    assert states(result) == {"shop": "held"}
    assert "`all.json` would shrink from 10 to 5 items (50%; the limit is 20%)" in result.exports[0].message
    with database.session() as session:
        assert store.require_current(session, "shop").number == 1


def test_a_person_may_let_a_held_feed_out_or_throw_it_away(database, settings):
    given(database, *(a_hat(f"{number}") for number in range(10)))
    settings = an_export(settings)
    run(database, settings)
    commit(database, *(a_product(f"{number}", enabled=False) for number in range(5)))
    run(database, settings)
    reject(database, storage_of(settings), "shop")
    with pytest.raises(NotFound, match="`shop` has no publication that waits"):
        approve(database, storage_of(settings), "shop")
    assert states(run(database, settings)) == {"shop": "held"}
    approve(database, storage_of(settings), "shop")
    with database.session() as session:
        assert [(row.number, row.state) for row in store.publications(session)] == [(3, "current"), (1, "kept")]


def test_an_export_without_any_item_is_held_even_the_first_time(database, settings):
    given(database, a_hat("A", price=None))
    result = run(database, an_export(settings))
    assert (states(result), result.exports[0].message) == ({"shop": "held"}, "no item was accepted")


def test_a_feed_without_items_is_left_out_beside_others_that_have_some(database, settings):
    given(database, a_hat("A", fr="Chapeau"))
    result = run(database, an_export(settings))
    assert result.exports[0].left_out == ["en_GB.jsonl", "en_GB.csv"]
    assert [feed.file for feed in result.exports[0].feeds] == ["fr_FR.jsonl", "fr_FR.csv", "all.json"]


def test_what_is_wrong_with_one_export_does_not_stop_the_others(database, settings):
    given(database, a_hat("A"))
    an_export(settings, "lost", channel=["nowhere"])
    an_export(settings, "mute", locales=["de_DE"])
    an_export(settings, "wrong", mapping={**MAPPING, "nonsense": "name"})
    result = run(database, an_export(settings))
    assert states(result) == {"lost": "failed", "mute": "failed", "shop": "published", "wrong": "failed"}
    messages = {export.name: export.message for export in result.exports}
    assert "channel `nowhere`, which this catalogue does not have; known: print, web" in messages["lost"]
    assert "wants de_DE; channel `web` speaks none of them; known: en_GB, fr_FR" in messages["mute"]


def test_an_unknown_export_is_named_with_those_there_are(database, settings):
    with pytest.raises(NotFound, match=r"export `shoop` does not exist in .*; known: shop"):
        run(database, an_export(settings), "shoop")


def test_the_feed_of_a_past_revision_is_kept_apart(database, settings):
    given(database, a_hat("A", "10.00"))
    settings = an_export(settings)
    first = run(database, settings)
    before = path_of(first, "fr_FR.jsonl").read_bytes()
    commit(database, a_hat("A", "12.00"))
    run(database, settings)
    past = run(database, settings, as_of=first.revision)
    assert states(past) == {"shop": "as_of"}
    assert path_of(past, "fr_FR.jsonl").read_bytes() == before
    with database.session() as session:
        assert store.require_current(session, "shop").number == 2


def test_two_runs_never_build_the_same_export_at_once(database, settings):
    given(database, a_hat("A"))
    settings = an_export(settings)
    with RunLock(database) as other:
        assert other.take_export("shop")
        result = run(database, settings)
    assert result.exports[0].state == "failed"
    assert "being built by another run" in result.exports[0].message
    assert states(run(database, settings)) == {"shop": "published"}


def test_a_run_killed_while_publishing_leaves_nothing_the_next_does_not_put_right(database, settings):
    given(database, a_hat("A"), a_hat("B", price=None))
    settings = an_export(settings)
    with stopped(settings, "file stored", 8) as (process, _):
        process.kill()
    with database.session() as session:
        assert store.current_publication(session, "shop") is None
    storage_of(settings).put("exports/shop/1/of-another-definition.xml", b"left by the dead", "application/xml")
    result = once_the_lock_is_free(database, settings)
    assert (result.exports[0].state, result.exports[0].number) == ("published", 1)
    assert states(run(database, settings)) == {"shop": "unchanged"}
    stored = {path.name for path in path_of(result, "all.json").parent.iterdir()}
    assert stored == {"all.json", "all.json.gz", "manifest.json", "records"} | {
        f"{locale}.{kind}{twin}" for locale in ("fr_FR", "en_GB") for kind in ("jsonl", "csv") for twin in ("", ".gz")
    }
    assert not list((settings.home / "tmp").iterdir())


def once_the_lock_is_free(database, settings):
    """PostgreSQL lets go of a dead process's locks a moment after its connection breaks."""
    for _ in range(50):
        result = run(database, settings)
        if result.exports[0].state != "failed":
            return result
        time.sleep(0.1)
    raise AssertionError(result.exports[0].message)
